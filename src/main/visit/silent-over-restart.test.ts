import { afterEach, beforeEach, expect, it } from 'vitest';
import { CabinetRig, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

let rig: CabinetRig;
beforeEach(() => {
  rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
});
afterEach(() => rig.remove());
function deafen(count: number): void {
  const unheard = new Set(tagsOf(count));
  for (const reader of rig.readers) reader.hears = (epc) => !unheard.has(epc);
}
const billed = (bill: { lines: readonly { count: number }[] } | null): number =>
  (bill?.lines ?? []).reduce((sum, { count }) => sum + count, 0);

it('control: half of the shelf falls silent at once in a visit: nothing is billed', async () => {
  await rig.begin();
  await rig.run(3_000);
  deafen(10);
  await rig.run(10_000);
  expect(billed(await rig.shut())).toBe(0);
});

it.each(['open', 'closed'] as const)(
  'half of the shelf is silent since a power cut of 10 s in a visit (then %s): nothing is billed either',
  async (door) => {
    await rig.begin();
    await rig.run(3_000);
    await rig.restart(10_000, () => deafen(10), door);
    await rig.run(10_000);
    if (door === 'open') expect(billed(await rig.shut())).toBe(0);
    else {
      await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
      expect(billed(rig.loop.visit.context.bill)).toBe(0);
    }
  },
);

it('silent behind the shut door before it was opened, and a power cut between the two: nothing is billed', async () => {
  await rig.letIn();
  deafen(3);
  await rig.run(5_000);
  await rig.restart(2_000, () => undefined, 'closed');
  await rig.run(2_000);
  rig.door('open');
  await rig.run(5_000);
  expect(billed(await rig.shut())).toBe(0);
});

it('control of that: without the power cut', async () => {
  await rig.letIn();
  deafen(3);
  await rig.run(5_000);
  rig.door('open');
  await rig.run(5_000);
  expect(billed(await rig.shut())).toBe(0);
});
