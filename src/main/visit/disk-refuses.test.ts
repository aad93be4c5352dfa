import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { fail } from '../../shared/result.ts';
import { CabinetRig, countOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** The disk takes no step of a visit for a while, as one that is full; people go on meanwhile. Each piece is ¥1.00. */
let rig: CabinetRig;
beforeEach(() => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
});
afterEach(() => {
  vi.restoreAllMocks();
  rig.remove();
});

function fillDisk(): void {
  vi.spyOn(rig.visits, 'save').mockImplementation(() => fail('storage.io', 'SQLITE_FULL: disk is full'));
}
function freeDisk(): void {
  vi.restoreAllMocks();
}
function totalOnScreen(): number {
  return rig.loop.visit.context.basket.totalMinor;
}
async function settled(): Promise<{ billed: number; held: number; review: readonly string[] }> {
  await rig.run(60_000, () => rig.loop.visit.context.bill !== null);
  const { bill } = rig.loop.visit.context;
  return { billed: countOf(bill?.lines), held: countOf(bill?.heldLines), review: bill?.review ?? [] };
}

it('goods are taken, and the door is shut: no more is billed than the screen said as it shut', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  fillDisk();
  rig.take(1, 4);
  await rig.run(8_000);
  rig.door('closed');
  expect(totalOnScreen()).toBe(100);
  await rig.run(1_000);
  freeDisk();
  await rig.run(2_000, () => rig.loop.visit.state === 'checking');
  expect(totalOnScreen()).toBe(100);
  expect(await settled()).toEqual({ billed: 1, held: 3, review: ['recognition.differs_from_confirmed'] });
});

it('a report that is taken back, and the door is shut: the line was in no number, and is held', async () => {
  await rig.begin();
  rig.take(0, 2);
  await rig.run(5_000);
  rig.loop.dispatch({ type: 'report', sku: 'COLA', wrong: true });
  expect(totalOnScreen()).toBe(0);
  fillDisk();
  rig.loop.dispatch({ type: 'report', sku: 'COLA', wrong: false });
  rig.door('closed');
  freeDisk();
  expect(await settled()).toMatchObject({ billed: 0, held: 2 });
});

it.each([2_000, 8_000])(
  'for %i ms with the door open: what is taken is shown then, and billed',
  async (ms) => {
    await rig.begin();
    fillDisk();
    rig.take(0, 2);
    await rig.run(ms);
    freeDisk();
    await rig.run(3_000);
    expect(totalOnScreen()).toBe(200);
    rig.take(2, 3);
    await rig.run(5_000);
    rig.door('closed');
    expect(await settled()).toEqual({ billed: 3, held: 0, review: [] });
    expect(rig.alarms).toEqual([]);
  },
);

it('what was taken before it counts as unrecorded is the shopper’s, what leaves afterwards is held', async () => {
  await rig.begin();
  fillDisk();
  rig.take(0, 2);
  await rig.run(15_000);
  rig.take(2, 5);
  await rig.run(8_000);
  freeDisk();
  await rig.run(3_000);
  expect(totalOnScreen()).toBe(200);
  rig.door('closed');
  expect(await settled()).toEqual({ billed: 2, held: 3, review: ['recognition.door_left_open'] });
});

/** The member takes nothing and goes; the door stays open for ten minutes. */
async function leaveOpen(): Promise<void> {
  await rig.begin();
  await rig.run(10_000);
  fillDisk();
  await rig.run(600_000);
}
const heldAll = { billed: 0, held: 3, review: ['recognition.door_left_open'] };

it('a door is left open: what a passer-by takes, and shuts it, is held, and staff is told', async () => {
  await leaveOpen();
  rig.take(0, 3);
  await rig.run(10_000);
  rig.door('closed');
  await rig.run(5_000);
  freeDisk();
  expect(await settled()).toMatchObject(heldAll);
  expect(rig.alarms.filter((alarm) => alarm.startsWith('door_left_open'))).toHaveLength(1);
});

it.each([
  ['before it has room', true],
  ['after it has room', false],
])('a door is left open: what a passer-by takes %s, with the door open, is held', async (_, isBefore) => {
  await leaveOpen();
  if (isBefore) rig.take(0, 3);
  await rig.run(10_000);
  freeDisk();
  await rig.run(3_000);
  if (!isBefore) rig.take(0, 3);
  await rig.run(10_000);
  expect(totalOnScreen()).toBe(0);
  rig.door('closed');
  expect(await settled()).toEqual(heldAll);
  expect(rig.alarms).toContain('door_left_open the disk has taken nothing for a while');
});

it('a door is left open, and the reader is silent as well: what is gone when it is heard again is held', async () => {
  await rig.begin();
  await rig.run(10_000);
  fillDisk();
  rig.readers[0]!.readsPerSecond = 0;
  await rig.run(600_000);
  freeDisk();
  await rig.run(3_000);
  rig.take(0, 3);
  rig.readers[0]!.readsPerSecond = 200;
  await rig.run(10_000);
  rig.door('closed');
  expect(await settled()).toMatchObject({ billed: 0, held: 3 });
});

it('the shopper shuts it, and somebody opens it once more: what leaves then is held', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  fillDisk();
  rig.door('closed');
  await rig.run(60_000);
  rig.door('open');
  rig.take(1, 4);
  await rig.run(8_000);
  freeDisk();
  await rig.run(5_000);
  expect(totalOnScreen()).toBe(100);
  rig.door('closed');
  expect(await settled()).toEqual({ billed: 1, held: 3, review: ['recognition.door_left_open'] });
});

it.each(['open', 'unknown'] as const)(
  'the member has not pulled yet: what leaves ten minutes later by a door that is then %s is held',
  async (door) => {
    await rig.letIn();
    await rig.run(1_000);
    fillDisk();
    rig.door('unknown');
    await rig.run(600_000);
    freeDisk();
    await rig.run(3_000);
    rig.door(door);
    await rig.run(20_000, () => rig.loop.visit.state === 'shopping');
    rig.take(0, 3);
    await rig.run(10_000);
    rig.door('closed');
    expect(await settled()).toMatchObject(heldAll);
  },
);

it.each(['open', 'unknown'] as const)(
  'the program starts again with the door %s, and the disk is full: what leaves ten minutes later is held',
  async (door) => {
    await rig.begin();
    await rig.run(5_000);
    fillDisk();
    await rig.restart(2_000, () => undefined, door);
    await rig.run(600_000);
    freeDisk();
    await rig.run(70_000, () => rig.loop.visit.state === 'shopping');
    rig.take(0, 3);
    await rig.run(10_000);
    rig.door('closed');
    expect(await settled()).toMatchObject(heldAll);
  },
);

/** What the bill says at the end, which the next state may forget. */
function lastBill(): () => { billed: number; held: number } {
  let last = { billed: 0, held: 0 };
  rig.loop.onVisitChanged(({ context: { bill } }) => {
    if (bill !== null) last = { billed: countOf(bill.lines), held: countOf(bill.heldLines) };
  });
  return () => last;
}

it.each([
  ['one piece is taken', 1, true, { billed: 1, held: 3 }],
  ['nothing is taken', 0, true, { billed: 0, held: 3 }],
  ['one piece is taken, and the reader is silent', 1, false, { billed: 0, held: 4 }],
])('%s, the bill waits, and the door opens again: it is part of the visit', async (_, first, isRead, all) => {
  await rig.begin();
  rig.take(0, first);
  await rig.run(5_000);
  if (!isRead) rig.readers[0]!.readsPerSecond = 0;
  rig.door('closed');
  fillDisk();
  await rig.run(6_000);
  expect(rig.loop.visit.state).toBe('checking');
  rig.door('open');
  await rig.run(3_000);
  rig.take(first, first + 3);
  await rig.run(5_000);
  rig.readers[0]!.readsPerSecond = 200;
  rig.door('closed');
  await rig.run(3_000);
  const bill = lastBill();
  freeDisk();
  await rig.run(60_000);
  expect(bill()).toEqual(all);
});

it('the bill waits, and the door is open again as the disk has room: the visit goes on', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  rig.door('closed');
  fillDisk();
  await rig.run(6_000);
  rig.door('open');
  freeDisk();
  await rig.run(2_000);
  expect(rig.loop.visit.state).toBe('shopping');
  rig.take(1, 4);
  await rig.run(5_000);
  expect(totalOnScreen()).toBe(400);
  rig.door('closed');
  expect(await settled()).toEqual({ billed: 4, held: 0, review: [] });
});

it('the shelf is read behind a door that has opened again: that is no reading of what left by it', async () => {
  await rig.begin();
  await rig.run(5_000);
  rig.readers[0]!.readsPerSecond = 60;
  rig.take(0, 1);
  await rig.run(500);
  rig.door('closed');
  fillDisk();
  await rig.run(1_500);
  rig.door('open');
  rig.take(1, 4);
  await rig.run(200);
  rig.door('closed');
  await rig.run(6_000);
  const bill = lastBill();
  freeDisk();
  await rig.run(60_000);
  expect(bill().billed + bill().held).toBe(4);
});

it('a slow reader reads on behind a step that waits for a minute: its answer is asked for all the same', async () => {
  await rig.begin();
  rig.take(0, 2);
  await rig.run(5_000);
  rig.door('closed');
  rig.readers[0]!.readsPerSecond = 4;
  fillDisk();
  await rig.run(60_000);
  freeDisk();
  expect(rig.loop.visit.state).toBe('checking');
  await rig.run(visitLimits.longCheckTimeoutMs + 2_000, () => rig.loop.visit.context.bill !== null);
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 200, review: [] });
});

it('the program starts again: what stood on the screen before is not shown, and no touch on it is taken', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  fillDisk();
  await rig.restart(2_000, () => undefined, 'unknown');
  await rig.run(1_000);
  const { state, context } = rig.loop.visit;
  expect(state).toBe('recovering');
  expect(rig.loop.confirm(context.basket.revision)).toBe(false);
  expect(rig.loop.dispatch({ type: 'report', sku: 'COLA', wrong: true })).toBe('unanswered');
  rig.door('open');
  freeDisk();
  await rig.run(3_000);
  expect(rig.loop.visit).toMatchObject({ state: 'shopping', context: { confirmed: null, reported: [] } });
});

it('the program starts again, and the door is found shut: no number stood there that bounds the bill', async () => {
  await rig.begin();
  rig.take(0, 1);
  await rig.run(5_000);
  fillDisk();
  await rig.restart(2_000, () => undefined, 'unknown');
  rig.take(1, 4);
  await rig.run(5_000);
  expect(rig.loop.visit.state).toBe('recovering');
  rig.door('closed', undefined);
  await rig.run(1_000);
  freeDisk();
  expect(await settled()).toMatchObject({ billed: 4, held: 0 });
});
