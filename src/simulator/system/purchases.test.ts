import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AccountAction, AccountView } from '../../shared/model/face-view.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** "My purchases" with the real operator, kiosk and network, on a cabinet without faces. One test after the other. */
vi.setConfig({ testTimeout: 120_000 });
const clock = new SteppedClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

function shown(rig: CabinetRig): AccountView | null {
  const { visit } = rig.snapshot();
  return visit.screen === 'account' ? visit.account : null;
}
function act(rig: CabinetRig, action: AccountAction): void {
  expect(rig.process.kiosk.account.act(action)).toEqual({ ok: true, value: null });
}
const phase = (rig: CabinetRig, wanted: AccountView['phase']): Promise<void> =>
  rig.until(wanted, () => shown(rig)?.phase === wanted);
function detail(rig: CabinetRig) {
  const view = shown(rig);
  if (view === null || !('purchase' in view)) throw new Error(`no purchase on screen\n${rig.story()}`);
  return view.purchase;
}

/** Takes a can and leaves; the account is empty. */
async function buyOnDebt(rig: CabinetRig): Promise<void> {
  await operator.provider({ mode: 'decline' });
  await rig.enter('M1002');
  rig.shopper.take('cola-can');
  await rig.basketShows(rig.priceOf('cola-can'));
  await rig.confirmAndLeave();
  await rig.waitState('attract');
  await rig.until('collecting', () => rig.localCharges()[0]?.state === 'collecting');
}
async function openAccount(rig: CabinetRig, memberId: string): Promise<void> {
  await rig.waitState('attract');
  await rig.until('online', () => rig.snapshot().online);
  expect(rig.process.kiosk.chooseAccount().ok).toBe(true);
  await rig.shopper.present(memberId);
  await rig.waitState('account');
}

test('what is not paid is seen, with its reason, reported and paid; no door opens, and it is debited once', async () => {
  const rig = await CabinetRig.open(operator);
  try {
    await buyOnDebt(rig);
    const [charge] = rig.localCharges();
    const releases = rig.releaseCount;
    await openAccount(rig, 'M1002');
    expect(shown(rig)).toMatchObject({ phase: 'menu', face: null });
    act(rig, { do: 'purchases' });
    await rig.until('told', () => {
      const view = shown(rig);
      return view?.phase === 'purchases' && view.list === 'complete';
    });
    const { chargeId = '' } = charge ?? {};
    expect(shown(rig)).toMatchObject({ rows: [{ chargeId, status: 'collecting', itemCount: 1 }] });
    act(rig, { do: 'purchase', chargeId });
    expect(detail(rig)).toMatchObject({
      ...{ reason: 'account.insufficient_funds', actor: 'shopper', here: true, mayPay: true },
      lines: [{ sku: 'cola-can', picture: 'cola-can' }],
    });
    act(rig, { do: 'pay' });
    const view = shown(rig);
    if (view?.phase !== 'pay') throw new Error('no QR');
    expect(await (await fetch(view.payUrl, { method: 'POST' })).json()).toEqual({ paid: true });
    await phase(rig, 'purchase');
    expect(detail(rig)).toMatchObject({ status: 'paid', actor: 'nobody', mayPay: false });
    // Paid, and then reported from here: the operator hears it, and a human pays back.
    expect(rig.process.kiosk.disputeCharge(chargeId as never, ['cola-can'])).toMatchObject({ ok: true });
    expect(detail(rig)).toMatchObject({ disputed: ['cola-can'], actor: 'operator', mayDispute: false });
    rig.process.kiosk.runner.dispatch({ type: 'cancel' });
    await operator.provider({ mode: 'ok', retryNow: true });
    await rig.waitState('attract');
    await rig.settled();
    expect(rig.releaseCount).toBe(releases);
    expect(await rig.charges()).toMatchObject([{ chargeId, state: 'paid', debitCount: 1, review: true }]);
    expect(await rig.audit()).toEqual([]);
  } finally {
    await operator.provider({ mode: 'ok', retryNow: true });
    await rig.close();
  }
});

test('the network goes after the code: what this cabinet knows is there, and all of it when it is back', async () => {
  const rig = await CabinetRig.open(operator);
  try {
    await operator.fault({ mode: 'hang', path: '/v1/purchases', count: 1 });
    await openAccount(rig, 'M1002');
    act(rig, { do: 'purchases' });
    expect(shown(rig)).toMatchObject({ phase: 'purchases', list: 'loading', rows: [] });
    await rig.until('given up', () => {
      const view = shown(rig);
      return view?.phase === 'purchases' && view.list === 'network';
    });
    act(rig, { do: 'purchases' });
    // Bought at the other cabinet, in the test before.
    await rig.until('told', () => {
      const view = shown(rig);
      return view?.phase === 'purchases' && view.list === 'complete' && view.rows.length === 1;
    });
    const view = shown(rig);
    if (view?.phase === 'purchases') act(rig, { do: 'purchase', chargeId: view.rows[0]?.chargeId ?? '' });
    expect(detail(rig)).toMatchObject({ here: false, mayDispute: false, disputed: ['cola-can'] });
    rig.process.kiosk.runner.dispatch({ type: 'cancel' });
    await rig.waitState('attract');
    expect(shown(rig)).toBeNull();
  } finally {
    await operator.fault({ mode: 'none' });
    await rig.close();
  }
});
