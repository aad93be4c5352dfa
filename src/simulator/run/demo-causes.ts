import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { AppHarness } from '../../testkit/app/app-harness.ts';
import type { OperatorCharge } from '../../shared/api/development-routes.ts';
import { until } from '../../testkit/until.ts';
import type { DemoPages } from './demo-pages.ts';
import {
  type VisitSummary,
  assertStep,
  heading,
  moveGoods,
  newCharge,
  openDoor,
  promise,
  receipt,
  say,
  summarise,
  takeScreenshot,
} from './demo-steps.ts';

/**
 * Why something that was taken is not paid yet, each cause to its end: network, system, account, recognition. `pages`: the
 * shopper's phone and the console beside the cabinet's screen; null: no browser is here for them.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const lyingProviders = join('src', 'testkit', 'operator', 'lying-providers.ts');
const lyingMaxMs = 120_000;
/** A debt that is paid elsewhere is none on the screen any more within this (docs/payments.md). */
const toldMaxMs = 5_000;

const purchasesSchema = z.looseObject({
  rows: z.array(z.object({ chargeId: z.string(), status: z.string() })),
});

/** Confirms, shuts the door and waits for what the receipt says; answers when the door was shut. */
async function leave(harness: AppHarness, expected: string): Promise<number> {
  await harness.screen.tap('action-confirm');
  const closedMs = Date.now();
  await harness.cabinet.shut();
  await receipt(harness, expected);
  return closedMs;
}

/** All charges of the operator, once so many are there and paid; each was debited once. */
async function allPaid(harness: AppHarness, count: number): Promise<OperatorCharge[]> {
  const charges = await until(`${count} charges, all paid`, async () => {
    const all = await harness.operator.charges();
    return all.length === count && all.every(({ state }) => state === 'paid') ? all : null;
  });
  assertStep(
    charges.every(({ debitCount }) => debitCount === 1),
    'each debited exactly once',
  );
  return charges;
}

/** Cut off, the cabinet opens by itself, up to the cap of one person; all of it is debited once afterwards. */
export async function networkCause(
  harness: AppHarness,
  pages: DemoPages | null,
  known: number,
): Promise<VisitSummary> {
  heading('Cause network: the cabinet opens offline, until the cap of this person is reached');
  await harness.screen.waitScreen('attract');
  await harness.cabinet.network('cut');
  await until('offline', async () => ((await harness.screen.isOnline()) ? null : true));
  assertStep(await harness.screen.opensOffline(), 'it has a policy of the operator');
  await takeScreenshot(harness, 'offline-attract');
  say('network cut: the start screen goes on inviting, by the policy that the operator has signed');
  const ms: number[] = [];
  let closedMs = 0;
  for (const [sku, total] of [
    ['cola-can', '3.50'],
    ['milk-box', '4.50'],
  ] as const) {
    await openDoor(harness);
    ms.push(await moveGoods(harness, 'take', sku, total));
    closedMs = await leave(harness, 'follows');
    await harness.screen.tap('action-finish');
    say('the code was proven here; the receipt says that the charge follows');
  }
  await harness.screen.waitScreen('attract');
  await harness.screen.tap('action-choose-code');
  await harness.screen.waitScreen('identifying');
  await harness.cabinet.present();
  await harness.screen.waitScreen('refused');
  await takeScreenshot(harness, 'offline-cap');
  await harness.screen.tap('action-cancel');
  await pages?.home('network-cut');
  say('two charges wait for this person: the third time the door stays shut, and the screen says why');
  assertStep((await harness.operator.charges()).length === known, 'nothing has reached the operator');
  await harness.cabinet.network('up');
  const charges = await allPaid(harness, known + 2);
  const two = charges.slice(known);
  assertStep(two.reduce((sum, { totalMinor }) => sum + totalMinor, 0) === 350 + 450, 'both, as billed');
  say('network back: both arrive, proven by the codes that let them in, and are debited once each');
  const [charge] = two;
  if (charge === undefined) throw new Error('unreachable');
  await pages?.show(charge.chargeId, 'paid', 'network-back');
  const row = summarise('network: 2 offline', 'cola; milk', 'follows', charge, ms, closedMs);
  return { ...row, total: '¥3.50 + ¥4.50', debits: two.length };
}

/** The payment service is away, comes back, takes the money and loses its answer. */
export async function systemCause(
  harness: AppHarness,
  pages: DemoPages | null,
  known: number,
): Promise<VisitSummary> {
  heading('Cause system: the payment service is away, then lies');
  const mood = { reason: 'account.insufficient_funds', delayMs: 0 } as const;
  await harness.operator.call('provider', { ...mood, mode: 'down' });
  say('the (simulated) payment service is down');
  await openDoor(harness);
  const ms = [await moveGoods(harness, 'take', 'orange-juice', '8.80')];
  const closedMs = await leave(harness, 'follows');
  await takeScreenshot(harness, 'system-follows');
  await pages?.show(await newestOf(harness, known), 'follows', 'system-away');
  say('the receipt says that the charge follows, why, and that there is nothing to do');
  await harness.screen.tap('action-finish');
  await harness.operator.call('provider', { ...mood, mode: 'timeout_after_charge', retryNow: true });
  say('it is back, takes the money, and its answer is lost: nobody debits again, it is asked');
  const charge = await newCharge(harness, known);
  await harness.operator.call('provider', { ...mood, mode: 'ok' });
  say(`paid, debited ${charge.debitCount} time`);
  await pages?.show(charge.chargeId, 'paid', 'system-back');
  return summarise('system: lost answer', 'orange juice', 'follows', charge, ms, closedMs);
}

/** The account is poor: the debt is seen with its reason, and is gone from the screen once it is paid on a phone. */
export async function accountCause(
  harness: AppHarness,
  pages: DemoPages | null,
  known: number,
): Promise<VisitSummary> {
  heading('Cause account: too little money, paid later with a phone');
  const decline = { mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 } as const;
  await harness.operator.call('provider', decline);
  await openDoor(harness);
  const ms = [await moveGoods(harness, 'take', 'rice-ball', '9.20')];
  const closedMs = await leave(harness, 'collecting');
  await takeScreenshot(harness, 'account-declined');
  await pages?.show(await newestOf(harness, known), 'collecting', 'account-owes');
  say('declined: the receipt says that it is to be paid, and why');
  await harness.screen.tap('action-finish');
  await harness.journeys.openAccount();
  await harness.screen.tap('action-purchases');
  await harness.screen.waitFacePhase('purchases');
  const { chargeId } = (await harness.operator.charges()).at(-1) ?? { chargeId: '' };
  await harness.screen.find(`purchase-${chargeId}`);
  await takeScreenshot(harness, 'purchases-debt');
  await harness.screen.tap(`purchase-${chargeId}`);
  await harness.screen.waitFacePhase('purchase');
  await harness.screen.tap('action-pay');
  const { payUrl } = await harness.screen.waitFacePhase('pay');
  await takeScreenshot(harness, 'pay-now');
  say('"my purchases" names the debt, its cause, who acts next and when; a QR to pay it with');
  await harness.screen.tap('action-purchase');
  await harness.screen.waitFacePhase('purchase');
  await harness.screen.tap('action-purchases');
  await harness.screen.waitFacePhase('purchases');
  const answer = await fetch(String(payUrl), { method: 'POST' });
  assertStep(answer.ok, 'the simulated phone pays');
  const paidMs = Date.now();
  await until('the debt is gone from the list', async () => {
    const list = purchasesSchema.safeParse(await harness.screen.currentFacePhase());
    const row = list.data?.rows.find((one) => one.chargeId === chargeId);
    return row?.status === 'paid' ? true : null;
  });
  const tookMs = Date.now() - paidMs;
  say(`paid with a (simulated) phone: the list on the screen says so after ${tookMs} ms, without a touch`);
  promise('to see that it is paid', tookMs, toldMaxMs);
  await takeScreenshot(harness, 'purchases-paid');
  await harness.screen.tap('action-menu');
  await harness.screen.waitFacePhase('menu');
  await harness.screen.tap('action-cancel');
  await harness.operator.call('provider', { ...decline, mode: 'ok', retryNow: true });
  const charge = await newCharge(harness, known);
  say('the tries that were planned find it paid: debited once');
  await pages?.show(charge.chargeId, 'paid', 'account-paid');
  return summarise('account: paid later', 'rice ball', 'collecting', charge, ms, closedMs);
}

/** The tag reader is lost with the door open: nobody can say what else was taken, so a person looks before anything is debited. */
export async function recognitionCause(
  harness: AppHarness,
  pages: DemoPages | null,
  known: number,
): Promise<VisitSummary> {
  heading('Cause recognition: the tag reader is lost while the door is open; a person decides');
  await openDoor(harness);
  const ms = [await moveGoods(harness, 'take', 'cola-can', '3.50')];
  await harness.cabinet.post('devices/tag-reader', { connected: false });
  say('the tag reader is unplugged; the door is shut without it');
  const closedMs = Date.now();
  await harness.cabinet.shut();
  await receipt(harness, 'review');
  await takeScreenshot(harness, 'recognition-review');
  say('the receipt says that a person looks, and that nothing is debited before');
  await harness.cabinet.post('devices/tag-reader', { connected: true });
  await harness.screen.tap('action-finish');
  const chargeId = await newestOf(harness, known);
  if (pages === null)
    await harness.operator.call(
      'resolveCharge',
      { by: 'demo', decision: 'debit', amountMinor: 350 },
      { chargeId },
    );
  else {
    await pages.show(chargeId, 'review', 'recognition-held');
    await pages.act('Debit', async (dialog) => {
      await dialog.getByLabel('Amount', { exact: true }).fill('3.50');
      await dialog.getByLabel('Reason').fill('counted on the shelf: one can is gone');
    });
  }
  const charge = await newCharge(harness, known);
  assertStep(charge.totalMinor === 350, 'the can, and nothing else');
  say('support has looked and says what was taken: debited once');
  await pages?.show(charge.chargeId, 'paid', 'recognition-decided');
  return summarise('recognition: reader lost', 'cola', 'review', charge, ms, closedMs);
}

/** The charge that the operator has beyond those known, however it stands. */
async function newestOf(harness: AppHarness, known: number): Promise<string> {
  return until('the charge is at the operator', async () => {
    const all = await harness.operator.charges();
    return all.length > known ? (all.at(-1)?.chargeId ?? null) : null;
  });
}

/** The adapters of the real providers, each before a local server of its protocol that lies once. */
export async function providersLie(): Promise<[]> {
  heading(
    "The real providers' adapters, each before a local server (simulated, no money moves) that lies once",
  );
  const child = spawn(process.execPath, [lyingProviders], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: lyingMaxMs,
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assertStep(code === 0, 'each has taken the money once');
  return [];
}
