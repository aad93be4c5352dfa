import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import type { ProfileReading } from '../settings/settings-store.ts';
import { HealthProof, keepBefore } from './health-proof.ts';
import { launcherPlace } from './launcher-place.ts';

let scratch: ReturnType<typeof makeScratchFolder>;
let clock: FakeClock;
let world: {
  isPainted: boolean;
  lock: DeviceHealth['state'];
  reader: DeviceHealth['state'];
  isOnline: boolean;
  profile: ProfileReading;
};
const profile: ProfileReading = { bad: null, unknown: ['cabinet.devices.0.note'] };
const well = { isPainted: true, lock: 'ready', reader: 'ready', isOnline: true, profile } as const;

beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock();
  world = { ...well };
});
afterEach(() => {
  scratch.remove();
});

const device = (id: string, state: DeviceHealth['state']): DeviceHealth => ({
  id,
  kind: 'lock',
  state,
  lastSeenMs: 0,
  errorCount: 0,
  resetCount: 0,
  detail: '',
});
function prove(order: string | null = 'order 1'): HealthProof {
  const proof = new HealthProof({
    place: { root: scratch.path, slot: 'b', order },
    folder: scratch.path,
    isPainted: () => world.isPainted,
    devices: () => [device('lock', world.lock), device('reader', world.reader)],
    isOnline: () => world.isOnline,
    profile: () => world.profile,
    clock,
    logger: silentLogger,
  });
  proof.start();
  return proof;
}
const said = (): unknown => {
  try {
    return JSON.parse(readFileSync(join(scratch.path, 'health.json'), 'utf8'));
  } catch {
    return null;
  }
};
const before = { readyDevices: ['lock', 'reader'], wasOnline: true, profile };

it('all is as it was: healthy', async () => {
  keepBefore(scratch.path, 'order 1', before);
  prove();
  await clock.advance(1_000);
  expect(said()).toEqual({ order: 'order 1', phase: 'healthy' });
});

it.each([
  ['no window', { isPainted: false }, 'window'],
  ['the lock is silent', { lock: 'silent' }, 'device: lock'],
  ['the reader is an error', { reader: 'error' }, 'device: reader'],
  ['the operator is not reached', { isOnline: false }, 'operator'],
] as const)(
  '%s: its data is of this version, and it is not healthy until that ends',
  async (_, change, why) => {
    keepBefore(scratch.path, 'order 1', before);
    world = { ...well, ...change };
    const proof = prove();
    await clock.advance(80_000);
    expect(said()).toEqual({ order: 'order 1', phase: 'migrated', why });
    world = { ...well };
    await clock.advance(1_000);
    expect(said()).toEqual({ order: 'order 1', phase: 'healthy' });
    proof.stop();
  },
);

it('what did not work before is not asked for: a lost reader, no network', async () => {
  keepBefore(scratch.path, 'order 1', { readyDevices: ['lock'], wasOnline: false });
  world = { ...well, reader: 'silent', isOnline: false };
  prove();
  await clock.advance(1_000);
  expect(said()).toMatchObject({ phase: 'healthy' });
});

it('nothing is known of before: all must work', async () => {
  writeFileSync(join(scratch.path, 'before.json'), 'half of it');
  world = { ...well, reader: 'silent' };
  const proof = prove();
  await clock.advance(10_000);
  expect(said()).toMatchObject({ phase: 'migrated' });
  proof.stop();
});

it('a full disk: it is said as soon as that ends', async () => {
  keepBefore(scratch.path, 'order 1', before);
  mkdirSync(join(scratch.path, 'health.json.new'));
  prove();
  await clock.advance(10_000);
  expect(said()).toBeNull();
  rmSync(join(scratch.path, 'health.json.new'), { recursive: true });
  await clock.advance(2_000);
  expect(said()).toMatchObject({ phase: 'healthy' });
});

it.each([
  [
    'an older one takes the place of the devices in force',
    { bad: 'cabinet: robot', unknown: [] },
    'cabinet: robot',
  ],
  ['a name in them is not known', { bad: null, unknown: ['shelf.hooks'] }, 'shelf.hooks'],
])('%s: it is unfit, however well all else is', async (_, reading, why) => {
  keepBefore(scratch.path, 'order 1', before);
  world = { ...well, profile: reading };
  prove();
  await clock.advance(5_000);
  expect(said()).toEqual({ order: 'order 1', phase: 'unfit', why: `profile: ${why}` });
});

it('what the version before could not read either is no fault of this one', async () => {
  const bad = { bad: 'a slip', unknown: ['shelf.lane'] };
  keepBefore(scratch.path, 'order 1', { ...before, profile: bad });
  world = { ...well, profile: bad };
  prove();
  await clock.advance(1_000);
  expect(said()).toMatchObject({ phase: 'healthy' });
});

it('what was noted before another switch is of that one: a scale may be gone since', async () => {
  keepBefore(scratch.path, 'order of last year', { ...before, readyDevices: ['lock', 'scale'] });
  prove();
  await clock.advance(1_000);
  expect(said()).toMatchObject({ phase: 'healthy' });
});

it('a version that counts already says nothing', async () => {
  keepBefore(scratch.path, 'order 1', before);
  prove(null);
  await clock.advance(10_000);
  expect(said()).toBeNull();
});

it('the launcher’s arguments say where it is; without them there is no launcher', () => {
  const given = (switches: Record<string, string>) => launcherPlace((name) => switches[name] ?? '');
  expect(given({})).toBeNull();
  expect(given({ 'kaimen-root': '/k', 'kaimen-slot': 'c' })).toBeNull();
  expect(given({ 'kaimen-root': '/k', 'kaimen-slot': 'a' })).toEqual({ root: '/k', slot: 'a', order: null });
  const tried = { 'kaimen-root': '/k', 'kaimen-slot': 'b', 'kaimen-order': 'x' };
  expect(given(tried)).toEqual({ root: '/k', slot: 'b', order: 'x' });
});
