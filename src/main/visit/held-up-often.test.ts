import { afterEach, expect, it, vi } from 'vitest';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';

/** A card that is dying: one write takes seconds, and each step of what is told afterwards most of one. */
let rig: CabinetRig;
afterEach(() => {
  vi.restoreAllMocks();
  rig.remove();
});

it.each([
  // Pieces taken meanwhile, how long each later step takes.
  [10, 800],
  [24, 400],
  [24, 800],
  [30, 800],
])(
  '%i pieces leave in a block of 10 s in which the door is shut, later steps take %i ms',
  async (count, laterMs) => {
    rig = new CabinetRig({ count: 40, readsPerSecond: 800, p: 0.95 });
    await rig.begin();
    await rig.run(5_000);
    rig.take(0, 1);
    await rig.run(5_000);
    let shownMinor = rig.loop.visit.context.basket.totalMinor;
    expect(shownMinor).toBe(100);
    rig.loop.onVisitChanged(({ context }) => (shownMinor = context.basket.totalMinor));

    const fromMs = rig.clock.monotonicMs();
    rig.clock.skip(9_500);
    const asItShutMinor = shownMinor;
    const save = rig.visits.save.bind(rig.visits);
    vi.spyOn(rig.visits, 'save').mockImplementation((...args) => {
      rig.clock.skip(laterMs);
      return save(...args);
    });
    for (let atMs = fromMs + 50, taken = 1; atMs <= fromMs + 9_500; atMs += 50) {
      // One every quarter of a second.
      if (atMs - fromMs > 250 * taken && taken <= count) rig.take(taken, ++taken);
      const heard = [...rig.inside].filter(() => rig.random() < 0.8);
      rig.loop.deviceEvent({ type: 'tags', reads: heard.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
    }
    rig.door('closed');
    vi.restoreAllMocks();
    await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
    const { bill } = rig.loop.visit.context;
    expect(bill?.totalMinor).toBeLessThanOrEqual(asItShutMinor);
  },
);
