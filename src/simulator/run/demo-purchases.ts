import { accountCause, networkCause, recognitionCause, systemCause } from './demo-causes.ts';
import { playFaceVisit } from './demo-faces.ts';
import { DemoPages } from './demo-pages.ts';
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
  withCabinet,
} from './demo-steps.ts';
import type { AppHarness } from '../../testkit/app/app-harness.ts';
import { until } from '../../testkit/until.ts';

/**
 * Purchases. 1: all is well. 2: the network is cut after the door opened, then the app is killed and started again. 3: the app is
 * killed while the door is open. Then each cause for which something is not paid yet, to its end (demo-causes.ts), and one
 * by face, with all that belongs to it (demo-faces.ts).
 */
export async function playPurchases(): Promise<VisitSummary[]> {
  return withCabinet({ cameraFile: true, membersLetIn: true }, async (harness) => {
    await harness.launch();
    const pages = await DemoPages.open(harness);
    const rows: VisitSummary[] = [];
    try {
      rows.push(await firstVisit(harness), await secondVisit(harness), await thirdVisit(harness));
      // The network cause is two charges.
      rows.push(await networkCause(harness, pages, 3), await systemCause(harness, pages, 5));
      rows.push(await accountCause(harness, pages, 6), await recognitionCause(harness, pages, 7));
    } finally {
      await pages?.close();
    }
    const byFace = await playFaceVisit(harness, 8);
    return byFace === null ? rows : [...rows, byFace];
  });
}

async function firstVisit(harness: AppHarness): Promise<VisitSummary> {
  heading('Visit 1: everything works');
  await takeScreenshot(harness, 'attract');
  await openDoor(harness);
  const ms = [
    await moveGoods(harness, 'take', 'cola-can', '3.50'),
    await moveGoods(harness, 'take', 'iced-coffee', '13.40'),
    await moveGoods(harness, 'take', 'potato-chips-original', '20.30'),
    await moveGoods(harness, 'putBack', 'iced-coffee', '10.40'),
  ];
  promise('the basket', Math.max(...ms), 2000);
  await takeScreenshot(harness, 'basket');
  await harness.screen.tap('action-confirm');
  await takeScreenshot(harness, 'confirmed');
  const closedMs = Date.now();
  await harness.cabinet.shut();
  say('confirms, shuts the door');
  const shown = await receipt(harness, 'paid');
  await takeScreenshot(harness, 'receipt-paid');
  const charge = await newCharge(harness, 0);
  assertStep(charge.totalMinor === 1040, 'the operator has 10.40');
  say('receipt says paid; the operator has the charge once');
  await harness.screen.tap('action-finish');
  return summarise('1 all well', 'cola, chips (coffee put back)', shown, charge, ms, closedMs);
}

async function secondVisit(harness: AppHarness): Promise<VisitSummary> {
  heading('Visit 2: the network goes after the door opened, then the power');
  await openDoor(harness);
  await harness.cabinet.network('cut');
  say('network cut');
  const ms = [await moveGoods(harness, 'take', 'orange-juice', '8.80')];
  await harness.screen.tap('action-confirm');
  await harness.cabinet.shut();
  const shown = await receipt(harness, 'follows');
  await takeScreenshot(harness, 'receipt-follows');
  say('receipt says that the charge follows');
  await harness.kill();
  say('app killed (SIGKILL)');
  assertStep(
    (await harness.operator.charges()).length === 1,
    'nothing reached the operator while the network was cut',
  );
  await harness.launch('1080x1920', 'attract');
  await takeScreenshot(harness, 'after-power-cut');
  say('started again, still without network; nothing sent');
  const backMs = Date.now();
  await harness.cabinet.network('up');
  const charge = await newCharge(harness, 1);
  assertStep(charge.totalMinor === 880, 'the operator has 8.80');
  say(`network back: the charge arrived once, ${charge.firstAtMs - backMs} ms later`);
  promise('the charge, once the network is there,', charge.firstAtMs - backMs, 2000);
  return summarise('2 network + power cut', 'orange juice', shown, charge, ms, backMs);
}

async function thirdVisit(harness: AppHarness): Promise<VisitSummary> {
  heading('Visit 3: power cut while the door is open');
  await openDoor(harness);
  const ms = [await moveGoods(harness, 'take', 'rice-ball', '9.20')];
  await harness.kill();
  say('app killed (SIGKILL) with the door open; takes a milk meanwhile');
  await harness.cabinet.take('milk-box');
  await harness.launch('1080x1920', 'shopping');
  say('started again: the visit is taken up where it was');
  await until('what was taken in the dark is seen', async () =>
    (await harness.screen.text('basket-total')).includes('13.70') ? true : null,
  );
  await takeScreenshot(harness, 'resumed');
  await harness.screen.tap('action-confirm');
  const closedMs = Date.now();
  await harness.cabinet.shut();
  const shown = await receipt(harness, 'paid');
  await takeScreenshot(harness, 'receipt-resumed');
  const charge = await newCharge(harness, 2);
  assertStep(charge.totalMinor === 450 + 920, 'the operator has 13.70');
  await harness.screen.tap('action-finish');
  say('nothing lost, nothing doubled');
  return summarise('3 killed, door open', 'rice ball, milk', shown, charge, ms, closedMs);
}
