import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { composeHealthProof } from './updates.ts';

type Ports = Parameters<typeof composeHealthProof>;

test('a version that came with the package says that it is well, also where there are no keys', async () => {
  const scratch = makeScratchFolder();
  const clock = new FakeClock();
  const updates = {
    ...{ trustedRoot: null, version: '9.9.9', platform: 'linux', arch: 'x64' },
    place: { root: scratch.path, slot: 'b' as const, order: 'package-9.9.9' },
    isPainted: () => true,
    restart: () => undefined,
  };
  const lock = { id: 'lock-1', kind: 'lock', state: 'ready' };
  const proof = composeHealthProof(
    { updates, clock, logger: silentLogger } as unknown as Ports[0],
    { link: { isOnline: () => true } } as unknown as Ports[1],
    { visitLoop: { deviceHealth: [lock] } } as unknown as Ports[2],
  );
  proof?.start?.();
  await clock.advance(1_000);
  const said: unknown = JSON.parse(readFileSync(join(scratch.path, 'health.json'), 'utf8'));
  expect(said).toEqual({ order: 'package-9.9.9', phase: 'healthy' });
  await proof?.stop?.();
  scratch.remove();
});

test('nothing starts this app out of a slot: there is nothing to prove', () => {
  const none = {} as unknown as Ports[1] & Ports[2];
  expect(composeHealthProof({} as unknown as Ports[0], none, none)).toBeNull();
});
