import { expect, it } from 'vitest';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { FakeClock } from '../../shared/clock.ts';
import { VisitEventQueue } from './visit-event-queue.ts';

const evidence = (quantity: number): VisitEvent => ({
  type: 'evidence',
  added: [],
  taken: [{ sku: 'COLA', quantity, confidence: 1, sources: ['tags'] }],
});
const door = (state: 'open' | 'closed', atMs: number): VisitEvent => ({ type: 'door', door: state, atMs });

/** A queue whose commits fail until `heal`; `applied`: what then happens, in order. */
function makeRig() {
  const clock = new FakeClock();
  const applied: VisitEvent[] = [];
  let isBroken = true;
  const queue = new VisitEventQueue({
    clock,
    retryMs: 1_000,
    lateMs: 10_000,
    drained: () => undefined,
    apply: (event) => {
      if (!isBroken) applied.push(event);
      return !isBroken;
    },
  });
  const heal = async () => {
    isBroken = false;
    await clock.advance(1_000);
    return applied;
  };
  return { clock, queue, heal };
}

it('while commits fail, what the door does is kept and the newest evidence between', async () => {
  const { queue, heal } = makeRig();
  for (let second = 1; second <= 60; second++) {
    for (let n = 1; n <= 20; n++) {
      expect(queue.add(evidence(n))).toBe(true);
      expect(queue.add({ type: 'active' })).toBe(true);
      // The lock says the same again and again.
      expect(queue.add(door('open', second))).toBe(true);
    }
  }
  queue.add(door('closed', 61));
  queue.add(evidence(9));
  queue.add(evidence(10));
  const applied = await heal();
  expect(applied.filter((e) => e.type === 'door')).toEqual([door('open', 1), door('closed', 61)]);
  expect(applied.filter((e) => e.type === 'evidence')).toEqual([evidence(1), evidence(20), evidence(10)]);
});

it('while commits fail, what each of several doors does is kept', async () => {
  const { queue, heal } = makeRig();
  const first: VisitEvent = { type: 'door', door: 'open', doors: ['open', 'closed'], atMs: 1 };
  const second: VisitEvent = { type: 'door', door: 'open', doors: ['open', 'open'], atMs: 2 };
  const last: VisitEvent = { type: 'door', door: 'open', doors: ['closed', 'open'], atMs: 3 };
  for (const event of [evidence(1), first, second, { ...second, atMs: 3 }, last]) queue.add(event);
  expect((await heal()).slice(1)).toEqual([first, second, last]);
});

it('of what people touch no flood pushes out that the door was shut', async () => {
  const { queue, heal } = makeRig();
  queue.add(door('open', 1));
  for (let n = 0; n < 2_000; n++) queue.add({ type: 'confirm', revision: n });
  expect(queue.add(door('closed', 2))).toBe(false);
  const applied = await heal();
  expect(applied.at(-1)).toEqual(door('closed', 2));
  expect(applied.length).toBeLessThanOrEqual(500);
});

it('a door that bounces for hours keeps its first and its last word', async () => {
  const { queue, heal } = makeRig();
  for (let n = 0; n < 4_001; n++) queue.add(door(n % 2 === 0 ? 'open' : 'closed', n));
  const applied = await heal();
  expect(applied.length).toBeLessThanOrEqual(500);
  expect([applied[0], applied.at(-1)]).toEqual([door('open', 0), door('open', 4_000)]);
});

it('what comes after ten seconds is unrecorded, once for each time that the door moves', async () => {
  const { clock, queue, heal } = makeRig();
  const unrecorded: VisitEvent = { type: 'unrecorded' };
  queue.add(door('open', 1));
  await clock.advance(9_000);
  queue.add(evidence(1));
  await clock.advance(1_000);
  for (const quantity of [2, 3]) {
    queue.add(evidence(quantity));
    await clock.advance(5_000);
  }
  for (const [state, atMs] of [
    ['closed', 2],
    ['open', 3],
  ] as const) {
    queue.add(door(state, atMs));
    queue.add(evidence(4));
  }
  expect(await heal()).toEqual([
    door('open', 1),
    evidence(1),
    unrecorded,
    evidence(3),
    door('closed', 2),
    unrecorded,
    evidence(4),
    door('open', 3),
    unrecorded,
    evidence(4),
  ]);
  // Nothing waits any more.
  queue.add(evidence(5));
  expect(await heal()).toHaveLength(11);
});

it('what is unrecorded is so however much people touch meanwhile', async () => {
  const { clock, queue, heal } = makeRig();
  queue.add(door('open', 1));
  for (let n = 0; n < 2_000; n++) queue.add({ type: 'confirm', revision: n });
  queue.add(evidence(1));
  await clock.advance(10_000);
  queue.add(evidence(2));
  const applied = (await heal()).filter(({ type }) => type !== 'confirm');
  expect(applied).toEqual([door('open', 1), { type: 'unrecorded' }]);
});
