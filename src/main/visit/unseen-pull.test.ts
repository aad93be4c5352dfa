import { afterEach, expect, test } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

/** Two doors with a reader behind each; the first is open, and the second may have been unlocked in the same visit. */
async function firstOpen(isSecondUnlocked: boolean): Promise<void> {
  rig = new CabinetRig({
    ...{ count: 20, readsPerSecond: 200, p: 0.95 },
    ids: ['tag-reader-1', 'tag-reader-2'],
  });
  const left = new Set(tagsOf(10));
  for (const [index, reader] of rig.readers.entries()) {
    reader.behindDoor = index + 1;
    reader.hears = (epc) => left.has(epc) === (index === 0);
  }
  rig.start();
  rig.doors('closed', 'closed');
  await rig.run(60_000);
  await rig.scan();
  rig.loop.dispatch({ type: 'openDoor', door: 1 });
  await rig.run(500);
  rig.doors('open', 'closed');
  await rig.run(500);
  if (isSecondUnlocked) expect(rig.loop.dispatch({ type: 'openDoor', door: 2 })).toBeUndefined();
  await rig.run(500);
}

/** One piece leaves through the first door, three through the second one, whose contact says "shut" all the time. */
async function takenThroughBoth(): Promise<number> {
  rig.take(0, 1);
  rig.take(15, 18);
  await rig.run(10_000);
  rig.doors('closed', 'closed');
  await rig.run(60_000, () => rig.loop.visit.state === 'receipt');
  return namedOf(rig.loop.visit.context.bill);
}

test('what leaves through a second door that was unlocked is on the bill, whatever its contact says', async () => {
  await firstOpen(true);
  expect(await takenThroughBoth()).toBe(4);
});

test('after a power cut as well', async () => {
  await firstOpen(true);
  await rig.restart(1_000, () => undefined);
  rig.doors('open', 'closed');
  await rig.run(10_000);
  expect(await takenThroughBoth()).toBe(4);
});

test('what falls silent behind one that was not is on none', async () => {
  await firstOpen(false);
  expect(await takenThroughBoth()).toBe(1);
});
