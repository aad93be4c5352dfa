import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig, countOf, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** What a slow reader does not hear any more before the door is opened: too short to be certain (ADR 0105). */
const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

/** A member is let in at a cabinet of 24 pieces, each heard in 8 rounds of 10. */
async function letIn(seed: number, readsPerSecond: number): Promise<CabinetRig> {
  const rig = new CabinetRig({ count: 24, readsPerSecond, p: 0.8, seed });
  rigs.push(rig);
  rig.start();
  await rig.run(120_000);
  expect(await rig.scan()).toBe(true);
  await rig.run(1_000);
  return rig;
}

/** The antenna of two pieces dies, and so much time passes. */
async function loseAntenna(rig: CabinetRig, silentMs: number): Promise<void> {
  const blind = new Set(tagsOf(2));
  for (const reader of rig.readers) reader.hears = (epc) => !blind.has(epc);
  await rig.run(silentMs);
}
async function openAfterSilence(rig: CabinetRig, silentMs: number): Promise<void> {
  await loseAntenna(rig, silentMs);
  rig.door('open', 200);
}

const hearAll = ({ readers }: CabinetRig): void => {
  for (const reader of readers) reader.hears = () => true;
};

it.each([
  [200, 5_000],
  [60, 5_000],
  [40, 8_000],
  [30, 8_000],
  [30, 12_000],
])(
  'at %i reads a second, silent for %i ms before the opening: nobody is billed, and staff is told whose door it was',
  async (rate, silentMs) => {
    for (let seed = 1; seed <= 6; seed++) {
      const rig = await letIn(seed, rate);
      const { visitId } = rig.loop.visit.context;
      await openAfterSilence(rig, silentMs);
      await rig.run(15_000);
      const { basket } = rig.loop.visit.context;
      const bill = await rig.shut();
      const held = countOf(bill?.heldLines);
      // What was certain by then is dropped, the rest is held, and drawn so.
      expect({ seed, shown: basket.totalMinor, billed: bill?.totalMinor }).toEqual({
        seed,
        shown: 0,
        billed: 0,
      });
      expect(basket.lines.map(({ count, confidence }) => [count, confidence])).toEqual(
        held === 0 ? [] : [[held, 'doubtful']],
      );
      expect(bill?.review).toEqual(held === 0 ? [] : ['recognition.door_left_open']);
      expect(rig.alarms).toEqual(['device_fault goods_vanished']);
      expect(rig.alarmVisits).toEqual([visitId]);
    }
  },
);

it.each([
  [2_600, 0],
  [2_600, 1_500],
  [3_000, 1_500],
])(
  'silent for %i ms, and then lock and reader hang together for %i ms: that is no silence, and takes none off',
  async (silentMs, hungMs) => {
    for (let seed = 1; seed <= 4; seed++) {
      const rig = await letIn(seed, 200);
      await loseAntenna(rig, silentMs);
      for (const reader of rig.readers) reader.readsPerSecond = 0;
      await rig.run(hungMs);
      for (const reader of rig.readers) reader.readsPerSecond = 200;
      rig.door('open', hungMs + 200);
      await rig.run(15_000);
      expect({ seed, billed: (await rig.shut())?.totalMinor, alarms: rig.alarms }).toEqual({
        seed,
        billed: 0,
        alarms: ['device_fault goods_vanished'],
      });
    }
  },
);

describe('at 30 reads a second, silent for 6 s before the opening', () => {
  it('a power cut while the door is open: held all the same', async () => {
    const rig = await letIn(1, 30);
    await openAfterSilence(rig, 6_000);
    await rig.run(2_000);
    await rig.restart(2_000, () => undefined, 'open');
    await rig.run(40_000);
    const bill = await rig.shut();
    expect([bill?.totalMinor, countOf(bill?.heldLines), bill?.review]).toEqual([
      0,
      2,
      ['recognition.door_left_open'],
    ]);
  });

  it('the lock is not read for a moment before it: held all the same', async () => {
    const rig = await letIn(1, 30);
    // It was last read as shut 2.5 s before it is said.
    await loseAntenna(rig, 8_500);
    rig.door('unknown', 2_500);
    await rig.run(500);
    rig.door('closed', undefined);
    await rig.run(500);
    rig.door('open', 200);
    await rig.run(15_000);
    const bill = await rig.shut();
    expect([bill?.totalMinor, countOf(bill?.heldLines)]).toEqual([0, 2]);
    expect(rig.alarms).toEqual(['device_fault goods_vanished']);
  });

  it('heard again, and then taken: billed', async () => {
    const rig = await letIn(1, 30);
    await openAfterSilence(rig, 6_000);
    await rig.run(3_000);
    hearAll(rig);
    await rig.run(8_000);
    expect(rig.loop.visit.context.basket.lines).toEqual([]);
    for (const epc of tagsOf(2)) rig.inside.delete(epc);
    await rig.run(15_000);
    expect(rig.loop.visit.context.basket.lines).toMatchObject([{ count: 2, confidence: 'certain' }]);
    expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [], review: [] });
    expect(rig.alarms).toEqual([]);
  });

  it('others are taken: they alone are billed', async () => {
    const rig = await letIn(1, 30);
    await openAfterSilence(rig, 6_000);
    await rig.run(1_000);
    for (const epc of tagsOf(5).slice(2)) rig.inside.delete(epc);
    await rig.run(15_000);
    const bill = await rig.shut();
    expect([bill?.totalMinor, countOf(bill?.heldLines)]).toEqual([300, 2]);
  });
});

it.each([30, 60, 100])('at %i reads a second, what is taken as the door opens is billed', async (rate) => {
  let named = 0;
  let billed = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const rig = await letIn(seed, rate);
    rig.door('open', 200);
    for (const epc of tagsOf(4)) rig.inside.delete(epc);
    await rig.run(15_000);
    const bill = await rig.shut();
    named += namedOf(bill);
    billed += (bill?.totalMinor ?? 0) / 100;
  }
  expect({ named, billed }).toEqual({ named: 24, billed: 24 });
});
