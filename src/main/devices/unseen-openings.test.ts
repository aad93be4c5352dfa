import { expect, test } from 'vitest';
import { ok } from '../../shared/result.ts';
import { FakeClock } from '../../shared/clock.ts';
import { DeviceHost, type HostProcess } from './device-host.ts';
import { UnseenOpenings } from './unseen-openings.ts';

const none = (): void => undefined;
const logger = { debug: none, info: none, warn: none, error: none };

/** One cabinet's database over all its starts. */
function record(stored: string | null = null) {
  const kept = { value: stored };
  const meta = {
    get: () => ok(kept.value),
    set: (_key: string, value: string) => {
      kept.value = value;
      return ok();
    },
  };
  return { kept, openings: new UnseenOpenings(meta, logger) };
}

/** Starts the cabinet; what its device host was configured with, and what it says. */
function started(openings: UnseenOpenings) {
  const sent: { unseenOpenings?: number }[] = [];
  let say: (message: unknown) => void = none;
  const child: HostProcess = {
    postMessage: (message) => sent.push(message as { unseenOpenings?: number }),
    kill: none,
    onExit: none,
    onMessage: (listener) => {
      say = listener;
    },
  };
  const config = { simulated: true, devices: [] };
  const clock = new FakeClock();
  new DeviceHost({ spawn: () => child, config, clock, logger, unseenOpenings: openings }).start();
  return { configured: sent[0]?.unseenOpenings, say };
}

test('what the device host has counted is there after the next start of the whole cabinet', () => {
  const { openings, kept } = record();
  const first = started(openings);
  expect(first.configured).toBe(0);
  first.say({ type: 'openings', unseen: 7 });
  expect(kept.value).toBe('7');
  expect(started(openings).configured).toBe(7);
});

test.each([null, '', 'x', '-1', '1.5', '1e9', '{}'])('on record is %j: none', (stored) => {
  expect(record(stored).openings.load()).toBe(0);
});
