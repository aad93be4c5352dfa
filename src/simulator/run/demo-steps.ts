import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OperatorCharge, type Stage, until } from './stage.ts';

/** What the parts of the demo have in common: words, pictures, steps that must happen. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
export const pictures = join(project, 'artifacts', 'demo');

export interface Played {
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
export function clearPictures(): void {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
}

export function say(text: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${text}\n`);
}
export function title(text: string): void {
  process.stdout.write(`\n        ${text}\n`);
}
const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

export function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`did not happen: ${what}`);
}

export async function picture(stage: Stage, name: string): Promise<void> {
  step++;
  await stage.window.screenshot({ path: join(pictures, `${String(step).padStart(2, '0')}-${name}.png`) });
}

/** Moves goods and waits until the total on screen says so; answers how long that took, ms. */
export async function move(
  stage: Stage,
  what: 'take' | 'putBack',
  sku: string,
  totalText: string,
): Promise<number> {
  const beganMs = performance.now();
  await (what === 'take' ? stage.take(sku) : stage.putBack(sku));
  await until(`total ${totalText} on screen`, 3000, async () =>
    (await stage.text('basket-total')).includes(totalText) ? true : null,
  );
  const tookMs = Math.round(performance.now() - beganMs);
  say(`${what === 'take' ? 'takes' : 'puts back'} ${sku}: the screen says ${totalText} after ${tookMs} ms`);
  return tookMs;
}

export async function openDoor(stage: Stage): Promise<void> {
  await stage.waitScreen('attract');
  await stage.tap('action-choose-code');
  await stage.waitScreen('identifying');
  say('touches "scan to open" and holds the phone before the scanner');
  await stage.present();
  await stage.waitScreen('unlocking');
  await picture(stage, 'unlocked');
  await stage.pull();
  await stage.waitScreen('shopping');
  say('allowed, charge on record, bolt released, door pulled');
}

export async function receipt(stage: Stage, expected: string): Promise<string> {
  await stage.waitScreen('receipt');
  await until(`receipt says ${expected}`, 5000, async () =>
    (await stage.window.getByTestId('receipt-status').getAttribute('data-status')) === expected ? true : null,
  );
  return expected;
}

/** The one charge the operator has beyond those known; fails when there are more. */
export async function newCharge(stage: Stage, known: number, timeoutMs: number): Promise<OperatorCharge> {
  const charges = await until('the operator has the charge and it is paid', timeoutMs, async () => {
    const all = await stage.charges();
    return all.length > known && all.every((c) => c.state === 'paid') ? all : null;
  });
  must(charges.length === known + 1, 'exactly one new charge at the operator');
  const charge = charges.at(-1);
  if (charge === undefined) throw new Error('unreachable');
  must(charge.debitCount === 1, 'the member is debited exactly once');
  return charge;
}

export function played(
  visit: string,
  lines: string,
  shown: string,
  c: OperatorCharge,
  basketMs: number[],
  closedMs: number,
): Played {
  must(c.totalMinor > 0, 'a total');
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
