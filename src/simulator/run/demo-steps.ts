import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppHarness, type AppHarnessOptions } from '../../testkit/app/app-harness.ts';
import type { OperatorCharge } from '../../shared/api/development-routes.ts';
import { until } from '../../testkit/until.ts';

/** What the parts of the demo have in common: words, pictures, steps that must happen. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
export const screenshotFolder = join(project, 'artifacts', 'demo');

export interface VisitSummary {
  visit: string;
  lines: string;
  total: string;
  receipt: string;
  operator: string;
  debits: number;
  basketMs: string;
  paidAfterMs: number;
}

let step = 0;
const startedMs = performance.now();

/** An empty folder for the pictures. */
export function clearScreenshots(): void {
  rmSync(screenshotFolder, { recursive: true, force: true });
  mkdirSync(screenshotFolder, { recursive: true });
}

export function say(text: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${text}\n`);
}
export function heading(text: string): void {
  process.stdout.write(`\n        ${text}\n`);
}
const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

export function assertStep(condition: boolean, what: string): void {
  if (!condition) throw new Error(`did not happen: ${what}`);
}

/** Where the next picture goes. */
export function pictureFile(name: string): string {
  step++;
  return join(screenshotFolder, `${String(step).padStart(2, '0')}-${name}.png`);
}

export async function takeScreenshot(harness: AppHarness, name: string): Promise<void> {
  await (harness.screen.pinViewIfAny ?? harness.screen.window).screenshot({ path: pictureFile(name) });
}

/** Starts operator and simulated cabinet; what goes wrong is photographed, and the log kept beside it. The app is started by `play`. */
export async function withCabinet<T>(
  options: AppHarnessOptions,
  play: (harness: AppHarness) => Promise<T>,
): Promise<T> {
  say('starting operator service, simulated cabinet and kiosk app …');
  const harness = await AppHarness.open(options);
  try {
    return await play(harness);
  } catch (error) {
    await takeScreenshot(harness, 'failed').catch(() => undefined);
    const log = join(harness.kioskDir, 'kaimen.log');
    if (existsSync(log))
      copyFileSync(log, join(screenshotFolder, `${String(step).padStart(2, '0')}-kaimen.log`));
    throw error;
  } finally {
    await harness.close();
  }
}

/** What took longer than promised is said, and no fault of the demo: how quick it is, `npm run bench` measures. */
export function promise(what: string, tookMs: number, promisedMs: number): void {
  if (tookMs > promisedMs)
    say(`SLOW: ${what} took ${tookMs} ms, promised are ${promisedMs} ms; is this machine busy?`);
}

/** Moves goods and waits until the total on screen says so; answers how long that took, ms. */
export async function moveGoods(
  harness: AppHarness,
  what: 'take' | 'putBack',
  sku: string,
  totalText: string,
): Promise<number> {
  const beganMs = performance.now();
  await (what === 'take' ? harness.cabinet.take(sku) : harness.cabinet.putBack(sku));
  await until(`total ${totalText} on screen`, async () =>
    (await harness.screen.text('basket-total')).includes(totalText) ? true : null,
  );
  const tookMs = Math.round(performance.now() - beganMs);
  say(`${what === 'take' ? 'takes' : 'puts back'} ${sku}: the screen says ${totalText} after ${tookMs} ms`);
  return tookMs;
}

export async function openDoor(harness: AppHarness): Promise<void> {
  await harness.screen.waitScreen('attract');
  await harness.screen.tap('action-choose-code');
  await harness.screen.waitScreen('identifying');
  say('touches "scan to open" and holds the phone before the scanner');
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await takeScreenshot(harness, 'unlocked');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  say('allowed, charge on record, bolt released, door pulled');
}

export async function receipt(harness: AppHarness, expected: string): Promise<string> {
  await harness.screen.waitScreen('receipt');
  // A touch keeps it there for a minute: nobody knows how long a busy machine takes to look at it.
  await harness.screen.tap('receipt-status');
  await until(`receipt says ${expected}`, async () =>
    (await harness.screen.window.getByTestId('receipt-status').getAttribute('data-status')) === expected
      ? true
      : null,
  );
  return expected;
}

/** The one charge the operator has beyond those known; fails when there are more. */
export async function newCharge(harness: AppHarness, known: number): Promise<OperatorCharge> {
  const charges = await until('the operator has the charge and it is paid', async () => {
    const all = await harness.operator.charges();
    return all.length > known && all.every((c) => c.state === 'paid') ? all : null;
  });
  assertStep(charges.length === known + 1, 'exactly one new charge at the operator');
  const charge = charges.at(-1);
  if (charge === undefined) throw new Error('unreachable');
  assertStep(charge.debitCount === 1, 'the member is debited exactly once');
  return charge;
}

/** The charge at this place in the operator's book, once it stands so; null: however it stands. There is none after it. */
export async function chargeOf(
  harness: AppHarness,
  place: number,
  state: OperatorCharge['state'] | null,
): Promise<OperatorCharge> {
  const charges = await until(`charge ${place + 1} is at the operator, ${state ?? 'anyhow'}`, async () => {
    const all = await harness.operator.charges();
    const charge = all[place];
    return charge !== undefined && (state === null || charge.state === state) ? all : null;
  });
  assertStep(charges.length === place + 1, 'exactly one new charge at the operator');
  const charge = charges[place];
  if (charge === undefined) throw new Error('unreachable');
  assertStep(charge.debitCount === (charge.state === 'paid' ? 1 : 0), 'debited once if paid, else never');
  return charge;
}

/** What is billed, what is held, and the sum: "1 cola-can; held: none; 3.50". */
export function sayCharge({ lines, heldLines, totalMinor }: OperatorCharge): string {
  const of = (some: OperatorCharge['lines']): string =>
    some.length === 0 ? 'none' : some.map(({ sku, count }) => `${count} ${sku}`).join(', ');
  return `${of(lines)}; held: ${of(heldLines)}; ${(totalMinor / 100).toFixed(2)}`;
}

export function summarise(
  visit: string,
  lines: string,
  shown: string,
  c: OperatorCharge,
  basketMs: number[],
  closedMs: number,
): VisitSummary {
  assertStep(c.totalMinor > 0, 'a total');
  return {
    visit,
    lines,
    total: yuan(c.totalMinor),
    receipt: shown,
    operator: `${c.state}, received ${c.receivedCount}×`,
    debits: c.debitCount,
    basketMs: basketMs.length > 0 ? `${Math.max(...basketMs)} max` : '-',
    paidAfterMs: Math.max((c.paidAtMs ?? 0) - closedMs, 0),
  };
}
