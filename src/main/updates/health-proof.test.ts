import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { HealthProof, keepBefore } from './health-proof.ts';
import { launcherPlace } from './launcher-place.ts';

let scratch: ReturnType<typeof makeScratchFolder>;
let clock: FakeClock;
let world: {
  isPainted: boolean;
  lock: DeviceHealth['state'];
  reader: DeviceHealth['state'];
  isOnline: boolean;
};
const well = { isPainted: true, lock: 'ready', reader: 'ready', isOnline: true } as const;

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
const before = { readyDevices: ['lock', 'reader'], wasOnline: true };

it('all is as it was: healthy', async () => {
  keepBefore(scratch.path, before);
  prove();
  await clock.advance(1_000);
  expect(said()).toEqual({ order: 'order 1', phase: 'healthy' });
});

it.each([
  ['no window', { isPainted: false }],
  ['the lock is silent', { lock: 'silent' }],
  ['the reader is an error', { reader: 'error' }],
  ['the operator is not reached', { isOnline: false }],
] as const)('%s: its data is of this version, and it is not healthy until that ends', async (_, change) => {
  keepBefore(scratch.path, before);
  world = { ...well, ...change };
  const proof = prove();
  await clock.advance(80_000);
  expect(said()).toEqual({ order: 'order 1', phase: 'migrated' });
  world = { ...well };
  await clock.advance(1_000);
  expect(said()).toEqual({ order: 'order 1', phase: 'healthy' });
  proof.stop();
});

it('what did not work before is not asked for: a lost reader, no network', async () => {
  keepBefore(scratch.path, { readyDevices: ['lock'], wasOnline: false });
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
  keepBefore(scratch.path, before);
  mkdirSync(join(scratch.path, 'health.json.new'));
  prove();
  await clock.advance(10_000);
  expect(said()).toBeNull();
  rmSync(join(scratch.path, 'health.json.new'), { recursive: true });
  await clock.advance(2_000);
  expect(said()).toMatchObject({ phase: 'healthy' });
});

it('a version that counts already says nothing', async () => {
  keepBefore(scratch.path, before);
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
