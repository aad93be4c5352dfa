import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** Its reader reports a tag once, then nothing but empty rounds: it is in a session in which a tag answers but once. */
let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});
const told = 'device_fault goods_vanished';

/** The first `count` of 24 tags are read once each after the start, the others as ever, for so long. */
async function readOnce(count: number, ms: number): Promise<void> {
  rig = new CabinetRig({ count: 24, readsPerSecond: 60, p: 0.9 });
  const once = new Set(tagsOf(count));
  for (const reader of rig.readers) reader.hears = (epc) => !once.has(epc);
  rig.start();
  const atMs = rig.clock.monotonicMs();
  const reads = [...once].map((epc) => ({ epc, rssiDbm: null, atMs }));
  rig.loop.deviceEvent({ type: 'tags', reads, atMs });
  await rig.run(ms);
}

it('all goods are read once each: nothing is sold out, staff is told, and again of a shopper', async () => {
  await readOnce(24, 120_000);
  expect(rig.alarms).toEqual([told]);
  expect(rig.loop.stock).toEqual({});
  expect(await rig.scan()).toBe(true);
  const { visitId } = rig.loop.visit.context;
  rig.door('open');
  for (const epc of tagsOf(3)) rig.inside.delete(epc);
  await rig.run(10_000);
  expect(namedOf(await rig.shut())).toBe(0);
  expect(rig.alarmVisits).toEqual([null, visitId]);
});

it.each([1, 3])('%i of 24 that were read once are stray reads: nobody is told', async (count) => {
  await readOnce(count, 120_000);
  expect(rig.alarms).toEqual([]);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([
    { quantity: 24 - count, confidence: 1 - 1e-5 },
  ]);
});
