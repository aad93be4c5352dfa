import { expect, test } from 'vitest';
import { and, asc, eq } from 'drizzle-orm';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { receiveDispute } from '../../operator/disputes/disputes.ts';
import { type ShelfEvent, shelfEventSchema } from '../../shared/model/evidence.schema.ts';
import { evidencePart } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { DrawnGoodsView, drawnCamera } from './drawn-goods-view.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** What the shelf was seen to do goes to the operator with what people look at, and with nothing else. */
const { operator } = await startOperatorForFile();

interface Told {
  readonly why: string;
  readonly events: ShelfEvent[];
}

/** What this cabinet has told of this charge; null: nothing. */
async function toldOf({ cabinetId }: CabinetHarness, chargeId: string): Promise<Told | null> {
  const parts = await operator.storage.db
    .select()
    .from(evidencePart)
    .where(and(eq(evidencePart.cabinetId, cabinetId), eq(evidencePart.chargeId, chargeId)))
    .orderBy(asc(evidencePart.part));
  const last = parts.at(-1);
  if (last?.isLast !== true) return null;
  const events = parts.flatMap((part) => shelfEventSchema.array().parse(JSON.parse(part.events)));
  return { why: last.why, events };
}
async function untilTold(harness: CabinetHarness, chargeId: string): Promise<Told> {
  for (let i = 0; i < 120; i++) {
    const told = await toldOf(harness, chargeId);
    if (told !== null) return told;
    await harness.sleep(1_000);
  }
  throw new Error(`nothing is told of ${chargeId}\n${harness.eventLog()}`);
}
function chargeIdOf({ context }: CabinetHarness): ChargeId {
  if (context.chargeId === null) throw new Error('no visit is under way');
  return context.chargeId;
}
const silentTags = ({ events }: Told): number =>
  events.reduce((sum, event) => sum + (event.kind === 'tags' ? event.gone.length - event.came.length : 0), 0);

async function takeOne(harness: CabinetHarness): Promise<ChargeId> {
  await harness.enter();
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
  return chargeIdOf(harness);
}

test('of two purchases all that was seen of the disputed one is told, and nothing of the other', async () => {
  const harness = await CabinetHarness.open(operator);
  const plain = await takeOne(harness);
  await harness.confirmAndLeave();
  const disputed = await takeOne(harness);
  harness.confirm();
  harness.shopper.shut();
  await harness.waitState('receipt');
  expect(harness.process.kiosk.disputes.dispute(disputed, ['cola-can'])).toEqual(ok(null));
  const { why, events } = await untilTold(harness, disputed);
  // The older one would have been the first.
  expect(await toldOf(harness, plain)).toBeNull();
  expect(why).toBe('disputed');
  const doors = events.flatMap((event) => (event.kind === 'door' ? [event.door] : []));
  expect(doors).toEqual(expect.arrayContaining(['open', 'closed']));
  expect(events.some((event) => event.kind === 'tags' && event.gone.length === 1)).toBe(true);
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'lines', taken: [{ sku: 'cola-can', quantity: 1 }] }),
  );
  await harness.close();
});

test('a camera inside: the pictures from before and after are told, though the bill waits for neither', async () => {
  const harness = await CabinetHarness.open(operator, {
    simulator: { devices: { scale: 'scale-modbus' } },
    ...{ isWeighed: true, cameras: [drawnCamera] },
  });
  new DrawnGoodsView(harness);
  await harness.sleep(2_000);
  // As at a screen: the camera looks while a code is held there.
  harness.chooseCode();
  await harness.sleep(2_000);
  await harness.shopper.present();
  await harness.until('bolt released', () => harness.world.bolt === 'released');
  harness.shopper.pull();
  await harness.waitState('shopping');
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
  const disputed = chargeIdOf(harness);
  harness.shopper.shut();
  await harness.waitState('receipt');
  expect(harness.process.kiosk.disputes.dispute(disputed, ['cola-can'])).toEqual(ok(null));
  await harness.waitState('attract');
  await harness.sleep(10_000);
  const { events } = await untilTold(harness, disputed);
  const pictures = events.flatMap((event) => (event.kind === 'picture' ? [event.when] : []));
  expect(pictures.sort()).toEqual(['after', 'before']);
  await harness.close();
});

test('a visit whose reader is lost is told with what was seen before and after a power cut', async () => {
  const harness = await CabinetHarness.open(operator);
  const chargeId = await takeOne(harness);
  // What was seen until here is on the disk.
  await harness.sleep(12_000);
  harness.crash();
  harness.start();
  await harness.waitState('shopping', 'confirmed', 'ajar');
  harness.unplug('tag-reader');
  await harness.sleep(8_000);
  harness.shopper.shut();
  await harness.waitState('receipt', 'nothingCharged');
  const told = await untilTold(harness, chargeId);
  expect(told.why).toBe('flagged');
  expect(told.events.some((event) => event.kind === 'lines' && event.taken.length === 1)).toBe(true);
  const lost = told.events.some((event) => event.kind === 'device' && !event.isReady);
  expect(lost || silentTags(told) > 0).toBe(true);
  harness.plug('tag-reader');
  await harness.close();
});

test('what a member reports on the phone is asked for, and told after a power cut', async () => {
  const harness = await CabinetHarness.open(operator);
  const chargeId = await takeOne(harness);
  await harness.confirmAndLeave();
  await harness.waitSettled();
  await harness.sleep(10_000);
  expect(await toldOf(harness, chargeId)).toBeNull();
  harness.setNetwork('cut');
  const disputeId = makeDisputeId(1, systemRandom.bytes(idRandomByteCount));
  const body = { disputeId, skus: ['cola-can'], atMs: 1 };
  const asked = { db: operator.storage.db, clock: harness.clock, cabinetIsAsked: true };
  const taken = await receiveDispute(asked, harness.cabinetId, chargeId, { body, json: body });
  expect(taken.ok).toBe(true);
  await harness.sleep(5_000);
  harness.crash();
  harness.start();
  await harness.sleep(5_000);
  harness.setNetwork('up');
  const { why, events } = await untilTold(harness, chargeId);
  expect(why).toBe('disputed');
  expect(events.some((event) => event.kind === 'door')).toBe(true);
  await harness.close();
});
