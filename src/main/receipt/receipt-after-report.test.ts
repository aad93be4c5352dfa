import { afterEach, expect, test } from 'vitest';
import { ChargeStore } from '../charges/charge-store.ts';
import { DisputeStore } from '../charges/dispute-store.ts';
import { PurchaseHistory } from '../account/purchase-history.ts';
import { ReceiptService } from './receipt-service.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { fail } from '../../shared/result.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';

let end: () => void = () => undefined;
afterEach(() => end());

/** ¥12.00; tea (¥5.00) is reported on the receipt before the debit; the operator debits the rest, ¥7.00. */
function reportedThenPaid() {
  const scratch = makeScratchFolder();
  const clock = new FakeClock();
  const db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  end = () => {
    db.close();
    scratch.remove();
  };
  const charges = new ChargeStore(db, testLog(db), clock, clock);
  const disputes = new DisputeStore(db, testLog(db), clock, clock);
  const sold = sale(1, 500, clock.nowMs());
  const tea = sold.body.lines[0];
  if (tea === undefined) throw new Error('a line');
  const cola = {
    sku: 'cola',
    name: { zh: '可乐', en: 'Cola' },
    unitPriceMinor: minor(700),
    count: 1,
    amountMinor: minor(700),
  };
  const body = { ...sold.body, lines: [cola, tea], totalMinor: minor(1200) };
  const { chargeId, visitId, memberId, cabinetId, currency } = body;
  assertOk(charges.open({ chargeId, visitId, memberId, memberDisplay: '王*', cabinetId, currency }));
  assertOk(charges.finalise(chargeId, body));
  assertOk(disputes.add(chargeId, makeDisputeId(clock.nowMs(), new Uint8Array(10)), ['tea']));
  const pay = (): void => {
    assertOk(charges.markSubmitting(chargeId));
    assertOk(
      charges.recordOutcome(
        chargeId,
        { type: 'reply', state: 'paid', totalMinor: minor(700), reason: null },
        null,
      ),
    );
    expect(assertOk(charges.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 700 });
  };
  const receipts = new ReceiptService({
    charges,
    disputes,
    pictureOf: () => '',
    operatorNowMs: () => clock.nowMs(),
  });
  const receipt = () =>
    receipts.receiptOf(
      visitAt('receipt', {
        chargeId,
        closedAtMs: 5,
        bill: { lines: body.lines, heldLines: [], totalMinor: body.totalMinor, review: [] },
      }),
    );
  const history = new PurchaseHistory({
    client: { purchases: () => Promise.resolve(fail('network.timeout', 'x')) },
    charges,
    disputes,
    drafts: { skusOf: () => [] },
    clock,
    cabinetId,
    pictureOf: () => '',
    logger: { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 },
    onChange: () => undefined,
    onActive: () => undefined,
  });
  return { pay, receipt, history, chargeId, memberId };
}

test('after the debit the receipt tells what was debited, not what was billed', () => {
  const { pay, receipt } = reportedThenPaid();
  pay();
  expect(receipt()).toMatchObject({ status: 'paid', billedMinor: 700, totalMinor: 1200, disputed: ['tea'] });
});

test('before the debit the receipt does not count what was reported to what is charged', () => {
  const { receipt } = reportedThenPaid();
  expect(receipt()).toMatchObject({ billedMinor: 700, totalMinor: 1200, disputed: ['tea'] });
});

test.each([false, true])('"my purchases" likewise; debited: %s', (isPaid) => {
  const { pay, history, chargeId, memberId } = reportedThenPaid();
  if (isPaid) pay();
  history.onVisitChanged(visitAt('account', { member: { memberId, display: '王*' } }));
  history.act({ do: 'purchases' });
  expect(history.view()).toMatchObject({ rows: [{ billedMinor: 700 }] });
  history.act({ do: 'purchase', chargeId });
  expect(history.view()).toMatchObject({ purchase: { billedMinor: 700, totalMinor: 1200 } });
});
