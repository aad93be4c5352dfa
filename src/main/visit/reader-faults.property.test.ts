import { expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const count = 20;

/** One visit at two readers that may be lost, come back or change their pace, before it or in it; or go blind before it. */
async function play(seed: number) {
  const ids = ['tag-reader-1', 'tag-reader-2'];
  const rig = new CabinetRig({ count, readsPerSecond: 200, p: 0.95, ids, seed });
  const tags = tagsOf(count);
  const alone = new Set(tags.filter((_, index) => index % 3 === 0));
  const blind = new Set<string>();
  for (const [index, reader] of rig.readers.entries()) {
    reader.hears = (epc) => !blind.has(epc) && (index === 1 || !alone.has(epc));
  }
  /** In a visit no antenna goes blind: with less than half of what its reader heard, that is told from no hand. */
  const trouble = (mayGoBlind: boolean): void => {
    const reader = rig.readers[Math.floor(rig.random() * rig.readers.length)];
    if (reader === undefined) return;
    const kind = rig.random() * (mayGoBlind ? 1 : 0.7);
    if (kind < 0.4) reader.readsPerSecond = 10 + Math.floor(rig.random() * 190);
    else if (kind < 0.7) reader.state = rig.random() < 0.5 ? 'disconnected' : 'ready';
    else for (const epc of tags) if (rig.random() < 0.3) blind.add(epc);
    rig.health();
  };
  let taken = 0;
  try {
    rig.start();
    await rig.run(30_000);
    if (rig.random() < 0.5) trouble(true);
    await rig.run(60_000);
    if (!(await rig.scan())) return { wasLetIn: false, taken, billed: 0, named: 0, told: 0 };
    rig.door('open');
    for (let step = 0; step < 4; step++) {
      await rig.run(500 + rig.random() * 2_000);
      if (rig.random() < 0.5) trouble(false);
      const epc = tags[Math.floor(rig.random() * count)] ?? '';
      if (rig.random() < 0.5 && rig.inside.delete(epc)) taken++;
    }
    await rig.run(4_000);
    const bill = await rig.shut();
    const told = rig.alarms.length + (bill?.review.length ?? 0);
    return { wasLetIn: true, taken, billed: (bill?.totalMinor ?? 0) / 100, named: namedOf(bill), told };
  } finally {
    rig.remove();
  }
}

it('whatever happens to the readers: no more is billed than left, and what left is billed, held or told', async () => {
  let visits = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const played = await play(seed);
    const { wasLetIn, taken, billed, named, told } = played;
    if (wasLetIn) visits++;
    expect(billed, `seed ${seed}: ${JSON.stringify(played)}`).toBeLessThanOrEqual(taken);
    expect(named >= taken || told > 0, `seed ${seed}: ${JSON.stringify(played)}`).toBe(true);
  }
  expect(visits).toBeGreaterThan(5);
});
