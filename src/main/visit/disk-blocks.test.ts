import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fail } from '../../shared/result.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { CabinetRig, countOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** The disk takes a step of the visit, but only after a while: the main process stands still meanwhile. */
let rig: CabinetRig;
beforeEach(() => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
});
afterEach(() => {
  vi.restoreAllMocks();
  rig.remove();
});

/** The next step is taken (or refused) after so long, and each later one takes `laterMs`. */
function blockNext(ms: number, whatHappens: () => void, { fails = false, laterMs = 0 } = {}): void {
  const save = rig.visits.save.bind(rig.visits);
  let isOver = false;
  vi.spyOn(rig.visits, 'save').mockImplementation((...args) => {
    rig.clock.skip(isOver ? laterMs : ms);
    if (!isOver) {
      isOver = true;
      whatHappens();
      if (fails) return fail('storage.io', 'SQLITE_IOERR_FSYNC');
    }
    return save(...args);
  });
}
/** What the device host has heard of the shelf in the last so many ms, at once and in order. */
function deliverReads(ms: number): void {
  const endMs = rig.clock.monotonicMs();
  for (let atMs = endMs - ms + 50; atMs <= endMs; atMs += 50) {
    const heard = [...rig.inside].filter(() => rig.random() < 0.8);
    rig.loop.deviceEvent({ type: 'tags', reads: heard.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
  }
}

it.each([
  [3_000, 0],
  [20_000, 0],
  [600_000, 0],
  // A worn card: what was told meanwhile is put on record slowly as well.
  [3_000, 200],
  [3_000, 490],
])(
  'the disk blocks for %i ms (then %i), goods leave, and the door is shut: no more is billed than the screen said',
  async (ms, laterMs) => {
    await rig.begin();
    await rig.run(5_000);
    let shownMinor = -1;
    rig.loop.onVisitChanged(({ context }) => (shownMinor = context.basket.totalMinor));
    rig.take(0, 1);
    blockNext(
      ms,
      () => {
        rig.take(1, 4);
      },
      { laterMs },
    );
    await rig.run(5_000, () => rig.inside.size === 8);
    const asItShutMinor = shownMinor;
    deliverReads(Math.min(ms, 20_000));
    rig.door('closed');
    await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
    const { bill } = rig.loop.visit.context;
    expect(bill?.totalMinor).toBeLessThanOrEqual(asItShutMinor);
    expect(countOf(bill?.lines) + countOf(bill?.heldLines)).toBe(4);
    expect(bill?.review).not.toEqual([]);
  },
);

it('the disk blocks for ten minutes, the door is open: staff is told, and what leaves later is held', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.take(0, 1);
  blockNext(600_000, () => undefined);
  await rig.run(5_000);
  rig.take(1, 4);
  await rig.run(10_000);
  expect(rig.alarms).toEqual(['door_left_open the disk has taken nothing for a while']);
  expect(await rig.shut()).toMatchObject({
    totalMinor: 100,
    heldLines: [{ count: 3 }],
    review: ['recognition.door_left_open'],
  });
});

it('the disk blocks for a moment and the door is shut later: all of it is billed', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.take(0, 1);
  blockNext(3_000, () => {
    rig.take(1, 4);
  });
  await rig.run(8_000);
  expect(await rig.shut()).toMatchObject({ totalMinor: 400, heldLines: [], review: [] });
});

/** What is remembered of the shelf is written down as the door opens, and the disk takes so long for it. */
function blockAsDoorOpens(ms: number): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const set = MetaStore.prototype.set;
  let isOver = false;
  vi.spyOn(MetaStore.prototype, 'set').mockImplementation(function (this: MetaStore, ...args) {
    if (!isOver) {
      isOver = true;
      rig.clock.skip(ms);
      rig.take(0, 3);
    }
    return set.apply(this, args);
  });
  rig.door('open');
  expect(isOver).toBe(true);
}

it('the disk blocks for ten minutes for what is no step of the visit: what leaves meanwhile is held', async () => {
  await rig.letIn();
  blockAsDoorOpens(600_000);
  deliverReads(20_000);
  await rig.run(8_000);
  expect(await rig.shut()).toMatchObject({ ...heldOf3, totalMinor: 0 });
});

it('the disk blocks so for 3 s, and the door is shut: no more is billed than stood on the screen', async () => {
  await rig.letIn();
  blockAsDoorOpens(3_000);
  deliverReads(3_000);
  rig.door('closed');
  await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 0, heldLines: [{ count: 3 }] });
});

const heldOf3 = {
  totalMinor: 100,
  heldLines: [{ count: 3 }],
  review: ['recognition.door_left_open'],
};

it.each([20_000, 600_000])(
  'the disk blocks for %i ms as the closing is put on record, and the bolt has not caught: what leaves is held',
  async (ms) => {
    await rig.begin();
    rig.take(0, 1);
    await rig.run(8_000);
    blockNext(ms, () => {
      rig.take(1, 4);
    });
    rig.door('closed');
    // It was open again at once.
    rig.door('open');
    deliverReads(20_000);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject(heldOf3);
  },
);

it('the disk blocks for ten minutes, refuses, and takes it a second later: what left meanwhile is held', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.take(0, 1);
  blockNext(
    600_000,
    () => {
      rig.take(1, 4);
    },
    { fails: true },
  );
  await rig.run(5_000, () => rig.inside.size === 8);
  deliverReads(20_000);
  await rig.run(8_000);
  expect(await rig.shut()).toMatchObject(heldOf3);
});

it('one more step is refused after it: the door that is shut is bounded by the screen of before', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.take(0, 1);
  const save = rig.visits.save.bind(rig.visits);
  let count = 0;
  vi.spyOn(rig.visits, 'save').mockImplementation((...args) => {
    count++;
    if (count === 3) return fail('storage.io', 'SQLITE_IOERR');
    if (count === 1) {
      rig.clock.skip(3_000);
      rig.take(1, 4);
    }
    return save(...args);
  });
  await rig.run(5_000, () => rig.inside.size === 8);
  deliverReads(3_000);
  rig.door('closed');
  await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 0, heldLines: [{ count: 4 }] });
});

it('two in a row: a piece is put back in the first, and leaves in the second, in which the door is shut', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.take(0, 1);
  await rig.run(5_000);
  expect(rig.loop.visit.context.basket.totalMinor).toBe(100);
  rig.clock.skip(2_000);
  for (const epc of tagsOf(1)) rig.inside.add(epc);
  deliverReads(2_000);
  await rig.run(300);
  expect(rig.loop.visit.context.basket.totalMinor).toBe(0);
  rig.clock.skip(8_000);
  rig.take(0, 1);
  deliverReads(8_000);
  rig.door('closed');
  await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 0, heldLines: [{ count: 1 }] });
});

it.each([
  [800, 400],
  [600, 1_400],
])(
  'a machine that stands still for %i ms after each %i ms: what was shown is billed',
  async (stillMs, freeMs) => {
    const pass = async (ms: number): Promise<void> => {
      for (const endMs = rig.clock.monotonicMs() + ms; rig.clock.monotonicMs() < endMs;) {
        rig.clock.skip(stillMs);
        await rig.run(freeMs);
      }
    };
    await rig.begin();
    rig.take(0, 1);
    await pass(20_000);
    rig.take(1, 4);
    await pass(30_000);
    expect(rig.loop.visit.context.basket.totalMinor).toBe(400);
    expect(await rig.shut()).toMatchObject({ totalMinor: 400, heldLines: [] });
  },
);
