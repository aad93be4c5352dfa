import { afterEach, beforeEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** The shelf is known. The power goes, with the door shut and nobody there; what of it is not heard afterwards is in doubt. */
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
/** A visit in which so many leave, the first ones. */
async function visit(count: number): Promise<number> {
  rig.door('open');
  for (const epc of tagsOf(count)) rig.inside.delete(epc);
  await rig.run(10_000);
  const bill = await rig.shut();
  expect(bill?.review).toEqual([]);
  return namedOf(bill);
}
const told = 'device_fault goods_vanished';

it.each([20, 10, 5, 1])(
  'an antenna dies with the power, and %i of 20 with it: staff is told, and again when a shopper has opened on them',
  async (count) => {
    await rig.restart(10_000, () => deafen(count), 'closed');
    await rig.run(120_000);
    expect(rig.alarms).toEqual([told]);
    expect(rig.loop.stock).toEqual({});
    expect(await rig.scan()).toBe(true);
    expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20, confidence: 0.5 }]);
    const { visitId } = rig.loop.visit.context;
    expect(await visit(count)).toBe(0);
    expect(rig.alarms).toEqual([told, told]);
    expect(rig.alarmVisits).toEqual([null, visitId]);
  },
);

it('a shopper who comes right after the start opens on goods in doubt too', async () => {
  await rig.restart(10_000, () => deafen(5), 'closed');
  await rig.run(16_000);
  expect(await rig.scan()).toBe(true);
  expect(await visit(5)).toBe(0);
  expect(rig.alarms).toEqual([told]);
  expect(rig.alarmVisits).not.toEqual([null]);
});

it('goods that were silent for too short a time to be told when the power went are told afterwards', async () => {
  deafen(5);
  await rig.run(5_000);
  await rig.restart(10_000, () => undefined, 'closed');
  await rig.run(120_000);
  expect(rig.alarms).toEqual([told]);
});

it('what staff takes away while the power is off is on no charge, and told once over many starts', async () => {
  const meanwhile = (): void => {
    for (const epc of tagsOf(10)) rig.inside.delete(epc);
  };
  await rig.restart(3_600_000, meanwhile, 'closed');
  await rig.run(1_200_000);
  for (let start = 1; start <= 3; start++) {
    await rig.restart(10_000, () => undefined, 'closed');
    await rig.run(120_000);
  }
  expect(rig.alarms).toEqual([told]);
  expect(await rig.scan()).toBe(true);
  expect(await visit(12)).toBe(2);
  expect(rig.alarms).toEqual([told, told]);
  await rig.run(120_000, () => rig.loop.visit.state === 'attract');
  await rig.run(20_000);
  await rig.restart(10_000, () => undefined, 'closed');
  await rig.run(120_000);
  expect(rig.alarms).toEqual([told, told]);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 8, confidence: 1 - 1e-5 }]);
});

it('a door that is open when the power comes back ends every doubt', async () => {
  const meanwhile = (): void => {
    for (const epc of tagsOf(10)) rig.inside.delete(epc);
  };
  await rig.restart(10_000, meanwhile, 'open');
  await rig.run(20_000);
  rig.door('closed');
  await rig.run(120_000);
  expect(rig.alarms).not.toContain(told);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 10, confidence: 1 - 1e-5 }]);
});

it('what went in a visit that the power has not cut is no doubt after the next start', async () => {
  expect(await rig.scan()).toBe(true);
  expect(await visit(3)).toBe(3);
  await rig.run(120_000, () => rig.loop.visit.state === 'attract');
  await rig.restart(10_000, () => undefined, 'closed');
  await rig.run(120_000);
  expect(rig.alarms).toEqual([]);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 17, confidence: 1 - 1e-5 }]);
});

it('what is heard again after the start is sold as ever', async () => {
  await rig.restart(10_000, () => undefined, 'closed');
  await rig.run(120_000);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20, confidence: 1 - 1e-5 }]);
  expect(await visit(3)).toBe(3);
  expect(rig.alarms).toEqual([]);
});
