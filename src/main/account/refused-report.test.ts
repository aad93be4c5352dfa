import { afterEach, expect, test } from 'vitest';
import { mergePurchases, purchaseFacts } from '../../core/charge/purchases.ts';
import { FakeClock } from '../../shared/clock.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { localPurchases } from './local-purchases.ts';

const hourMs = 3_600_000;
let end: () => void = () => undefined;
afterEach(() => end());

/** ¥12.50 that is reported, and the operator refuses the report for as long as it is sent. */
async function refusedReport() {
  const scratch = makeScratchFolder();
  end = scratch.remove;
  const clock = new FakeClock();
  const operator = new StubOperator();
  operator.disputesRefused = 'bad_request';
  const run = () => {
    const network = new FaultyNetwork(clock, operator);
    const cabinet = new Cabinet({ path: `${scratch.path}/kaimen.db`, clock, network });
    cabinet.start();
    return cabinet;
  };
  const cabinet = run();
  const chargeId = cabinet.sell(1, 1250);
  cabinet.dispute(1, chargeId, ['tea']);
  const local = (of: Cabinet) => assertOk(localPurchases(of.store, of.disputes, 'm-1'));
  const told = (of: Cabinet) => {
    const [purchase] = local(of);
    if (purchase === undefined) throw new Error('no purchase');
    return toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, true) });
  };
  await clock.advance(23 * hourMs);
  expect(told(cabinet)).toMatchObject({ report: 'beforePaid', isReportOpen: true, amountMinor: 0 });
  cabinet.changed.length = 0;
  await clock.advance(2 * hourMs);
  return { cabinet, chargeId, told, local, run };
}

const notTaken = { status: 'paid', amountMinor: 1250, report: 'notTaken', isReportOpen: false, when: null };

test('a report that is refused for good is not "being checked": it is said, also after a restart', async () => {
  const { cabinet, chargeId, told, local, run } = await refusedReport();
  expect(told(cabinet)).toMatchObject(notTaken);
  // Whatever is on screen is drawn anew.
  expect(cabinet.changed).toContain(chargeId);
  await cabinet.die();
  const again = run();
  expect(told(again)).toMatchObject(notTaken);
  // It would be refused again: whoever is called can do more.
  const [purchase] = local(again);
  expect(purchase && purchaseFacts(purchase, true).mayDispute).toBe(false);
  await again.die();
});

test('unless the operator has those lines as reported all the same', async () => {
  const { cabinet, local } = await refusedReport();
  const [known] = local(cabinet);
  if (known === undefined) throw new Error('no purchase');
  const merged = (disputed: string[], inReview: boolean) => {
    const [one] = mergePurchases([{ ...known, refused: undefined, disputed, inReview }], [known]);
    if (one === undefined) throw new Error('no purchase');
    return toldMoneyOf({ ...one, ...purchaseFacts(one, true) });
  };
  expect(merged([], false)).toMatchObject(notTaken);
  expect(merged(['tea'], true)).toMatchObject({ report: 'afterPaid', isReportOpen: true });
  await cabinet.die();
});

test('a report that was taken is "being checked" though it is refused for good when it is told again', async () => {
  const scratch = makeScratchFolder();
  end = scratch.remove;
  const clock = new FakeClock();
  const operator = new StubOperator();
  const network = new FaultyNetwork(clock, operator);
  const cabinet = new Cabinet({ path: `${scratch.path}/kaimen.db`, clock, network });
  cabinet.start();
  const chargeId = cabinet.sell(1, 1250);
  await clock.advance(hourMs);
  cabinet.dispute(1, chargeId, ['tea']);
  await clock.advance(hourMs);
  operator.disputesRefused = 'bad_request';
  clock.skip(22 * hourMs);
  await clock.advance(30 * hourMs);
  expect(assertOk(cabinet.disputes.nextDueMs())).toBe(null);
  const [purchase] = assertOk(localPurchases(cabinet.store, cabinet.disputes, 'm-1'));
  if (purchase === undefined) throw new Error('no purchase');
  expect(toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, true) })).toMatchObject({
    report: 'afterPaid',
    isReportOpen: true,
  });
  await cabinet.die();
});

/** The operator says of each report that it does not have such a charge; `days` pass, with ten minutes of each seen. */
async function ofNoCharge(days: number) {
  const scratch = makeScratchFolder();
  end = scratch.remove;
  const clock = new FakeClock();
  const operator = new StubOperator();
  operator.disputesRefused = 'unknown_charge';
  const network = new FaultyNetwork(clock, operator);
  network.faultOf = ({ method }) => (method === 'PUT' ? 'error before' : null);
  const cabinet = new Cabinet({ path: `${scratch.path}/kaimen.db`, clock, network });
  cabinet.start();
  const chargeId = cabinet.sell(1, 1250);
  cabinet.dispute(1, chargeId, ['tea']);
  const pass = async (count: number) => {
    for (let day = 0; day < count; day++) {
      clock.skip(24 * hourMs);
      await clock.advance(600_000);
    }
  };
  await pass(days);
  const refused = () => assertOk(cabinet.disputes.refusedSkusOf(chargeId));
  return { cabinet, chargeId, operator, network, pass, refused };
}

test('a report waits for weeks for a charge that has not arrived yet', async () => {
  const { cabinet, chargeId, operator, network, pass, refused } = await ofNoCharge(28);
  expect(refused()).toEqual([]);
  network.faultOf = () => null;
  await pass(1);
  expect(operator.arrived.has(chargeId)).toBe(true);
  expect([...operator.disputes.values()]).toEqual([{ chargeId, skus: ['tea'] }]);
  expect(refused()).toEqual([]);
  await cabinet.die();
});

test('a report about a charge that the operator never has is told as not taken, to staff as well', async () => {
  const { cabinet, chargeId, refused } = await ofNoCharge(31);
  expect(refused()).toEqual(['tea']);
  expect(cabinet.changed).toContain(chargeId);
  expect(cabinet.told).toContainEqual(expect.stringMatching(/^dispute_given_up: .*operator.unknown_charge$/));
  await cabinet.die();
});
