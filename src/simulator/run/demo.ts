import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OperatorCharge, Stage, until } from './stage.ts';

/**
 * `npm run demo`: plays three purchases in the real app and says what happens. 1: all is well. 2: the network is cut
 * after the door opened, then the app is killed and started again. 3: the app is killed while the door is open.
 * Ends with a table and a folder of screenshots; exits with 1 when any step did not happen.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const pictures = join(project, 'artifacts', 'demo');

interface Played {
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

function say(text: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${text}\n`);
}
function title(text: string): void {
  process.stdout.write(`\n        ${text}\n`);
}
const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`did not happen: ${what}`);
}

async function picture(stage: Stage, name: string): Promise<void> {
  step++;
  await stage.window.screenshot({ path: join(pictures, `${String(step).padStart(2, '0')}-${name}.png`) });
}

/** Moves goods and waits until the total on screen says so; answers how long that took, ms. */
async function move(stage: Stage, what: 'take' | 'putBack', sku: string, totalText: string): Promise<number> {
  const beganMs = performance.now();
  await (what === 'take' ? stage.take(sku) : stage.putBack(sku));
  await until(`total ${totalText} on screen`, 3000, async () =>
    (await stage.text('basket-total')).includes(totalText) ? true : null,
  );
  const tookMs = Math.round(performance.now() - beganMs);
  say(`${what === 'take' ? 'takes' : 'puts back'} ${sku}: the screen says ${totalText} after ${tookMs} ms`);
  return tookMs;
}

async function openDoor(stage: Stage): Promise<void> {
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

async function receipt(stage: Stage, expected: string): Promise<string> {
  await stage.waitScreen('receipt');
  await until(`receipt says ${expected}`, 5000, async () =>
    (await stage.window.getByTestId('receipt-status').getAttribute('data-status')) === expected ? true : null,
  );
  return expected;
}

/** The one charge the operator has beyond those known; fails when there are more. */
async function newCharge(stage: Stage, known: number, timeoutMs: number): Promise<OperatorCharge> {
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

function played(
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

async function firstVisit(stage: Stage): Promise<Played> {
  title('Visit 1: everything works');
  await picture(stage, 'attract');
  await openDoor(stage);
  const ms = [
    await move(stage, 'take', 'cola-can', '3.50'),
    await move(stage, 'take', 'iced-coffee', '13.40'),
    await move(stage, 'take', 'potato-chips-original', '20.30'),
    await move(stage, 'putBack', 'iced-coffee', '10.40'),
  ];
  must(Math.max(...ms) < 2000, 'the basket follows');
  await picture(stage, 'basket');
  await stage.tap('action-confirm');
  await picture(stage, 'confirmed');
  const closedMs = Date.now();
  await stage.shut();
  say('confirms, shuts the door');
  const shown = await receipt(stage, 'paid');
  await picture(stage, 'receipt-paid');
  const charge = await newCharge(stage, 0, 5000);
  must(charge.totalMinor === 1040, 'the operator has 10.40');
  say('receipt says paid; the operator has the charge once');
  await stage.tap('action-finish');
  return played('1 all well', 'cola, chips (coffee put back)', shown, charge, ms, closedMs);
}

async function secondVisit(stage: Stage): Promise<Played> {
  title('Visit 2: the network goes after the door opened, then the power');
  await openDoor(stage);
  await stage.network('cut');
  say('network cut');
  const ms = [await move(stage, 'take', 'orange-juice', '8.80')];
  await stage.tap('action-confirm');
  await stage.shut();
  const shown = await receipt(stage, 'follows');
  await picture(stage, 'receipt-follows');
  say('receipt says that the charge follows');
  await stage.kill();
  say('app killed (SIGKILL)');
  must((await stage.charges()).length === 1, 'nothing reached the operator while the network was cut');
  await stage.launch('1080x1920', 'attract');
  await picture(stage, 'after-power-cut');
  say('started again, still without network; nothing sent');
  const backMs = Date.now();
  await stage.network('up');
  const charge = await newCharge(stage, 1, 10_000);
  must(charge.totalMinor === 880, 'the operator has 8.80');
  say(`network back: the charge arrived once, ${charge.firstAtMs - backMs} ms later`);
  must(charge.firstAtMs - backMs <= 2000, 'on its way within 2 s of the network');
  return played('2 network + power cut', 'orange juice', shown, charge, ms, backMs);
}

async function thirdVisit(stage: Stage): Promise<Played> {
  title('Visit 3: power cut while the door is open');
  await openDoor(stage);
  const ms = [await move(stage, 'take', 'rice-ball', '9.20')];
  await stage.kill();
  say('app killed (SIGKILL) with the door open; takes a milk meanwhile');
  await stage.take('milk-box');
  await stage.launch('1080x1920', 'shopping');
  say('started again: the visit is taken up where it was');
  await until('what was taken in the dark is seen', 15_000, async () =>
    (await stage.text('basket-total')).includes('13.70') ? true : null,
  );
  await picture(stage, 'resumed');
  await stage.tap('action-confirm');
  const closedMs = Date.now();
  await stage.shut();
  const shown = await receipt(stage, 'paid');
  await picture(stage, 'receipt-resumed');
  const charge = await newCharge(stage, 2, 5000);
  must(charge.totalMinor === 450 + 920, 'the operator has 13.70');
  say('nothing lost, nothing doubled');
  return played('3 killed, door open', 'rice ball, milk', shown, charge, ms, closedMs);
}

function table(rows: Played[]): void {
  const heads: (keyof Played)[] = [
    'visit',
    'lines',
    'total',
    'receipt',
    'operator',
    'debits',
    'basketMs',
    'paidAfterMs',
  ];
  const cells = [heads, ...rows.map((r) => heads.map((h) => String(r[h])))];
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  process.stdout.write('\n');
  for (const row of cells)
    process.stdout.write(`${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join('  ')}\n`);
}

async function main(): Promise<void> {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  say('starting operator service and simulated cabinet …');
  const stage = await Stage.open();
  try {
    say('starting the kiosk app …');
    await stage.launch();
    const rows = [await firstVisit(stage), await secondVisit(stage), await thirdVisit(stage)];
    table(rows);
    process.stdout.write(
      `\npictures: ${relative(process.cwd(), pictures)}/ (goods, devices and network are simulated)\n`,
    );
  } catch (error) {
    process.stdout.write(`\nFAILED: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    await picture(stage, 'failed').catch(() => undefined);
    copyFileSync(join(stage.kioskDir, 'kaimen.log'), join(pictures, 'kaimen.log'));
  } finally {
    await stage.close();
  }
}

await main();
// Not by running out of work: Node's own clean-up has been seen to spin for ever over the pipes of a killed child.
process.exit();
