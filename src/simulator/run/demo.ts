import { copyFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { playFaces } from './demo-faces.ts';
import {
  type Played,
  clearPictures,
  move,
  must,
  newCharge,
  openDoor,
  picture,
  pictures,
  played,
  receipt,
  say,
  title,
} from './demo-steps.ts';
import { Stage, until } from './stage.ts';

/**
 * `npm run demo`: plays four purchases in the real app and says what happens. 1: all is well. 2: the network is cut
 * after the door opened, then the app is killed and started again. 3: the app is killed while the door is open. 4: by face,
 * with all that belongs to it. Ends with a table and a folder of screenshots; exits with 1 when any step did not happen.
 */
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
  clearPictures();
  say('starting operator service and simulated cabinet …');
  const stage = await Stage.open({ cameraFile: true });
  try {
    say('starting the kiosk app …');
    await stage.launch();
    const rows = [await firstVisit(stage), await secondVisit(stage), await thirdVisit(stage)];
    const byFace = await playFaces(stage, rows.length);
    table(byFace === null ? rows : [...rows, byFace]);
    process.stdout.write(
      `\npictures: ${relative(process.cwd(), pictures)}/ (goods, devices, network and what stands before the camera are simulated)\n`,
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
