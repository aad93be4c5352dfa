import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { FaceHarness } from '../../testkit/main/face/face-harness.ts';
import { must, openVault } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { FaceVault } from './face-vault.ts';

let clock: FakeClock;
let vault: FaceVault;
let remove: () => void;
let harness: FaceHarness;
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock();
  vault = openVault(scratch.path, clock, silentLogger);
  harness = new FaceHarness(vault, clock, silentLogger);
});
afterEach(() => {
  harness.stop();
  vault.close();
  remove();
});

test('who reads the privacy notice for 55 s and then touches "start" is not sent away five seconds later', async () => {
  harness.dispatch({ type: 'chooseFace' });
  expect(harness.shown).toBe('notice');
  await clock.advance(55_000);
  expect(harness.shown).toBe('notice');
  must(harness.faces.identification.act({ do: 'start' }));
  expect(harness.shown).toBe('looking');
  await clock.advance(5_500);
  // A touch was seen: "Somebody is using the screen: its time-out begins again" (visit-model.ts, event `active`).
  expect(harness.visit.state).toBe('identifyingByFace');
});
