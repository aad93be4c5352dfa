import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail } from '../../shared/result.ts';
import { CabinetRig, countOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** The door was read as shut, and its bolt has not caught: it is opened once more, seen or while the lock is not heard. */
let rig: CabinetRig;
beforeEach(() => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
});
afterEach(() => {
  vi.restoreAllMocks();
  rig.remove();
});
function openAgain(isSeen: boolean): void {
  if (isSeen) rig.door('open');
  else rig.door('unknown', 2_500);
}
function findShut(isSeen: boolean): void {
  rig.door('closed', isSeen ? undefined : 5_500);
}

describe.each([
  ['seen', true],
  ['while the lock is not heard', false],
])('the door is opened again, %s', (_, isSeen) => {
  it.each([0, 1])(
    'three leave, and the next member, who takes %i, comes at once: billed, held or told',
    async (nextTakes) => {
      const charged = new Map<string, number>();
      rig.loop.onVisitChanged(({ context: { bill, chargeId } }) => {
        if (bill !== null && chargeId !== null)
          charged.set(chargeId, countOf(bill.lines) + countOf(bill.heldLines));
      });
      await rig.begin();
      rig.take(0, 1);
      await rig.run(5_000);
      // From here on the reader is slow.
      for (const reader of rig.readers) reader.readsPerSecond = 30;
      rig.door('closed');
      await rig.run(1_000);
      expect(rig.loop.visit.state).toBe('checking');
      openAgain(isSeen);
      await rig.run(2_500);
      rig.take(1, 4);
      await rig.run(500);
      findShut(isSeen);
      await rig.run(60_000, () => rig.loop.visit.state === 'receipt');
      expect(await rig.scan()).toBe(true);
      rig.door('open');
      await rig.run(3_000);
      rig.take(4, 4 + nextTakes);
      await rig.run(3_000);
      rig.door('closed');
      await rig.run(240_000);
      const pieces = [...charged.values()].reduce((sum, count) => sum + count, 0);
      expect(pieces === 4 + nextTakes || rig.alarms.length > 0).toBe(true);
    },
  );

  it('the disk refuses the bill meanwhile, and two come back: they are not billed', async () => {
    await rig.begin();
    rig.take(0, 3);
    await rig.run(5_000);
    rig.door('closed');
    vi.spyOn(rig.visits, 'save').mockImplementation(() => fail('storage.io', 'SQLITE_FULL'));
    await rig.run(8_000);
    openAgain(isSeen);
    await rig.run(1_000);
    for (const epc of tagsOf(2)) rig.inside.add(epc);
    await rig.run(3_000);
    findShut(isSeen);
    await rig.run(10_000);
    let billed: number | undefined;
    rig.loop.onVisitChanged(({ context }) => (billed = context.bill?.totalMinor ?? billed));
    vi.restoreAllMocks();
    await rig.run(200_000);
    expect(billed).toBe(100);
  });
});

it('a lock that is never heard again ends no visit: staff is told of a door that may be open', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  rig.door('closed');
  await rig.run(200);
  expect(rig.loop.visit.state).toBe('checking');
  rig.door('unknown', 2_500);
  await rig.run(240_000);
  expect(rig.loop.visit.state).toBe('ajar');
  expect(rig.alarms).toContain('door_left_open ajar');
  rig.door('closed', undefined);
  await rig.run(60_000, () => rig.loop.visit.state === 'receipt');
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 100, heldLines: [], review: [] });
});
