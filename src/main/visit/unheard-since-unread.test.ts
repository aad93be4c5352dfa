import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** Somebody comes in at a slow reader, just as the lock is read again: not all goods have been heard since. */
const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

async function comeIn(rig: CabinetRig, isLockLost: boolean, beforeBack: () => void): Promise<void> {
  rigs.push(rig);
  rig.start();
  await rig.run(120_000);
  if (isLockLost) {
    await rig.run(2_500);
    rig.door('unknown', 2_500);
    await rig.run(200);
  }
  beforeBack();
  await rig.run(600);
  if (isLockLost) rig.door('closed', 3_300);
  expect(await rig.scan()).toBe(true);
  await rig.run(600);
}

/** The goods that are on the bill, after which everybody has had time to be told of others. */
async function shutAndWait(rig: CabinetRig): Promise<number> {
  const named = namedOf(await rig.shut());
  await rig.run(200_000);
  return named;
}

describe.each([
  ['the lock is read all the time', false],
  ['the lock is not read for 3 s', true],
])('%s', (_, isLockLost) => {
  it('an antenna fails as he comes in, and he takes its two pieces: billed, held or told', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const rig = new CabinetRig({ count: 24, readsPerSecond: 30, p: 0.8, seed });
      const blind = new Set(tagsOf(2));
      await comeIn(rig, isLockLost, () => {
        for (const reader of rig.readers) reader.hears = (epc) => !blind.has(epc);
      });
      rig.door('open', 200);
      for (const epc of blind) rig.inside.delete(epc);
      await rig.run(15_000);
      const named = await shutAndWait(rig);
      expect({ seed, isSaid: named === 2 || rig.alarms.length > 0 }).toEqual({ seed, isSaid: true });
    }
  });

  it('he takes six: billed, held or told', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const rig = new CabinetRig({ count: 24, readsPerSecond: 30, p: 0.6, seed });
      await comeIn(rig, isLockLost, () => undefined);
      rig.door('open', 200);
      await rig.run(3_000);
      for (const epc of [...rig.inside].slice(0, 6)) rig.inside.delete(epc);
      await rig.run(12_000);
      const named = await shutAndWait(rig);
      expect({ seed, isSaid: named === 6 || rig.alarms.length > 0 }).toEqual({ seed, isSaid: true });
    }
  });
});

it.each([3_000, 8_000])(
  'an antenna fails unseen, the door opens %i ms later, and nothing is taken: told, and on no charge',
  async (waitMs) => {
    for (let seed = 1; seed <= 6; seed++) {
      const rig = new CabinetRig({ count: 24, readsPerSecond: 60, p: 0.8, seed });
      const blind = new Set(tagsOf(2));
      await comeIn(rig, true, () => {
        for (const reader of rig.readers) reader.hears = (epc) => !blind.has(epc);
      });
      await rig.run(waitMs);
      rig.door('open', 200);
      await rig.run(15_000);
      const named = await shutAndWait(rig);
      expect({ seed, named, isTold: rig.alarms.length > 0 }).toEqual({ seed, named: 0, isTold: true });
    }
  },
);
