import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import { sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../testkit/operator/counted-provider.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import type { BillLine, BillSource, Day } from '../reconciliation/bill.ts';
import { addDays, dayOf } from '../reconciliation/bill.ts';
import { Reconciliation } from '../reconciliation/reconciliation.ts';
import { makeBillSources } from '../reconciliation/sources.ts';
import { charge, debitAttempt, member, providerOrder, visitOrder } from '../storage/schema.ts';
import { makeProviders } from './load-providers.ts';
import { nothingOpenElsewhere } from './missing-merchants.ts';
import { StoredAccounts } from './provider-accounts.ts';
import { StoredOrders } from './provider-orders.ts';
import { knownOrderSchema } from './wechat/known-order.ts';
import { Rig } from './wechat/test-server/rig.ts';
import type { Signed } from './wechat/test-server/wire.ts';
import { makeKeyPair } from './wechat/test-server/wire.ts';

const memberId = 'M1001';
const newKeyId = 'PUB_KEY_ID_0000000000000000000000000002';
const [oldKeyId, oldKey, newKey] = ['PUB_KEY_ID_0000000000000000000000000001', makeKeyPair(), makeKeyPair()];
/** Two merchants of one provider. Nothing but their numbers tells them apart: same service, same keys of their own. */
const rigs = { wechat: new Rig(), 'wechat:shanghai': new Rig({ mchid: '1900000110' }) };
type Id = keyof typeof rigs;
const ids = ['wechat', 'wechat:shanghai'] as const;
const [here, there] = ids;
/** Its keys at WeChat are about to be changed. */
const turning = new Rig({ mchid: '1900000111', keys: { [oldKeyId]: oldKey, [newKeyId]: newKey } });

beforeAll(() => Promise.all([...Object.values(rigs), turning].map((rig) => rig.start())));
afterAll(() => Promise.all([...Object.values(rigs), turning].map((rig) => rig.stop())));

onStorage('several merchants of one provider', (harness) => {
  let operator: OperatorHarness;
  let isQuiet: () => boolean;
  /** The operator with these merchants in its file. */
  const restart = (names: readonly Id[]): void => {
    const { db } = harness();
    const counted = names.map((name) => {
      const orders = new StoredOrders(db, rigs[name].clock, name, knownOrderSchema);
      const accounts = new StoredAccounts(db, rigs[name].clock, name);
      return countedProvider(rigs[name].adapter({}, { name, orders, accounts }));
    });
    isQuiet = () => counted.every((one) => one.isQuiet());
    operator = harness().restarted({ realProviders: counted.map(({ provider }) => provider) });
  };
  beforeEach(async () => {
    for (const { server } of Object.values(rigs)) {
      server.faults.clear();
      server.book.movements.length = 0;
      server.asked.length = 0;
    }
    await harness().close();
    restart(ids);
    for (const id of ids)
      await new StoredAccounts(operator.db, operator.clock, id).put({
        ...{ memberId, account: `openid-at-${id}`, agreement: 'valid' },
      });
  });

  const paysAt = (provider: Id) =>
    operator.db.update(member).set({ provider }).where(eq(member.memberId, memberId));
  const comes = async (): Promise<{ of: Visit; reply: AuthoriseReply }> => {
    const nowMs = operator.clock.nowMs();
    const named = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const body = { ...named, code: operator.code() };
    const answer = await operator.send('POST', '/v1/visits/authorise', body);
    const of = { ...named, cabinetId: operator.cabinet.cabinetId, memberId };
    return { of, reply: authoriseReplySchema.parse(answer.body) };
  };
  const letIn = async (): Promise<Visit> => {
    const { of, reply } = await comes();
    expect(reply).toMatchObject({ decision: 'allowed' });
    return of;
  };
  const buys = async (of: Visit): Promise<void> => {
    await operator.during(operator.send('PUT', `/v1/charges/${of.chargeId}`, chargeBody(of)));
    await until('all calls are answered', isQuiet);
    await operator.pass(1, 1);
  };
  const untilSo = async (check: () => Promise<boolean>): Promise<void> => {
    for (let leftS = 120; ; leftS--) {
      await until('all calls are answered', isQuiet);
      await operator.pass(1, 1);
      if (await check()) return;
      expect(leftS).toBeGreaterThan(0);
      await operator.pass(1_000, 1_000);
    }
  };
  const untilPaid = ({ chargeId }: Visit) =>
    untilSo(async () => (await operator.chargeRow(chargeId)).state === 'paid');
  const movedAt = ({ chargeId }: Visit) => ids.map((id) => rigs[id].server.book.movedMinor(chargeId));
  const notify = async (id: Id, { headers, body }: Signed): Promise<number> => {
    const at = { method: 'POST', url: `/v1/notices/${id}`, headers, payload: body } as const;
    return (await operator.operator.noticeApi.inject(at)).statusCode;
  };

  it('a charge is debited where its member has the agreement, and is that merchant’s in all that is kept', async () => {
    for (const id of ids) {
      await paysAt(id);
      const of = await letIn();
      await buys(of);
      await untilPaid(of);
      expect(movedAt(of)).toEqual(id === here ? [1_300, 0] : [0, 1_300]);
      const attempts = await operator.db
        .select()
        .from(debitAttempt)
        .where(eq(debitAttempt.chargeId, of.chargeId));
      expect(new Set(attempts.map(({ provider }) => provider))).toEqual(new Set([id]));
      expect(await operator.chargeRow(of.chargeId)).toMatchObject({ provider: id });
    }
    await operator.close();
  });

  it('notices of both at once, each also at the other’s address: only that of its merchant counts', async () => {
    await paysAt(there);
    const of = await letIn();
    rigs[there].server.faults.next('complete', { kind: 'answer_lost' });
    rigs[there].server.faults.next('query', { kind: 'drop' }, Number.POSITIVE_INFINITY);
    await buys(of);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    // The other merchant has an order under the same number, of another sum.
    const { server } = rigs[there];
    const own = () => server.paid(of.chargeId);
    const foreign = () =>
      rigs[here].server.notice('PAYSCORE.USER_PAID', {
        ...{ ...server.book.show(of.chargeId), mchid: rigs[here].config.mchid, total_amount: 1 },
      });
    const refused = await Promise.all([
      ...[notify(here, own()), notify(there, foreign()), notify(here, foreign())],
      ...[notify(here, own()), notify(there, foreign())],
    ]);
    expect(refused).toEqual([500, 500, 500, 500, 500]);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    const all = await Promise.all([
      ...[notify(there, foreign()), notify(there, own()), notify(here, foreign())],
      ...[notify(there, own()), notify(here, own())],
    ]);
    expect(all).toEqual([500, 200, 500, 200, 500]);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1_300 });
    expect(movedAt(of)).toEqual([0, 1_300]);
    await operator.close();
  });

  it('whose member pays at another merchant since the door: debited there, and the first order is closed', async () => {
    await paysAt(here);
    const of = await letIn();
    await paysAt(there);
    await buys(of);
    await untilPaid(of);
    expect(movedAt(of)).toEqual([0, 1_300]);
    await untilSo(async () => {
      const [row] = await operator.db.select().from(visitOrder).where(eq(visitOrder.orderId, of.chargeId));
      return row?.state === 'closed';
    });
    expect(rigs[here].server.book.show(of.chargeId)['state']).toBe('REVOKED');
    await operator.close();
  });

  it('a charge in doubt stays with its merchant, whoever its member pays at by then', async () => {
    await paysAt(here);
    const of = await letIn();
    rigs[here].server.faults.next('complete', { kind: 'answer_lost' });
    await operator.during(operator.send('PUT', `/v1/charges/${of.chargeId}`, chargeBody(of)));
    await paysAt(there);
    await untilPaid(of);
    expect(movedAt(of)).toEqual([1_300, 0]);
    expect(rigs[there].server.asked).toEqual([]);
    await operator.close();
  });

  it('after a restore that knows the member at another merchant: what one has debited, no other debits', async () => {
    await paysAt(here);
    const of = await letIn();
    // What that merchant has debited since the backup, nobody here knows of.
    rigs[there].accounts.put(memberId, 'openid-of-before');
    const nowMs = rigs[there].clock.nowMs();
    const lost = { orderId: of.chargeId, memberId, amountMinor: 1_300, currency: 'CNY', cabinetId: 'CAB-1' };
    const request = { ...lost, openedAtMs: nowMs - 60_000, closedAtMs: nowMs - 5_000, lines: [] };
    expect(await rigs[there].adapter().debit(request)).toMatchObject({ kind: 'paid' });
    const path = `/v1/charges/${of.chargeId}`;
    const before = { [sentBeforeHeader]: '-' };
    await operator.during(operator.send('PUT', path, chargeBody(of), operator.cabinet, before));
    for (let minutes = 0; minutes < 25; minutes += 5) {
      await operator.pass(5 * 60_000, 60_000);
      await until('all calls are answered', isQuiet);
    }
    expect(movedAt(of)).toEqual([0, 1_300]);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ inDoubt: true, provider: here });
    // People look there, and say what they have found.
    const said = { by: 'anna', decision: 'debited', amountMinor: 1_300 };
    const resolve = `/dev/charges/${of.chargeId}/resolve`;
    await operator.operator.developmentApi?.inject({ method: 'POST', url: resolve, payload: said });
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1_300 });
    await operator.close();
  });

  it('taken out of the file while something is open: nothing starts, and its doors stay shut', async () => {
    await paysAt(there);
    const of = await letIn();
    const without = [here];
    expect(await nothingOpenElsewhere(operator.db, without)).toMatchObject({
      ok: false,
      error: {
        code: 'merchant_missing',
        message: expect.stringContaining('wechat:shanghai: 1 orders') as string,
      },
    });
    const { faults } = rigs[there].server;
    faults.next('complete', { kind: 'answer_lost' });
    faults.next('query', { kind: 'drop' }, Number.POSITIVE_INFINITY);
    await buys(of);
    expect(await nothingOpenElsewhere(operator.db, without)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('wechat:shanghai: 1 charges') as string },
    });
    expect(await nothingOpenElsewhere(operator.db, ids)).toMatchObject({ ok: true });
    faults.clear();
    await untilPaid(of);
    expect(await nothingOpenElsewhere(operator.db, without)).toMatchObject({ ok: true });
    await operator.close();
    restart([here]);
    expect((await comes()).reply).toEqual({ decision: 'refused', reason: 'system.provider_error' });
    await operator.close();
  });

  it('each has bills of its own, in which the other’s charges are none', async () => {
    const paid: Visit[] = [];
    for (const id of ids) {
      await paysAt(id);
      const of = await letIn();
      await buys(of);
      await untilPaid(of);
      paid.push(of);
    }
    const [first, second] = paid.map(({ chargeId }) => chargeId);
    const { db, clock } = operator;
    await operator.close();
    // Noon of its day, so that no border is near.
    const noonMs = Date.parse(`${dayOf(clock.nowMs(), 0)}T12:00:00Z`);
    await db.update(charge).set({ paidAtMs: noonMs });
    const day = dayOf(noonMs, 0);
    const source = (provider: Id, orders: readonly (string | undefined)[]): BillSource => ({
      ...{ provider, merchant: rigs[provider].config.mchid, offsetMs: 0, readyAfterMs: 0 },
      fetch: (asked: Day) => {
        const lines = orders.map((orderId = ''): BillLine => ({
          ...{ kind: 'payment', orderId, ref: orderId, amountMinor: 1_300, currency: 'CNY', atMs: noonMs },
        }));
        return Promise.resolve({ ok: true, value: { lines: asked === day ? lines : [] } });
      },
    });
    const compare = async (of: BillSource) => {
      const runs = new Reconciliation({ db, clock, logger: silentLogger, sources: [of] });
      for (const one of [addDays(day, -1), addDays(day, 1)])
        await runs.runDay(of, one, new AbortController().signal);
      const report = await runs.runDay(of, day, new AbortController().signal);
      return report.ok
        ? report.value.differences.map(({ kind, cause, orderId }) => [kind, cause, orderId])
        : null;
    };
    expect(await compare(source(here, [first]))).toEqual([]);
    expect(await compare(source(there, [second]))).toEqual([]);
    expect(await compare(source(there, [second, first]))).toEqual([
      ['paid_there_not_here', 'other_provider_here', first],
    ]);
    expect(await compare(source(there, []))).toEqual([['paid_here_not_there', 'not_in_bill', second]]);
  });

  it('stand in the file under their ids, and so have adapters and bills', async () => {
    const { db, clock } = operator;
    const config = { wechat: rigs[here].config, 'wechat:shanghai': rigs[there].config };
    const parts = { db, clock, logger: silentLogger };
    expect(makeProviders(config, parts).map(({ name }) => name)).toEqual([...ids]);
    expect(makeBillSources(config, parts).map(({ provider, merchant }) => [provider, merchant])).toEqual([
      ['fake', 'fake'],
      ...ids.map((id) => [id, rigs[id].config.mchid]),
    ]);
    await operator.close();
  });

  it('Alipay’s number of an order leads back to it at whichever merchant, for that one’s bill', async () => {
    const { db, clock } = operator;
    const orders = [];
    for (const [name, creditOrderNo] of [
      ['alipay', 'ZMCB1'],
      ['alipay:cafe', 'ZMCB2'],
    ] as const) {
      const record = z.object({ creditOrderNo: z.string() });
      await new StoredOrders(db, clock, name, record).change('KM1', () => ({ creditOrderNo }));
      const isTheirs = eq(providerOrder.provider, name);
      orders.push(
        ...(await db.select({ no: providerOrder.theirNumber }).from(providerOrder).where(isTheirs)),
      );
    }
    expect(orders).toEqual([{ no: 'ZMCB1' }, { no: 'ZMCB2' }]);
    await operator.close();
  });
});

it('the keys of one are changed while those of the other stay', async () => {
  const pem = (keyId: string, { publicPem }: { publicPem: string }) => ({ [keyId]: publicPem });
  const [before, during, after] = [
    turning.adapter({ platformKeys: pem(oldKeyId, oldKey) }),
    turning.adapter({ platformKeys: { ...pem(newKeyId, newKey), ...pem(oldKeyId, oldKey) } }),
    turning.adapter({ platformKeys: pem(newKeyId, newKey) }),
  ];
  const other = rigs[here];
  other.server.faults.clear();
  const told = (keyId: string, rig = turning) => {
    const resource = { ...{ mchid: rig.config.mchid, service_id: 'another', out_order_no: 'X' } };
    const { headers, body } = rig.server.notice('PAYSCORE.USER_PAID', resource, { keyId });
    return { headers, body: Buffer.from(body) };
  };
  for (const [adapter, oldKind, newKind] of [
    [before, 'other', 'refused'],
    [during, 'other', 'other'],
    [after, 'refused', 'other'],
  ] as const) {
    const order = turning.newOrder();
    expect(await adapter.debit(order)).toEqual({ kind: 'paid', amountMinor: order.amountMinor });
    expect(await adapter.receive(told(oldKeyId))).toMatchObject({ kind: oldKind });
    expect(await adapter.receive(told(newKeyId))).toMatchObject({ kind: newKind });
    const otherOrder = other.newOrder();
    expect(await other.adapter().debit(otherOrder)).toMatchObject({ kind: 'paid' });
    for (const keyId of [oldKeyId, newKeyId])
      expect(await other.adapter().receive(told(keyId))).toMatchObject({ kind: 'refused' });
  }
});
