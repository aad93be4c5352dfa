import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

/** A cabinet whose reader tells of each read so often, with the door open. */
async function begun(options: {
  count: number;
  readsPerSecond: number;
  p: number;
  repeats: number;
}): Promise<CabinetRig> {
  const rig = new CabinetRig({ ...options, ids: ['tag-reader-1'] });
  rigs.push(rig);
  for (const reader of rig.readers) reader.repeats = options.repeats;
  await rig.begin();
  return rig;
}

const cabinets = [
  { count: 20, readsPerSecond: 20, p: 0.95 },
  { count: 24, readsPerSecond: 48, p: 0.9 },
  { count: 20, readsPerSecond: 100, p: 0.8 },
];
const cases = [2, 8].flatMap((repeats) => cabinets.map((cabinet) => ({ ...cabinet, repeats })));

describe('a reader that tells of each read several times at once', () => {
  it.each(cases)('shows nothing as taken that lies there, and bills nothing of it: %o', async (one) => {
    const rig = await begun(one);
    let shownCount = 0;
    for (let turn = 0; turn < 20; turn++) {
      await rig.run(500);
      shownCount += rig.loop.visit.context.basket.itemCount;
    }
    const bill = await rig.shut();
    expect({ shownCount, named: namedOf(bill) }).toEqual({ shownCount: 0, named: 0 });
  });

  it.each(cases)('bills what is taken: %o', async (one) => {
    const rig = await begun(one);
    await rig.run(2_000);
    rig.take(0, 2);
    await rig.run(20_000, () => rig.loop.visit.context.basket.itemCount === 2);
    expect(rig.loop.visit.context.basket.itemCount).toBe(2);
    expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [] });
    expect([...rig.inside]).toHaveLength(tagsOf(one.count).length - 2);
  });
});
