import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { type Visit, VisitChart, mustSurvive } from '../../core/visit/visit.ts';
import type { Alarm } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { catalog, inventory, linesOf } from '../../testkit/core/visit-script.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { fail, ok } from '../../shared/result.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { VisitClosings } from '../charges/visit-closings.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { makeVisitRecords } from './stored-records.ts';
import { verifyJournals } from './verify-journals.ts';
import { VisitLoop } from './visit-loop.ts';
import type { VisitRecords } from './visit-records.ts';
import { VisitStore } from './visit-store.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { countedRandom } from '../../testkit/counted-random.ts';

const graceMs = 15_000;
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const health = (kind: DeviceHealth['kind'], state: DeviceHealth['state'] = 'ready'): DeviceHealth => ({
  ...{ id: kind, kind, state, lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' },
});

let db: Database;
let clock: FakeClock;
let path: string;
let removeFolder: () => void;
let alarms: Alarm[];
let operatorNowMs: number | null;
let loop: VisitLoop;
let records: VisitRecords;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  db = mustOpen(path, clock);
  alarms = [];
  operatorNowMs = null;
  records = makeVisitRecords(
    db,
    new VisitStore(db, clock),
    new ChargeStore(db, testLog(db), clock, clock),
    new VisitClosings(db, clock, clock),
  );
});
afterEach(() => {
  loop.stop();
  db.close();
  removeFolder();
});

function makeLoop(over: Partial<VisitRecords> = {}): VisitLoop {
  loop = new VisitLoop({
    chart: new VisitChart(),
    ports: {
      cabinetId: 'S-0001',
      devices: {
        unlock: () => Promise.resolve(ok({ door: 'closed' as const })),
        setPollMode: () => undefined,
      },
      catalog: () => catalog,
      enrolled: () => true,
      canPersistCharges: () => true,
      operatorNowMs: () => operatorNowMs,
      authorise: () => Promise.resolve({ member: { memberId: 'M-1', display: '王*' } }),
      raiseAlarm: (alarm) => alarms.push(alarm),
      chargeSettled: () => undefined,
      random: countedRandom(),
    },
    records: { ...records, ...over },
    estimator: new TagInventoryEstimator(() => catalog),
    clock,
    logger: silent,
  });
  return loop;
}
const say = (...events: DeviceEvent[]): void => {
  for (const event of events) loop.deviceEvent(event);
};
const ready: DeviceEvent[] = [
  { type: 'health', devices: [health('lock'), health('tag-reader')] },
  { type: 'door', door: 'closed', atMs: 0 },
];
const ids = (number: number) => {
  const random = new Uint8Array(10).fill(number);
  return { visitId: makeVisitId(1, random), chargeId: makeChargeId(1, random) };
};
const evidence = (taken: string[], added: string[] = []): VisitEvent => ({
  type: 'evidence',
  taken: linesOf(taken),
  added: linesOf(added),
});
/** The loop as far as an open door, with visit number so and so. */
async function enter(number = 1): Promise<void> {
  loop.dispatch({ type: 'codeScanned', code: 'KM1.x', ...ids(number) });
  await clock.advance(1);
  loop.dispatch({ type: 'baseline', inventory, atMs: 10 });
  say({ type: 'door', door: 'open', atMs: 20 });
}
function verified(): { verifiedCount: number; skippedCount: number; wrong: readonly string[] } {
  const done = verifyJournals(db, clock, visitLimits);
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
}

describe('the visit that a restart interrupted', () => {
  test('is asked for until the database answers; nothing is sold before that', async () => {
    makeLoop().start();
    say(...ready);
    await enter();
    expect(loop.visit.state).toBe('shopping');
    loop.stop();

    let refuses = true;
    makeLoop({
      loadActive: () => (refuses ? fail('storage.io', 'cannot be read') : records.loadActive()),
    }).start();
    say(...ready, { type: 'door', door: 'open', atMs: 30 });
    await clock.advance(graceMs);
    expect(loop.visit.state).toBe('outOfService');
    expect(loop.availability.availability).toMatchObject({ reason: 'storage_failed' });
    loop.dispatch({ type: 'codeScanned', code: 'KM1.x', ...ids(2) });
    expect(loop.visit.state).toBe('outOfService');
    refuses = false;
    await clock.advance(2_000);
    expect(loop.visit).toMatchObject({ state: 'shopping', context: { visitId: ids(1).visitId } });
    expect(alarms).toEqual([]);
    expect(verified()).toEqual({ verifiedCount: 1, skippedCount: 0, wrong: [] });
  });

  test.each([
    ['null', null],
    ['damaged', { tags: [{ epc: 'zz', sku: 1 }], taken: 5 }],
    ['of another estimator', { of: 'another' }],
  ])('is put aside when what the estimator remembers is %s: its charge stays open', async (_, memory) => {
    makeLoop().start();
    say(...ready);
    await enter();
    loop.dispatch(evidence(['A001', 'B001']));
    const { visitId, chargeId } = ids(1);
    loop.stop();

    makeLoop({
      loadActive: () => {
        const found = records.loadActive();
        if (!found.ok || found.value === null) return found;
        return ok({ ...found.value, state: { ...(found.value.state as object), estimator: memory } });
      },
    }).start();
    say(...ready);
    await clock.advance(graceMs);
    expect(loop.visit.context.visitId).not.toBe(visitId);
    expect(new ChargeStore(db, testLog(db), clock, clock).get(chargeId)).toMatchObject({
      value: { state: 'open' },
    });
    expect(records.loadActive()).toEqual({ ok: true, value: null });
  });

  test('is put aside when it cannot be read, tried until that holds; then the next one may begin', async () => {
    const { visitId } = ids(3);
    new VisitStore(db, clock).save(visitId, { state: 'shopping', context: 'none' }, { type: 'door' }, true);
    let refuses = true;
    makeLoop({
      quarantine: (id) => (refuses ? fail('storage.io', 'full') : records.quarantine(id)),
    }).start();
    say(...ready);
    await clock.advance(graceMs);
    expect(loop.visit.state).toBe('outOfService');
    refuses = false;
    await clock.advance(2_000);
    expect(loop.visit.state).toBe('attract');
    await enter();
    expect(loop.visit.state).toBe('shopping');
  });

  test.each(['{"version":4,"vis', '{"state":"shopping","context":"none"}'])(
    'is put aside as it is, and told inside the same commit: %s',
    async (damaged) => {
      makeLoop().start();
      say(...ready);
      await enter();
      const { visitId } = ids(1);
      loop.stop();
      db.transaction(() => {
        db.prepare('UPDATE visit SET state_json = ? WHERE visit_id = ?').run(damaged, visitId);
        return ok();
      });

      const toldInside: Alarm[] = [];
      makeLoop({
        transaction: (fn) =>
          records.transaction(() => {
            const written = fn();
            toldInside.push(...alarms);
            return written;
          }),
      }).start();
      const row = db.read(() =>
        db.prepare('SELECT state_json, active FROM visit WHERE visit_id = ?').first(visitId),
      );
      expect(row).toEqual({ ok: true, value: { state_json: damaged, active: 0 } });
      expect(alarms).toMatchObject([{ kind: 'device_fault', visitId, detail: 'visit_unreadable' }]);
      expect(toldInside).toEqual(alarms);
    },
  );
});

describe('availability', () => {
  test('a forced door is an alarm, once', async () => {
    makeLoop().start();
    say(...ready);
    await clock.advance(graceMs);
    say({ type: 'door', door: 'open', atMs: 30 });
    await clock.advance(5_000);
    expect(loop.visit.state).toBe('outOfService');
    expect(alarms).toMatchObject([
      { kind: 'door_open_without_visit', visitId: null, detail: 'outOfService' },
    ]);
    say({ type: 'door', door: 'closed', atMs: 40 });
    expect(loop.visit.state).toBe('attract');
  });

  test.each(['maintenance', 'update'] as const)(
    '%s: no visit begins, one that runs goes on',
    async (kind) => {
      const start = () =>
        kind === 'update' ? loop.availability.startUpdate() : loop.availability.startMaintenance('S-7');
      const end = () =>
        kind === 'update' ? loop.availability.endUpdate() : loop.availability.endMaintenance();
      makeLoop().start();
      say(...ready);
      await clock.advance(graceMs);
      await enter();
      expect(start()).toBe(true);
      expect(loop.visit.state).toBe('shopping');
      say({ type: 'door', door: 'closed', atMs: 40 });
      loop.dispatch({ type: 'finalReading', reading: { absent: linesOf(['A001']), unsure: [] } });
      expect(loop.visit.state).toBe('receipt');
      loop.dispatch({ type: 'codeScanned', code: 'KM1.x', ...ids(2) });
      expect(loop.visit.state).toBe('receipt');
      loop.dispatch({ type: 'chooseCode' });
      expect(loop.visit.state).toBe('outOfService');
      // The staff opens the door.
      say({ type: 'door', door: 'open', atMs: 50 });
      await clock.advance(5_000);
      expect(alarms).toEqual([]);
      say({ type: 'door', door: 'closed', atMs: 60 });
      end();
      expect(loop.visit.state).toBe('attract');
      expect(verified()).toEqual({ verifiedCount: 1, skippedCount: 0, wrong: [] });
    },
  );
});

test('parts that subscribe to the visit are called with each new state until they have enough', () => {
  makeLoop();
  const seen: string[] = [];
  const stop = loop.onVisitChanged(({ state }: Visit) => seen.push(state));
  loop.start();
  say(...ready);
  loop.dispatch({ type: 'chooseCode' });
  stop();
  loop.dispatch({ type: 'cancel' });
  expect(seen).toEqual(['attract', 'identifyingByCode']);
});

test('any journal leads to the state on record, byte for byte, also over restarts', async () => {
  let number = 0;
  const tags = fc.subarray(['A001', 'A002', 'B001', 'CCCC']);
  const anything = fc.oneof(
    tags.map((taken) => () => evidence(taken, taken.length > 2 ? ['F001', 'DDDD'] : [])),
    tags.map((gone) => (): VisitEvent => {
      return { type: 'finalReading', reading: { absent: linesOf(gone), unsure: linesOf(['A002']) } };
    }),
    fc.constantFrom<() => VisitEvent>(
      () => ({ type: 'confirm', revision: loop.visit.context.basket.revision }),
      () => ({ type: 'timer', seq: loop.visit.context.timer?.seq ?? -1 }),
      () => ({ type: 'report', sku: 'CHIP', wrong: true }),
      () => ({ type: 'unlockFailed' }),
      () => ({ type: 'availabilityChanged', available: false, isDoorForced: false }),
      // In every other visit it waited for the disk.
      () => ({
        type: 'door',
        door: 'closed',
        atMs: 70,
        ...(number % 2 === 0 && { inNumber: linesOf(['A001']) }),
      }),
      () => ({ type: 'unrecorded' }),
      () => ({ type: 'door', door: 'open', atMs: 60 }),
      () => ({ type: 'door', door: 'unknown', atMs: 65 }),
    ),
    fc.constant('restart' as const),
  );
  makeLoop().start();
  say(...ready);
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 10, maxLength: 25 }), async (steps) => {
      if (!mustSurvive(loop.visit)) {
        loop.dispatch({ type: 'finish' });
        loop.dispatch({ type: 'availabilityChanged', available: true, isDoorForced: false });
        await enter(++number);
      }
      for (const step of steps) {
        if (step === 'restart') {
          loop.stop();
          makeLoop().start();
          say(...ready);
        } else loop.dispatch(step());
      }
      // Every other one is brought to its end, so that there is something to verify.
      for (let turn = 0; turn < 10 && steps.length % 2 === 0 && mustSurvive(loop.visit); turn++) {
        loop.dispatch({ type: 'door', door: 'closed', atMs: 80 });
        loop.dispatch({ type: 'finalReading', reading: { absent: [], unsure: [] } });
        loop.dispatch({ type: 'timer', seq: loop.visit.context.timer?.seq ?? -1 });
      }
      expect(verified().wrong).toEqual([]);
    }),
    { numRuns: 60 },
  );
  // Visits without a reading, one after the other, put the cabinet out of service: how many there are is chance.
  expect(verified().verifiedCount).toBeGreaterThan(0);
});

test('a code is judged by the operator’s time; while that is not known, by the operator alone', () => {
  const trueMs = 1_767_225_600_000;
  const expiresS = Math.floor(trueMs / 1000) + 60;
  const code = `KM1.M-1.${expiresS.toString(36)}.${'n'.repeat(12)}.${'s'.repeat(86)}`;
  const judged = (knownMs: number | null): string => {
    makeLoop().start();
    say(...ready);
    operatorNowMs = knownMs;
    loop.scanned(code);
    const { state } = loop.visit;
    loop.stop();
    return state;
  };
  // Eight hours ahead: the local time was taken for UTC.
  clock.jumpWall(trueMs + 8 * 3_600_000 - clock.nowMs());
  const fresh = judged(trueMs);
  expect(fresh).not.toBe('refused');
  expect(judged(null)).toBe(fresh);
  expect(judged(trueMs + 3_600_000)).toBe('refused');
  // It says that it is good for an hour: of a time when the operator's clock was ahead.
  expect(judged(trueMs - 3_600_000)).toBe('refused');
});
