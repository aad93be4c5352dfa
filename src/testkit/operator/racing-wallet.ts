import { assert } from '../../shared/assert.ts';
import { auditWallets } from '../../operator/providers/wallet/audit.ts';
import { openWallet, topUpWallet } from '../../operator/support/wallet.ts';
import { until } from '../until.ts';
import { chargeBody } from './cabinet.ts';
import type { OperatorHarness } from './harness.ts';
import { walletBalance, walletOf } from './wallet.ts';

const memberId = 'M1001';
const currency = 'CNY';
const turnsMax = 120;

/**
 * What a wallet has instead of a provider that lies: a payment into it that is told twice, and a balance that two instances spend
 * in the same second. Prints what came of it; throws where money was made, lost or spent twice. `first` has the wallet.
 */
export async function playWallet(first: OperatorHarness): Promise<void> {
  const { db, clock } = first;
  const parts = { db, clock };
  const second = first.restarted({ realProviders: [walletOf(first)] });
  const topUp = (reference: string, amountMinor: number) =>
    topUpWallet(parts, memberId, { currency, amountMinor, reference, actor: 'demo' });
  await openWallet(parts, memberId, { currency });
  await Promise.all([topUp('PAYMENT-1', 1_500), topUp('PAYMENT-1', 1_500)]);
  const afterTopUps = await walletBalance(db, memberId);
  console.log(
    `          a payment of 15.00 into the wallet is told twice: ${(afterTopUps / 100).toFixed(2)} is in it`,
  );
  assert(afterTopUps === 1_500, 'paid in once');
  const visits = [await first.visit(), await first.visit()];
  const bodies = visits.map((visit) => chargeBody(visit));
  const put = (operator: OperatorHarness, i: number) =>
    operator.send('PUT', `/v1/charges/${visits[i]?.chargeId ?? ''}`, bodies[i]);
  await first.during(Promise.all([put(first, 0), put(second, 1)]));
  const statesAre = async (wanted: string): Promise<boolean> => {
    const rows = await Promise.all(visits.map(({ chargeId }) => first.chargeRow(chargeId)));
    const found = rows.map(({ state }) => state).sort();
    return found.join(' ') === wanted;
  };
  await passUntil(first, second, () => statesAre('collecting paid'));
  const left = await walletBalance(db, memberId);
  console.log(
    `          two instances debit 13.00 each in the same second: one is paid, ${(left / 100).toFixed(2)} is left, ` +
      'one is owed',
  );
  assert(left === 200, 'spent once');
  await topUp('PAYMENT-2', 1_500);
  for (const { worker } of [first, second]) worker.wake();
  await passUntil(first, second, () => statesAre('paid paid'));
  const rest = await walletBalance(db, memberId);
  const findings = await auditWallets(db);
  console.log(
    `          paid in once more: the debt is debited by itself, ${(rest / 100).toFixed(2)} is left`,
  );
  assert(rest === 400 && findings.length === 0, 'the ledger is whole, and nothing is spent twice');
  await second.close();
}

async function passUntil(
  first: OperatorHarness,
  second: OperatorHarness,
  check: () => Promise<boolean>,
): Promise<void> {
  const isQuiet = (): boolean => first.worker.runningCount + second.worker.runningCount === 0;
  for (let i = 0; i < turnsMax && !(await check()); i++) {
    await until('nothing is being debited', isQuiet);
    await first.pass(1_000, 1_000);
  }
  assert(await check(), 'it came about');
}
