import { expect, test } from 'vitest';
import { ok } from '../../shared/result.ts';
import { FakeClock } from '../../shared/clock.ts';
import { DeviceHost, type HostProcess } from './device-host.ts';
import { UnseenOpenings } from './unseen-openings.ts';

const none = (): void => undefined;
const logger = { debug: none, info: none, warn: none, error: none };

/** One cabinet's database over all its starts. */
function record(unseen: string | null = null, failed: string | null = null) {
  const kept: Record<string, string | null> = { unseen_openings: unseen, opening_failed: failed };
  const meta = {
    get: (key: string) => ok(kept[key] ?? null),
    set: (key: string, value: string) => {
      kept[key] = value;
      return ok();
    },
  };
  return { kept, openings: new UnseenOpenings(meta, logger) };
}

/** Starts the cabinet; what its device host was configured with, and what it says. */
function started(openings: UnseenOpenings) {
  const sent: { openings?: { unseen: number; isFailed: boolean }[] }[] = [];
  let say: (message: unknown) => void = none;
  const child: HostProcess = {
    postMessage: (message) => sent.push(message as (typeof sent)[number]),
    kill: none,
    onExit: none,
    onMessage: (listener) => {
      say = listener;
    },
  };
  const config = { simulated: true, devices: [] };
  const clock = new FakeClock();
  new DeviceHost({ spawn: () => child, config, clock, logger, unseenOpenings: openings }).start();
  return { configured: sent[0]?.openings?.map(({ unseen, isFailed }) => [unseen, isFailed]), say };
}

test('what the device host has counted is there after the next start of the whole cabinet', () => {
  const { openings, kept } = record();
  const first = started(openings);
  const none = [0, false];
  expect(first.configured).toEqual([none, none, none, none]);
  first.say({ type: 'openings', unseen: 7, isFailed: true });
  expect(kept['unseen_openings']).toBe('7');
  expect(started(openings).configured).toEqual([[7, true], none, none, none]);
  first.say({ type: 'openings', unseen: 8, isFailed: false });
  expect(started(openings).configured).toEqual([[8, false], none, none, none]);
});

test('each door is counted for itself', () => {
  const { openings } = record();
  const first = started(openings);
  first.say({ type: 'openings', ofDoor: 1, unseen: 2, isFailed: false });
  first.say({ type: 'openings', ofDoor: 3, unseen: 9, isFailed: true });
  const none = [0, false];
  expect(started(openings).configured).toEqual([[2, false], none, [9, true], none]);
});

test('what an earlier version has kept is only counted', () => {
  expect(record('12').openings.load()[0]).toEqual({ unseen: 12, isFailed: false });
});

test.each([null, '', 'x', '-1', '1.5', '1e9', '{}'])('on record is %j: none', (stored) => {
  expect(record(stored, stored).openings.load()[0]).toEqual({ unseen: 0, isFailed: false });
});
