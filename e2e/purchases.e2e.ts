import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/simulator/run/app-harness.ts';

/** "My purchases" in the real app: a debt, why it is one, paying it with a phone, and a report from there. */
let harness: AppHarness;

test.beforeAll(async () => {
  harness = await AppHarness.open();
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

test('a declined purchase stands there with its reason, is paid with a phone, and is debited once', async () => {
  const decline = { mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 };
  await harness.operator('provider', decline);
  await harness.enterByCode();
  await harness.take('cola-can');
  await expect(harness.window.getByTestId('basket-total')).toContainText('3.50');
  await harness.tap('action-confirm');
  await harness.shut();
  await harness.waitScreen('receipt');
  await expect(harness.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'collecting');
  await harness.tap('action-finish');

  await harness.openAccount();
  await harness.tap('action-purchases');
  await harness.waitFacePhase('purchases', 5000);
  const [charge] = await harness.charges();
  await harness.tap(`purchase-${charge!.chargeId}`);
  await harness.waitFacePhase('purchase', 5000);
  await expect(harness.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'collecting');
  await harness.tap('action-pay');
  const { payUrl } = await harness.waitFacePhase('pay', 5000);
  const answer = await fetch(String(payUrl), { method: 'POST' });
  expect(await answer.json()).toEqual({ paid: true });
  await harness.waitFacePhase('purchase', 10_000);
  await expect(harness.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'paid');
  // The retries that were due find it paid.
  await harness.operator('provider', { ...decline, mode: 'ok', retryNow: true });
  expect(await harness.charges()).toMatchObject([{ state: 'paid', debitCount: 1, totalMinor: 350 }]);
  await harness.window.screenshot({ path: 'artifacts/e2e/purchase-paid.png' });
  await harness.tap('action-purchases');
  await harness.waitFacePhase('purchases', 5000);
  await harness.window.screenshot({ path: 'artifacts/e2e/purchases.png' });
  await harness.tap('action-menu');
  await harness.waitFacePhase('menu', 5000);
  await harness.tap('action-cancel');
  await harness.waitScreen('attract');
  expect((await harness.world()).bolt).toBe('locked');
});
