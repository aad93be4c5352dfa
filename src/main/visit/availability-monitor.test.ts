import { beforeEach, describe, expect, test } from 'vitest';
import type { AvailabilityInputs } from '../../core/availability/availability.ts';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { AvailabilityMonitor, passingTroubleMs } from './availability-monitor.ts';

const fine: AvailabilityInputs = {
  ...{ storage: 'ok', enrolled: true, catalogLoaded: true, lockReady: true, readerReady: true },
  ...{ losesReadings: false, isOverCapacity: false, isNothingHeard: false, isTooWarm: false },
  ...{ door: 'closed', visitRuns: false, starting: false },
};

let clock: FakeClock;
let inputs: AvailabilityInputs;
let isInUse: boolean;
let monitor: AvailabilityMonitor;
const state = (): string => monitor.availability.state;
function become(change: Partial<AvailabilityInputs>): void {
  inputs = { ...fine, ...change };
  monitor.evaluate();
}

beforeEach(() => {
  clock = new FakeClock();
  inputs = fine;
  isInUse = true;
  monitor = new AvailabilityMonitor({
    ...{ clock, logger: silentLogger, isInUse: () => isInUse, inputs: () => inputs },
    ...{ beforeEvaluation: () => undefined, onEvaluated: () => undefined },
  });
  monitor.evaluate();
  return () => {
    monitor.stop();
  };
});

describe('somebody is in the middle of something', () => {
  test.for([{ lockReady: false }, { door: 'unknown' as const }, { readerReady: false }])(
    'a device that is back soon sends nobody away: %o',
    async (trouble) => {
      become(trouble);
      await clock.advance(passingTroubleMs - 1);
      become({});
      await clock.advance(passingTroubleMs);
      expect(state()).toBe('available');
      become(trouble);
      await clock.advance(passingTroubleMs - 1);
      expect(state()).toBe('available');
    },
  );

  test('one that stays away closes the cabinet, without anybody asking', async () => {
    become({ lockReady: false });
    await clock.advance(passingTroubleMs / 2);
    become({ lockReady: false, readerReady: false });
    for (let i = 0; i < 10; i++) await clock.advance(passingTroubleMs / 10);
    expect(monitor.availability).toMatchObject({ state: 'outOfService', reason: 'lock_unreachable' });
  });

  test('what does not pass by itself closes it at once', () => {
    become({ storage: 'failed' });
    expect(state()).toBe('outOfService');
  });
});

test('nobody is there: the start screen says at once what is the case', () => {
  isInUse = false;
  become({ lockReady: false });
  expect(state()).toBe('outOfService');
});

test('whoever ends meanwhile finds a cabinet that says what is the case', () => {
  become({ lockReady: false });
  expect(state()).toBe('available');
  isInUse = false;
  monitor.evaluate();
  expect(state()).toBe('outOfService');
});
