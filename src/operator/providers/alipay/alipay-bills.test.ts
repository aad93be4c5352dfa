import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import { chargeBody } from '../../../testkit/operator/cabinet.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import type { Day } from '../../reconciliation/bill.ts';
import { dayOf } from '../../reconciliation/bill.ts';
import { Reconciliation } from '../../reconciliation/reconciliation.ts';
import { charge, providerOrder } from '../../storage/schema.ts';
import { StoredOrders } from '../provider-orders.ts';
import { alipayBills } from './alipay-bills.ts';
import { downloadBill } from './bill-download.ts';
import { alipayRecordSchema } from './known-order.ts';
import { billOf } from './test-server/bills.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { bills: served, faults, book } = rig.server;
const beijingMs = 8 * 3_600_000;
const day = dayOf(rig.clock.nowMs(), beijingMs);

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  served.none.clear();
  Object.assign(served, { file: null, address: null });
  book.movements.length = 0;
});

onStorage('Alipay’s bill', (harness) => {
  const source = (bytesMax = 100_000) => {
    const { config, clock } = rig;
    return alipayBills({ db: harness().db, config, clock, logger: silentLogger, bytesMax });
  };
  const adapter = () =>
    rig.adapter({}, { orders: new StoredOrders(harness().db, rig.clock, 'alipay', alipayRecordSchema) });
  const never = new AbortController().signal;
  const fetchDay = (which: Day = day, bytesMax = 100_000) => source(bytesMax).fetch(which, never);
  const failed = (code: string) => ({ ok: false, error: { code } });

  it('is fetched where the signed answer says, and its lines are led back to our orders', async () => {
    const order = rig.newOrder();
    const { orderId } = order;
    await adapter().debit(order);
    await adapter().refund({
      orderId,
      refundId: `${orderId}R1`,
      amountMinor: 350,
      currency: 'CNY',
      reason: '少收',
    });
    const other = book.movements.map((one) => ({
      ...one,
      creditOrderNo: 'ZMCB-OTHER',
      tradeNo: '2026-other',
    }));
    book.movements.push(other[0]!);
    const { no: tradeNo } = book.tradeOf(orderId);
    const atMs = rig.clock.nowMs();
    const common = { currency: 'CNY', atMs: Math.floor(atMs / 1_000) * 1_000 };
    expect(await fetchDay()).toEqual({
      ok: true,
      value: {
        lines: [
          { kind: 'payment', orderId, ref: tradeNo, amountMinor: 1_050, ...common },
          { kind: 'refund', orderId, ref: `${tradeNo} ${orderId}R1`, amountMinor: 350, ...common },
          { kind: 'payment', orderId: 'ZMCB-OTHER', ref: '2026-other', amountMinor: 1_050, ...common },
        ],
      },
    });
  });

  it('is compared with our charges', async () => {
    const operator = harness();
    const visit = await operator.visit();
    const { chargeId } = visit;
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)), 50);
    await operator.untilState(chargeId, 'paid', 60_000);
    await adapter().debit(rig.newOrder({ orderId: chargeId, amountMinor: 1_200, lines: [] }));
    const change = { provider: 'alipay', paidAtMs: rig.clock.nowMs() };
    await operator.db.update(charge).set(change).where(eq(charge.chargeId, chargeId));
    const parts = { db: operator.db, clock: operator.clock, logger: silentLogger };
    const reconciliation = new Reconciliation({ ...parts, sources: [source()] });
    expect(await reconciliation.runDay(source(), day, never)).toMatchObject({
      ok: true,
      value: {
        merchant: rig.config.sellerId,
        lineCount: 1,
        differences: [{ kind: 'other_amount', orderId: chargeId, hereMinor: 1_300, thereMinor: 1_200 }],
      },
    });
  });

  it('the number there is known whoever writes what is remembered', async () => {
    const order = rig.newOrder();
    await adapter().debit(order);
    const [row] = await harness().db.select().from(providerOrder);
    expect(row?.theirNumber).toBe(book.movements[0]?.creditOrderNo);
    await harness()
      .db.insert(providerOrder)
      .values({ orderId: 'K', provider: 'wechat', known: '{}', beganAtMs: 1, changedAtMs: 1 });
    const [other] = await harness().db.select().from(providerOrder).where(eq(providerOrder.orderId, 'K'));
    expect(other?.theirNumber).toBe(null);
  });

  it('of an idle day there is none; what cannot be had comes later, half a file is damaged', async () => {
    served.none.add(day);
    expect(await fetchDay()).toEqual({ ok: true, value: { lines: [] } });
    served.none.clear();
    for (const fault of [{ kind: 'drop' }, { kind: 'altered' }, { kind: 'page', status: 429 }] as const) {
      faults.next('billUrl', fault);
      expect(await fetchDay()).toMatchObject(failed('bill_not_ready'));
    }
    await adapter().debit(rig.newOrder());
    expect(await fetchDay(day, 100)).toMatchObject(failed('bill_too_large'));
    const whole = billOf(book.movements, day);
    for (const file of [whole.subarray(0, 200), Buffer.from('<html>系统维护中</html>')]) {
      served.file = file;
      expect(await fetchDay()).toMatchObject(failed('bill_damaged'));
    }
    served.file = null;
    served.address = 'http://127.0.0.1:9/file';
    expect(await fetchDay()).toMatchObject(failed('bill_not_ready'));
    faults.next('billUrl', { kind: 'answer_with', fields: { bill_download_url: 7 } });
    expect(await fetchDay()).toMatchObject(failed('bill_damaged'));
  });
});

describe('a file', () => {
  const gatewayUrl = 'https://openapi.alipay.com/gateway.do';
  it.each([
    'http://10.0.0.7/file',
    'https://dwbillcenter.alipay.com.example.net/file',
    'https://user@dwbillcenter.alipay.com/file',
    'https://dwbillcenter.alipay.com:8443/file',
    'file:///etc/passwd',
  ])('at %s is not asked for', async (address) => {
    const got = await downloadBill(new FakeClock(), { gatewayUrl }, address, 100);
    expect(got).toMatchObject({ ok: false, error: { message: 'a file at another address than Alipay’s' } });
  });
});
