import { afterEach, beforeEach, expect, it } from 'vitest';
import { CabinetRig, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** A member is let in, the lock is not read any more, and in the end the door is read as shut. */
let rig: CabinetRig;
beforeEach(async () => {
  rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  await rig.letIn();
  await rig.run(500);
});
afterEach(() => rig.remove());

/** For so long that the door counts as open, or less. */
async function loseLock(ms = 20_000): Promise<void> {
  rig.door('unknown', 2_500);
  await rig.run(ms);
  expect(rig.loop.visit.state).toBe(ms < 15_000 ? 'unlocking' : 'shopping');
}
async function findShut(): Promise<void> {
  rig.door('closed', 40_000);
  await rig.run(60_000, () => ['receipt', 'nothingCharged'].includes(rig.loop.visit.state));
}

it.each([3_000, 20_000])(
  'the reader is lost with it, and goods are taken within %i ms: a human looks',
  async (ms) => {
    for (const reader of rig.readers) reader.readsPerSecond = 0;
    for (const epc of tagsOf(5)) rig.inside.delete(epc);
    await loseLock(ms);
    await findShut();
    expect(rig.loop.visit).toMatchObject({
      state: 'receipt',
      context: { bill: { review: ['recognition.reader_lost'] } },
    });
  },
);

it('what was taken and put back is not told as a door that was never opened', async () => {
  await loseLock();
  const [one = ''] = tagsOf(1);
  rig.inside.delete(one);
  await rig.run(10_000);
  expect(rig.loop.visit.context.basket.totalMinor).toBe(100);
  rig.inside.add(one);
  await rig.run(10_000);
  await findShut();
  expect(rig.loop.visit).toMatchObject({
    state: 'nothingCharged',
    context: { nothingChargedReason: 'nothing_taken' },
  });
});
