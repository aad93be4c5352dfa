import { beforeEach, expect, it } from 'vitest';
import type { FinalEstimate } from '../../core/recognition/inventory.ts';
import type { InventoryEstimator } from '../../core/recognition/inventory-estimator.ts';
import type { VisitEvent, VisitStateName } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { DeviceKind } from '../../shared/model/device.ts';
import { forceBeforeMs } from '../../shared/reading-capacity.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { DeviceStatus } from './device-status.ts';
import { ShelfReader, countHeldMs } from './shelf-reader.ts';

const waitMs = 3_000;
const inventory = { catalogVersion: 'v1', currency: 'CNY' as const, products: [], lines: [] };
const reading: FinalEstimate = { absent: [], unsure: [] };
const tags: DeviceEvent = { type: 'tags', reads: [], atMs: 1 };

let clock: FakeClock;
let devices: DeviceStatus;
let said: VisitEvent[];
let visit: Visit;
let shelf: ShelfReader;
/** What the estimator knows: all, or only what it is forced to say. */
let isSettled: boolean;
const counted = new Map([['cola', ['E2', 'E3']]]);
let isHeard: boolean;

/** The visit is in this state, and its wait begins now. */
function enter(state: VisitStateName, seq: number, baseline: Visit['context']['baseline'] = null): void {
  visit = visitAt(state, { baseline, timer: { seq, durationMs: waitMs } });
  shelf.onStateEntered(state);
}
function ready(...kinds: DeviceKind[]): void {
  devices.update({
    type: 'health',
    devices: kinds.map((kind) => {
      return { id: kind, kind, state: 'ready', lastSeenMs: null, errorCount: 0, resetCount: 0, detail: '' };
    }),
  });
}
const types = (): string[] => said.map(({ type }) => type);

beforeEach(() => {
  clock = new FakeClock();
  devices = new DeviceStatus();
  said = [];
  [isSettled, isHeard] = [false, false];
  const estimator: InventoryEstimator = {
    observe: () => true,
    released: () => undefined,
    isAlive: () => true,
    isUseful: () => true,
    baseline: ({ force }) => (force || isSettled ? inventory : null),
    vanished: () => 0,
    vanishedAfter: () => null,
    unnamed: () => [],
    betweenVisits: () => null,
    recallBetweenVisits: () => undefined,
    unheard: () => 0,
    capacity: () => null,
    stock: () => null,
    stockTags: () => (isSettled ? counted : null),
    isEmpty: () => null,
    estimate: () => ({ taken: [], added: [] }),
    startFinal: () => undefined,
    foundAgain: () => [],
    final: ({ force }) => (force || isSettled ? reading : null),
    question: () => null,
    answer: () => undefined,
    scalesAtOdds: () => [],
    hearsFinal: () => isHeard,
    memory: () => null,
    restore: () => true,
  };
  shelf = new ShelfReader({
    clock,
    devices,
    estimator,
    isReaderFit: () => true,
    expired: () => new Map(),
    pastDay: () => new Map(),
    promotions: () => null,
    visit: () => visit,
    dispatch: (event) => said.push(event),
  });
  ready('lock');
  devices.update({ type: 'door', door: 'closed', atMs: 0 });
});

it('the baseline is said once, as soon as it is settled', () => {
  enter('preparing', 1);
  shelf.startBaseline();
  shelf.observe(tags);
  expect(said).toEqual([]);
  isSettled = true;
  shelf.observe(tags);
  shelf.observe(tags);
  expect(said).toEqual([{ type: 'baseline', inventory, atMs: clock.nowMs() }]);
});

it('a baseline that does not settle is said shortly before the wait ends', async () => {
  enter('preparing', 1);
  shelf.startBaseline();
  await clock.advance(waitMs - forceBeforeMs - 1);
  expect(said).toEqual([]);
  await clock.advance(1);
  expect(types()).toEqual(['baseline']);
});

it.each(['an open door', 'a lock that is away'])('there is no baseline behind %s', async (what) => {
  if (what === 'an open door') devices.update({ type: 'door', door: 'open', atMs: 0 });
  else ready();
  isSettled = true;
  enter('preparing', 1);
  shelf.startBaseline();
  shelf.observe(tags);
  await clock.advance(waitMs);
  expect(said).toEqual([]);
});

it('a visit that has gone on gets no baseline, nor one of a later wait', async () => {
  enter('preparing', 1);
  shelf.startBaseline();
  enter('refused', 2);
  isSettled = true;
  shelf.observe(tags);
  await clock.advance(waitMs);
  expect(said).toEqual([]);
});

it('evidence is said only while goods may leave', () => {
  enter('preparing', 1, inventory);
  shelf.observe(tags);
  enter('shopping', 2);
  shelf.observe(tags);
  expect(said).toEqual([]);
  enter('shopping', 3, inventory);
  shelf.observe(tags);
  expect(said).toEqual([{ type: 'evidence', taken: [], added: [] }]);
});

it('the final reading is said as soon as it is settled, and not after the door has opened again', () => {
  enter('checking', 1, inventory);
  shelf.startFinalReading();
  isSettled = true;
  shelf.observe(tags);
  expect(types()).toEqual(['evidence', 'finalReading']);
  enter('shopping', 2, inventory);
  shelf.observe(tags);
  expect(types()).toEqual(['evidence', 'finalReading', 'evidence']);
});

it('a reader that is not heard ends the reading with what it has, before the wait ends', async () => {
  enter('checking', 1, inventory);
  shelf.startFinalReading();
  await clock.advance(waitMs - forceBeforeMs);
  expect(said).toEqual([{ type: 'finalReading', reading }]);
});

it('a slow reader that is heard reads on once, then ends with what it has', async () => {
  isHeard = true;
  enter('checking', 1, inventory);
  shelf.startFinalReading();
  await clock.advance(waitMs - forceBeforeMs - 1);
  expect(said).toEqual([]);
  await clock.advance(1);
  expect(types()).toEqual(['readingContinues']);
  // However late that is on record.
  await clock.advance(60_000);
  enter('checking', 2, inventory);
  shelf.continueFinalReading();
  await clock.advance(waitMs);
  expect(types()).toEqual(['readingContinues', 'finalReading']);
});

it('of two final readings only the later one ends by its time', async () => {
  enter('checking', 1, inventory);
  shelf.startFinalReading();
  await clock.advance(1_000);
  enter('shopping', 2, inventory);
  enter('checking', 3, inventory);
  shelf.startFinalReading();
  await clock.advance(waitMs - forceBeforeMs - 1);
  expect(said).toEqual([]);
  await clock.advance(1);
  expect(types()).toEqual(['finalReading']);
});

it('a piece that is missed in one round: what was counted a moment ago holds until the door opens', async () => {
  isSettled = true;
  shelf.observe(tags);
  isSettled = false;
  expect(shelf.counts).toEqual(new Map([['cola', 2]]));
  await clock.advance(countHeldMs + 1);
  expect(shelf.counts).toBeNull();
  isSettled = true;
  expect(shelf.counts).toEqual(new Map([['cola', 2]]));
  isSettled = false;
  shelf.observe({ type: 'door', door: 'unknown', atMs: clock.monotonicMs() });
  expect(shelf.counts).toBeNull();
});
