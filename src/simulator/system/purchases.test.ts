import { expect, test, vi } from 'vitest';
import type { AccountAction, AccountView } from '../../shared/model/face-view.schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** "My purchases" with the real operator, kiosk and network. One test after the other. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

function shown(harness: CabinetHarness): AccountView | null {
  const { visit } = harness.snapshot();
  return visit.screen === 'account' ? visit.account : null;
}
function act(harness: CabinetHarness, action: AccountAction): void {
  expect(harness.process.kiosk.account.act(action)).toEqual({ ok: true, value: null });
}
function detail(harness: CabinetHarness) {
  const view = shown(harness);
  if (view === null || !('purchase' in view)) throw new Error(`no purchase on screen\n${harness.eventLog()}`);
  return view.purchase;
}

/** Takes a can and leaves; the account is empty. */
async function buyOnDebt(harness: CabinetHarness): Promise<void> {
  await operator.provider({ mode: 'decline' });
  await harness.enter('M1002');
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
  await harness.confirmAndLeave();
  await harness.waitState('attract');
  await harness.until('collecting', () => harness.localCharges()[0]?.state === 'collecting');
}
async function openAccount(harness: CabinetHarness, memberId: string): Promise<void> {
  await harness.waitState('attract');
  await harness.until('online', () => harness.snapshot().online);
  expect(harness.process.kiosk.account.choose().ok).toBe(true);
  await harness.shopper.present(memberId);
  await harness.waitState('account');
}

test('what is not paid is seen, with its reason, reported, paid; no door opens; debited once', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await buyOnDebt(harness);
    const [charge] = harness.localCharges();
    const releases = harness.releaseCount;
    await openAccount(harness, 'M1002');
    expect(shown(harness)).toMatchObject({ phase: 'menu', face: null });
    act(harness, { do: 'purchases' });
    await harness.until('told', () => {
      const view = shown(harness);
      return view?.phase === 'purchases' && view.list === 'complete';
    });
    const { chargeId = '' } = charge ?? {};
    expect(shown(harness)).toMatchObject({
      rows: [
        { chargeId, status: 'collecting', reason: 'account.insufficient_funds', when: 'when_shopper_pays' },
      ],
    });
    act(harness, { do: 'purchase', chargeId });
    expect(detail(harness)).toMatchObject({
      ...{ reason: 'account.insufficient_funds', here: true, mayPay: true },
      lines: [{ sku: 'cola-can', picture: 'cola-can' }],
    });
    act(harness, { do: 'pay' });
    const view = shown(harness);
    if (view?.phase !== 'pay') throw new Error('no QR');
    // Paid while the list is up, without another touch.
    act(harness, { do: 'purchases' });
    expect(await operator.pay(view.payUrl)).toBe(true);
    await harness.until('paid in the list', () => {
      const list = shown(harness);
      return list?.phase === 'purchases' && list.rows[0]?.status === 'paid';
    });
    act(harness, { do: 'purchase', chargeId });
    expect(detail(harness)).toMatchObject({ status: 'paid', mayPay: false });
    // Paid, and then reported from here: the operator hears it, and a human pays back.
    expect(harness.process.kiosk.disputes.dispute(chargeId as never, ['cola-can'])).toMatchObject({
      ok: true,
    });
    expect(detail(harness)).toMatchObject({ disputed: ['cola-can'], mayDispute: false });
    harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
    await operator.provider({ mode: 'ok', retryNow: true });
    await harness.waitState('attract');
    await harness.waitSettled();
    expect(harness.releaseCount).toBe(releases);
    await harness.untilCharges('the report has arrived', ([first]) => first?.review === true);
    expect(await harness.charges()).toMatchObject([{ chargeId, state: 'paid', debitCount: 1 }]);
    expect(await harness.audit()).toEqual([]);
  } finally {
    await operator.provider({ mode: 'ok', retryNow: true });
    await harness.close();
  }
});

test('the network goes after the code: what this cabinet knows is there, and all of it when it is back', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await operator.fault({ mode: 'hang', path: '/v1/purchases', count: 1 });
    await openAccount(harness, 'M1002');
    act(harness, { do: 'purchases' });
    expect(shown(harness)).toMatchObject({ phase: 'purchases', list: 'loading', rows: [] });
    await harness.until('given up', () => {
      const view = shown(harness);
      return view?.phase === 'purchases' && view.list === 'network';
    });
    act(harness, { do: 'purchases' });
    // Bought at the other cabinet, in the test before.
    await harness.until('told', () => {
      const view = shown(harness);
      return view?.phase === 'purchases' && view.list === 'complete' && view.rows.length === 1;
    });
    const view = shown(harness);
    if (view?.phase === 'purchases') act(harness, { do: 'purchase', chargeId: view.rows[0]?.chargeId ?? '' });
    expect(detail(harness)).toMatchObject({ here: false, mayDispute: false, disputed: ['cola-can'] });
    harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
    await harness.waitState('attract');
    expect(shown(harness)).toBeNull();
  } finally {
    await operator.fault({ mode: 'none' });
    await harness.close();
  }
});
