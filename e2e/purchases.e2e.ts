import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';

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
  const decline = { mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 } as const;
  await harness.operator.call('provider', decline);
  await harness.journeys.enterByCode();
  await harness.cabinet.take('cola-can');
  await expect(harness.screen.window.getByTestId('basket-total')).toContainText('3.50');
  await harness.screen.tap('action-confirm');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('receipt');
  await expect(harness.screen.window.getByTestId('receipt-status')).toHaveAttribute(
    'data-status',
    'collecting',
  );
  await harness.screen.tap('action-finish');

  await harness.journeys.openAccount();
  await harness.screen.tap('action-purchases');
  await harness.screen.waitFacePhase('purchases');
  const [charge] = await harness.operator.charges();
  await harness.screen.tap(`purchase-${charge!.chargeId}`);
  await harness.screen.waitFacePhase('purchase');
  await expect(harness.screen.window.getByTestId('receipt-status')).toHaveAttribute(
    'data-status',
    'collecting',
  );
  await harness.screen.tap('action-pay');
  const { payUrl } = await harness.screen.waitFacePhase('pay');
  const answer = await fetch(String(payUrl), { method: 'POST' });
  expect(await answer.json()).toEqual({ paid: true });
  await harness.screen.waitFacePhase('purchase');
  await expect(harness.screen.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'paid');
  // The retries that were due find it paid.
  await harness.operator.call('provider', { ...decline, mode: 'ok', retryNow: true });
  expect(await harness.operator.charges()).toMatchObject([{ state: 'paid', debitCount: 1, totalMinor: 350 }]);
  await harness.screen.window.screenshot({ path: 'artifacts/e2e/purchase-paid.png' });
  await harness.screen.tap('action-purchases');
  await harness.screen.waitFacePhase('purchases');
  await harness.screen.window.screenshot({ path: 'artifacts/e2e/purchases.png' });
  await harness.screen.tap('action-menu');
  await harness.screen.waitFacePhase('menu');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
  expect((await harness.cabinet.state()).bolt).toBe('locked');
});
