import { afterEach, beforeEach, expect, it } from 'vitest';
import { CabinetRig, namedOf } from '../../testkit/main/visit/cabinet-rig.ts';

let rig: CabinetRig;
beforeEach(async () => {
  rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  await rig.letIn();
});
afterEach(() => rig.remove());

it.each([100, 1_500, 3_500, 8_000])(
  'two pieces that leave within the %i ms in which the door is not read are billed',
  async (unreadMs) => {
    rig.take(0, 2);
    await rig.run(unreadMs);
    rig.door('open', unreadMs);
    await rig.run(5_000);
    expect(rig.loop.visit.context.basket.itemCount).toBe(2);
    expect((await rig.shut())?.totalMinor).toBe(200);
  },
);

it('two pieces that leave while the lock falls silent, and is lost, are billed', async () => {
  rig.take(0, 2);
  await rig.run(2_500);
  rig.door('unknown', 2_500);
  await rig.run(2_500);
  rig.door('open', undefined);
  await rig.run(5_000);
  expect((await rig.shut())?.totalMinor).toBe(200);
});

it('two pieces that leave while the device host is away are on the charge', async () => {
  rig.take(0, 2);
  await rig.run(2_500);
  rig.loop.deviceEvent({ type: 'hostGone' });
  rig.door('open', undefined);
  await rig.run(5_000);
  expect(namedOf(await rig.shut())).toBe(2);
});

it('two pieces that leave in a power cut, after which the door stands open, are on the charge', async () => {
  await rig.restart(2_000, () => rig.take(0, 2), 'unknown');
  await rig.run(2_500);
  rig.door('open', undefined);
  await rig.run(5_000);
  expect(namedOf(await rig.shut())).toBe(2);
});

it.each([
  ['and was not read for long then', ['open']],
  ['and was lost before it was opened', ['unknown', 'open']],
] as const)("what was silent while the door was read as shut is nobody's: %s", async (_, doors) => {
  rig.take(0, 2);
  await rig.run(5_000);
  await rig.run(2_500);
  for (const door of doors) rig.door(door, 2_500);
  await rig.run(5_000);
  expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  expect(namedOf(await rig.shut())).toBe(0);
});
