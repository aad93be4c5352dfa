import { afterEach, beforeEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** What fell silent behind a shut door stays in doubt, also when the app begins anew meanwhile. */
let rig: CabinetRig;
beforeEach(async () => {
  rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  rig.start();
  await rig.run(60_000);
});
afterEach(() => {
  rig.remove();
});
/** So many of the tags are heard by nobody any more. */
function deafen(count: number): void {
  const unheard = new Set(tagsOf(count));
  for (const reader of rig.readers) reader.hears = (epc) => !unheard.has(epc);
}
async function restart(): Promise<void> {
  await rig.restart(10_000, () => undefined, 'closed');
  await rig.run(60_000);
}
const told = 'device_fault goods_vanished';

it('goods in doubt that are gone after the next visit: staff is told whose door it was', async () => {
  deafen(5);
  await rig.run(60_000);
  expect(rig.alarms).toEqual([told]);
  await restart();
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20, confidence: 0.5 }]);
  const { visitId } = rig.loop.visit.context;
  rig.door('open');
  for (const epc of tagsOf(5)) rig.inside.delete(epc);
  await rig.run(10_000);
  expect(namedOf(await rig.shut())).toBe(0);
  expect(rig.alarms.at(-1)).toBe(told);
  expect(rig.alarmVisits.at(-1)).toBe(visitId);
});

it('they are no longer once they are heard, or after that visit', async () => {
  deafen(5);
  await rig.run(60_000);
  await restart();
  deafen(2);
  await rig.run(60_000);
  await restart();
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20 }]);
  rig.door('open');
  await rig.run(2_000);
  expect(namedOf(await rig.shut())).toBe(0);
  await rig.run(120_000, () => rig.loop.visit.state === 'attract');
  await restart();
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 18, confidence: 1 - 1e-5 }]);
  rig.door('open');
  await rig.run(2_000);
  expect(namedOf(await rig.shut())).toBe(0);
});

it('goods that are still silent are not called sold out after a restart', async () => {
  deafen(20);
  await rig.run(60_000);
  await restart();
  expect(rig.loop.stock).toEqual({});
});

it('what is behind the door after a visit is in doubt when the power fails right after it', async () => {
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  await rig.run(2_000);
  expect(namedOf(await rig.shut())).toBe(0);
  await rig.restart(10_000, () => deafen(5), 'closed');
  await rig.run(60_000);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20, confidence: 0.5 }]);
});
