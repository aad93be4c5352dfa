import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { updateFailuresMax } from '../../core/updates/update-decision.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { LauncherState, OrderEnd, SlotOrder } from '../../shared/launcher.ts';
import type { UpdateOrder, UpdateReport } from '../../shared/model/update-order.schema.ts';
import { ok } from '../../shared/result.ts';
import { SeededRandom } from '../../shared/random.ts';
import { rollOutShare } from '../../shared/node/roll-out-share.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { UpdateError } from '../../updates/tuf/update-error.ts';
import type { Activity, QuietOptions } from '../quiescence.ts';
import { StaffWish, postponeMaxMs } from './staff-wish.ts';
import { UpdateController, chargeWaitMaxMs } from './update-controller.ts';

let scratch: ReturnType<typeof makeScratchFolder>;
let clock: FakeClock;
let controller: UpdateController;
/** What the test says of the world. */
let world: {
  order: UpdateOrder | null;
  activity: Activity | null;
  failure: UpdateError | null;
  /** The line brings next to nothing. */
  isSlow: boolean;
  minute: number;
  nowMs: number;
};
let installs: string[];
let restarts: number;
let reports: UpdateReport[];
/** What lies on the disk. */
let kept: Map<string, string>;
const meta = {
  get: (key: string) => ok(kept.get(key) ?? null),
  set: (key: string, value: string) => {
    kept.set(key, value);
    return ok();
  },
};
let staff: string[];

const wanted: UpdateOrder = {
  version: 1,
  issuedAtMs: 0,
  expiresAtMs: 1e12,
  release: '2.0.0',
  percent: 100,
  windows: [],
  isPaused: false,
  withdrawn: [],
};

beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock();
  world = { order: wanted, activity: null, failure: null, isSlow: false, minute: 0, nowMs: 1_000 };
  installs = [];
  reports = [];
  kept = new Map();
  staff = [];
  restarts = 0;
  make(null);
});
afterEach(async () => {
  await controller.stop();
  scratch.remove();
});

function make(order: string | null): void {
  controller = new UpdateController({
    place: { root: scratch.path, slot: 'a', order },
    folder: join(scratch.path, 'updates'),
    cabinetId: 'C1',
    running: '1.0.0',
    order: () => world.order,
    wish: new StaffWish(meta, () => world.nowMs),
    install: (version, stop) => {
      installs.push(version);
      if (world.isSlow)
        return new Promise((_, reject) => {
          stop.addEventListener('abort', () => reject(new UpdateError('busy', 'stopped')));
        });
      return world.failure === null ? Promise.resolve({ slot: 'b' }) : Promise.reject(world.failure);
    },
    before: () => ({ readyDevices: ['lock'], wasOnline: true, profile: { bad: null, unknown: [] } }),
    quiescence: {
      activity: ({ ignore = [] }: QuietOptions = {}) =>
        world.activity === null || ignore.includes(world.activity) ? null : world.activity,
    },
    nowMs: () => world.nowMs,
    minute: () => world.minute,
    usefulness: () => null,
    report: (report) => reports.push(report),
    tellStaff: (detail) => staff.push(detail),
    restart: () => restarts++,
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
  });
}
const start = async (): Promise<void> => {
  controller.start();
  await clock.advance(60_000);
};
const ordered = (): SlotOrder | null => {
  try {
    return JSON.parse(readFileSync(join(scratch.path, 'order.json'), 'utf8')) as SlotOrder;
  } catch {
    return null;
  }
};
function launcherSays(ends: readonly OrderEnd[], trying: LauncherState['trying'] = null): void {
  const ended = ends.map((end, i) => ({ id: String(i), version: '2.0.0', end }));
  const none = { previous: null, previousVersion: null };
  const state: LauncherState = { format: 1, current: 'a', ...none, trying, ended };
  writeFileSync(join(scratch.path, 'state.json'), JSON.stringify(state));
}

it('what is wanted is installed, ordered and switched to, with what worked before', async () => {
  await start();
  expect(installs).toEqual(['2.0.0']);
  expect(ordered()).toMatchObject({ slot: 'b', version: '2.0.0' });
  expect(restarts).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(join(scratch.path, 'updates', 'before.json'), 'utf8'))).toEqual({
    ...{ readyDevices: ['lock'], wasOnline: true, profile: { bad: null, unknown: [] } },
    order: ordered()?.id,
  });
  expect(reports.map(({ state }) => state)).toEqual(['fetching', 'trying']);
});

it.each(['visit', 'door', 'service'] as const)(
  '%s: installed, and not switched, however long',
  async (one) => {
    world.activity = one;
    await start();
    await clock.advance(24 * 3_600_000);
    expect(installs).toEqual(['2.0.0']);
    expect(ordered()).toBeNull();
    expect(restarts).toBe(0);
    expect(reports.at(-1)).toMatchObject({ state: 'installed', detail: `disturbs: ${one}` });
    world.activity = null;
    await clock.advance(5_000);
    expect(restarts).toBe(1);
  },
);

it('a charge that is being sent holds it up for a minute at most', async () => {
  world.activity = 'charge';
  controller.start();
  await clock.advance(20_000);
  expect(restarts).toBe(0);
  await clock.advance(chargeWaitMaxMs + 5_000);
  expect(restarts).toBeGreaterThan(0);
});

it('a charge that follows a visit is waited for anew', async () => {
  world.activity = 'charge';
  controller.start();
  await clock.advance(chargeWaitMaxMs - 10_000);
  world.activity = 'visit';
  await clock.advance(10_000);
  world.activity = 'charge';
  await clock.advance(chargeWaitMaxMs - 10_000);
  expect(restarts).toBe(0);
});

it.each([
  ['withdrawn', { withdrawn: ['2.0.0'] }],
  ['paused', { isPaused: true }],
  ['taken back', { release: null }],
  ['replaced', { release: '2.0.1' }],
])('what was %s while it waited is not switched to', async (_, change) => {
  world.activity = 'visit';
  await start();
  world.order = { ...wanted, ...change };
  world.activity = null;
  world.failure = new UpdateError('missing', 'no such');
  await clock.advance(3_600_000);
  expect(ordered()).toBeNull();
  expect(restarts).toBe(0);
});

it('an order that has expired while it waited, or the window not being open', async () => {
  world.order = { ...wanted, windows: [{ fromMinute: 120, toMinute: 180 }] };
  await start();
  await clock.advance(3_600_000);
  expect(restarts).toBe(0);
  world.minute = 130;
  world.nowMs = wanted.expiresAtMs;
  await clock.advance(3_600_000);
  expect(restarts).toBe(0);
  world.nowMs = 1_000;
  await clock.advance(3_600_000);
  expect(restarts).toBeGreaterThan(0);
});

it('why a version was left here is told with it: it said so itself', async () => {
  launcherSays(['unhealthy', 'unhealthy', 'unfit']);
  const why = 'profile: cabinet.devices.0.kind';
  writeFileSync(join(scratch.path, 'health.json'), JSON.stringify({ order: '2', phase: 'unfit', why }));
  await start();
  expect(reports.at(-1)).toMatchObject({ detail: `failed_before: ${why}`, failures: 3 });
  // The word of another try is none of this one.
  writeFileSync(join(scratch.path, 'health.json'), JSON.stringify({ order: '1', phase: 'unfit', why }));
  await clock.advance(24 * 3_600_000);
  expect(reports.at(-1)).toMatchObject({ detail: 'failed_before' });
});

it('one that failed three times here is not tried again; two times is', async () => {
  launcherSays(Array.from({ length: updateFailuresMax }, () => 'unhealthy'));
  await start();
  await clock.advance(24 * 3_600_000);
  expect(installs).toEqual([]);
  expect(reports.at(-1)).toMatchObject({ state: 'waiting', detail: 'failed_before', failures: 3 });
  launcherSays(['unhealthy', 'exits']);
  await clock.advance(3_600_000);
  expect(installs).not.toEqual([]);
});

it('while it is tried itself, nothing is put into the slot that it would be left for', async () => {
  make('0');
  launcherSays([], { id: '0', slot: 'a', version: '1.0.0', tries: 1 });
  await start();
  await clock.advance(3_600_000);
  expect(installs).toEqual([]);
  launcherSays(['committed']);
  await clock.advance(60_000);
  expect(installs).toEqual(['2.0.0']);
});

it('nor while it is being left: the other slot is that of the version that counts', async () => {
  make('0');
  launcherSays(['unhealthy']);
  await start();
  await clock.advance(3_600_000);
  expect(installs).toEqual([]);
});

it('what lies there as ordered, and was never tried, is not tried with whatever start comes next', async () => {
  const lies = { id: 'never taken', slot: 'b', version: '2.0.0' };
  writeFileSync(join(scratch.path, 'order.json'), JSON.stringify(lies));
  world.order = { ...wanted, withdrawn: ['2.0.0'] };
  await start();
  expect(ordered()).toBeNull();
});

it('of what the launcher has taken, or a package has brought, the order stays', async () => {
  world.order = null;
  launcherSays(['committed']);
  for (const id of ['0', 'package-2.0.0']) {
    writeFileSync(join(scratch.path, 'order.json'), JSON.stringify({ id, slot: 'b', version: '2.0.0' }));
    await start();
    expect(ordered()).toMatchObject({ id });
  }
});

it('the program ends while a file is on its way', async () => {
  world.isSlow = true;
  await start();
  expect(installs).toEqual(['2.0.0']);
  await controller.stop();
  expect(restarts).toBe(0);
});

it.each([
  ['another one is wanted', { release: '2.0.1' }, ['2.0.0', '2.0.1']],
  ['it is withdrawn', { withdrawn: ['2.0.0'] }, ['2.0.0']],
])('what is on its way is not fetched to its end where %s', async (_, change, fetched) => {
  world.isSlow = true;
  await start();
  world.order = { ...wanted, ...change };
  controller.wake();
  await clock.advance(1_000);
  expect(installs).toEqual(fetched);
  expect(reports.map(({ state }) => state)).not.toContain('failed');
});

it('a pause lets what is on its way come to its end', async () => {
  world.isSlow = true;
  await start();
  world.order = { ...wanted, isPaused: true };
  controller.wake();
  await clock.advance(1_000);
  expect(reports.at(-1)).toMatchObject({ state: 'fetching' });
});

it('a break passes, and is tried again soon; what somebody has to mend is told once', async () => {
  world.failure = new UpdateError('unreachable', 'broke off');
  await start();
  await clock.advance(3_600_000);
  expect(installs.length).toBeGreaterThan(4);
  expect(staff).toEqual([]);
  world.failure = new UpdateError('disk', 'full');
  await clock.advance(12 * 3_600_000);
  expect(staff).toEqual(['update_failed: 2.0.0 disk']);
  world.failure = null;
  await clock.advance(3 * 3_600_000);
  expect(restarts).toBeGreaterThan(0);
});

it('an order that cannot be written switches nothing, and is written later', async () => {
  mkdirSync(join(scratch.path, 'order.json.new'));
  await start();
  expect(restarts).toBe(0);
  expect(reports.at(-1)).toMatchObject({ state: 'failed' });
  rmSync(join(scratch.path, 'order.json.new'), { recursive: true });
  await clock.advance(3_600_000);
  expect(restarts).toBeGreaterThan(0);
});

it('the share of a cabinet is stable for a release, even over all, and another one for the next release', () => {
  const ids = Array.from({ length: 4_000 }, (_, i) => `C${i}`);
  const first = ids.filter((id) => rollOutShare('2.0.0', id) < 1_000);
  expect(first.length / ids.length).toBeGreaterThan(0.08);
  expect(first.length / ids.length).toBeLessThan(0.12);
  expect(ids.filter((id) => rollOutShare('2.0.0', id) < 1_000)).toEqual(first);
  const again = first.filter((id) => rollOutShare('2.0.1', id) < 1_000);
  expect(again.length).toBeLessThan(first.length / 4);
});

const hourMs = 3_600_000;
/** The hours in which it may switch are over. */
const notNow: UpdateOrder = { ...wanted, windows: [{ fromMinute: 100, toMinute: 200 }] };

it('staff at the cabinet have it now, outside of its hours; nobody is disturbed all the same', async () => {
  world.order = notNow;
  world.activity = 'service';
  await start();
  expect(reports.at(-1)).toMatchObject({ state: 'installed', detail: 'outside_window' });
  expect(controller.now()).toBeNull();
  await clock.advance(hourMs);
  expect(restarts).toBe(0);
  expect(reports.at(-1)).toMatchObject({ detail: 'disturbs: service' });
  world.activity = null;
  await clock.advance(60_000);
  expect(restarts).toBeGreaterThan(0);
});

it.each<[string, Partial<UpdateOrder>]>([
  ['paused', { isPaused: true }],
  ['withdrawn', { withdrawn: ['2.0.0'] }],
  ['not_its_turn', { percent: 0 }],
  ['older', { release: '0.9.0' }],
  ['expired', { expiresAtMs: 0 }],
])('"now" does not bring what is %s, and does not say that it does', async (why, over) => {
  world.order = { ...notNow, ...over };
  expect(controller.now()).toBe(why);
  await start();
  await clock.advance(24 * hourMs);
  expect(restarts).toBe(0);
});

it('staff put it off, over a restart of the program, and not for ever', async () => {
  world.activity = 'visit';
  await start();
  expect(controller.postpone(24)).toBeNull();
  world.activity = null;
  await clock.advance(60_000);
  expect(reports.at(-1)).toMatchObject({ state: 'installed', detail: 'postponed' });
  await controller.stop();
  make(null);
  await start();
  expect(restarts).toBe(0);
  expect(controller.view()?.postponedUntilMs).toBe(world.nowMs + 24 * hourMs);
  // Again and again, each time before it ends.
  const beganMs = world.nowMs;
  let refused: string | null = null;
  while (refused === null) {
    world.nowMs += 20 * hourMs;
    refused = controller.postpone(24);
  }
  expect(refused).toBe('postponed_enough');
  expect(world.nowMs - beganMs).toBeLessThan(postponeMaxMs + 24 * hourMs);
  await clock.advance(60_000);
  expect(restarts).toBeGreaterThan(0);
});

it.each<[string | null, Partial<UpdateOrder>]>([
  ['older', { release: '0.9.0' }],
  ['withdrawn', { withdrawn: ['2.0.0'] }],
  [null, { isPaused: true }],
])('"later" (%s) is said of what may come', (why, over) => {
  world.order = { ...notNow, ...over };
  expect(controller.postpone(4)).toBe(why);
});

it('"now" and then "later" again is no new week', async () => {
  world.activity = 'service';
  await start();
  const beganMs = world.nowMs;
  let refused: string | null = null;
  while (refused === null && world.nowMs - beganMs < 2 * postponeMaxMs) {
    expect(controller.now()).toBeNull();
    refused = controller.postpone(24);
    world.nowMs += 20 * hourMs;
  }
  expect(refused).toBe('postponed_enough');
});

it('what is put off by a clock that was ahead, or for another release, holds nothing up', async () => {
  for (const postponed of [
    { release: '2.0.0', sinceMs: world.nowMs + hourMs, untilMs: world.nowMs + 2 * hourMs },
    { release: '2.0.0', sinceMs: 0, untilMs: 1e12 },
    { release: '1.9.0', sinceMs: 0, untilMs: world.nowMs + hourMs },
    'garbage',
  ]) {
    kept.set('update_postponed', JSON.stringify(postponed));
    await start();
    expect(restarts).toBeGreaterThan(0);
    await controller.stop();
    restarts = 0;
    make(null);
  }
});

it('staff may say nothing of what does not wait', async () => {
  for (const release of [null, '1.0.0']) {
    world.order = { ...wanted, release };
    await start();
    expect([controller.now(), controller.postpone(4)]).toEqual(['nothing_waits', 'nothing_waits']);
    await controller.stop();
    make(null);
  }
});
