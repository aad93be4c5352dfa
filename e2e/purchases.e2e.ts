import { expect, test } from '@playwright/test';
import { Stage } from '../src/simulator/run/stage.ts';

/** "My purchases" in the real app: a debt, why it is one, paying it with a phone, and a report from there. */
let stage: Stage;

test.beforeAll(async () => {
  stage = await Stage.open();
  await stage.launch();
});
test.afterAll(async () => {
  await stage.close();
});

test('a declined purchase stands there with its reason, is paid with a phone, and is debited once', async () => {
  const decline = { mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 };
  await stage.operator('provider', decline);
  await stage.enterByCode();
  await stage.take('cola-can');
  await expect(stage.window.getByTestId('basket-total')).toContainText('3.50');
  await stage.tap('action-confirm');
  await stage.shut();
  await stage.waitScreen('receipt');
  await expect(stage.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'collecting');
  await stage.tap('action-finish');

  await stage.openAccount();
  await stage.tap('action-purchases');
  await stage.facePhase('purchases', 5000);
  const [charge] = await stage.charges();
  await stage.tap(`purchase-${charge!.chargeId}`);
  await stage.facePhase('purchase', 5000);
  await expect(stage.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'collecting');
  await stage.tap('action-pay');
  const { payUrl } = await stage.facePhase('pay', 5000);
  const answer = await fetch(String(payUrl), { method: 'POST' });
  expect(await answer.json()).toEqual({ paid: true });
  await stage.facePhase('purchase', 10_000);
  await expect(stage.window.getByTestId('receipt-status')).toHaveAttribute('data-status', 'paid');
  // The retries that were due find it paid.
  await stage.operator('provider', { ...decline, mode: 'ok', retryNow: true });
  expect(await stage.charges()).toMatchObject([{ state: 'paid', debitCount: 1, totalMinor: 350 }]);
  await stage.window.screenshot({ path: 'artifacts/e2e/purchase-paid.png' });
  await stage.tap('action-purchases');
  await stage.facePhase('purchases', 5000);
  await stage.window.screenshot({ path: 'artifacts/e2e/purchases.png' });
  await stage.tap('action-menu');
  await stage.facePhase('menu', 5000);
  await stage.tap('action-cancel');
  await stage.waitScreen('attract');
  expect((await stage.world()).bolt).toBe('locked');
});
