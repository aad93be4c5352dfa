import { beforeEach, describe, expect, it } from 'vitest';
import type { Availability } from '../../core/availability/availability.ts';
import type { CoolingView } from '../../shared/model/service.schema.ts';
import {
  type StateReport,
  stateReportEveryMs,
  stateReportSchema,
} from '../../shared/model/state-report.schema.ts';
import { FakeClock } from '../../shared/clock.ts';
import { StateReporter, changeAgainMs, lookEveryMs } from './state-reporter.ts';

const cold = {
  ...{ milliC: 4_100, maxMilliC: 6_000, forMinutes: 30, isAbove: false, isSpoilt: false },
  ...{ dayMinMilliC: 2_400, dayMaxMilliC: 5_600 },
} as CoolingView;

describe('what a cabinet says of how it is', () => {
  let clock: FakeClock;
  let said: StateReport[];
  let availability: Availability;
  let devices: StateReport['devices'];
  let cooling: CoolingView | null;
  let operatorMs: number;

  beforeEach(() => {
    clock = new FakeClock();
    said = [];
    availability = { state: 'available', sinceMs: 1 };
    devices = [{ id: 'lock-1', kind: 'lock', trouble: null, sinceMs: 7 }];
    cooling = cold;
    operatorMs = 1_000_000;
    const reporter = new StateReporter({
      reports: { report: (report) => said.push(report) },
      version: '1.2.0',
      availability: () => availability,
      devices: () => devices,
      cooling: () => cooling,
      undelivered: () => ({ count: said.length, oldestMs: null }),
      clock,
      nowMs: () => operatorMs + 0.4,
    });
    reporter.start();
  });

  it('is said soon after the start, and each ten minutes although nothing has changed', async () => {
    await clock.advance(lookEveryMs);
    expect(said).toHaveLength(1);
    expect(stateReportSchema.parse(said[0])).toEqual({
      ...{ version: '1.2.0', state: 'available', reason: null, sinceMs: 1_000_000, devices },
      temperature: {
        ...{ milliC: 4_000, maxMilliC: 6_000, isSpoilt: false, dayMinMilliC: 2_500, dayMaxMilliC: 5_500 },
      },
      undelivered: { count: 0, oldestMs: null },
    });
    await clock.advance(stateReportEveryMs - lookEveryMs);
    expect(said).toHaveLength(1);
    await clock.advance(2 * lookEveryMs);
    expect(said.map(({ undelivered }) => undelivered?.count)).toEqual([0, 1]);
  });

  it('is said when it is another, since then by the operator’s time', async () => {
    await clock.advance(changeAgainMs + lookEveryMs);
    operatorMs += 60_000;
    availability = { state: 'outOfService', reason: 'lock_unreachable', sinceMs: 2 };
    await clock.advance(lookEveryMs);
    expect(said[1]).toMatchObject({ state: 'outOfService', reason: 'lock_unreachable', sinceMs: 1_060_000 });
    operatorMs += 60_000;
    devices = [{ id: 'lock-1', kind: 'lock', trouble: 'device.timeout', sinceMs: 8 }];
    await clock.advance(changeAgainMs);
    expect(said[2]).toMatchObject({ devices, sinceMs: 1_060_000 });
    availability = { state: 'maintenance', by: '4410', sinceMs: 3 };
    await clock.advance(changeAgainMs);
    // Who it is, is nobody's business but the record's.
    expect(JSON.stringify(said[3])).not.toContain('4410');
  });

  it('is no flood: a device that comes and goes, a temperature that wavers', async () => {
    for (let second = 0; second < 600; second += 5) {
      devices = [
        { id: 'lock-1', kind: 'lock', trouble: second % 2 ? 'device.timeout' : null, sinceMs: second },
      ];
      await clock.advance(5_000);
    }
    expect(said.length).toBeLessThanOrEqual(600_000 / changeAgainMs + 1);
    const count = said.length;
    await clock.advance(changeAgainMs);
    const last = said.length;
    expect(last - count).toBeLessThanOrEqual(1);
    for (let i = 0; i < 20; i++) {
      cooling = { ...cold, milliC: 4_000 + (i % 2) * 200 };
      await clock.advance(5_000);
    }
    expect(said).toHaveLength(last);
  });

  it('has room for as many devices as are told', async () => {
    devices = Array.from({ length: 40 }, (_none, i) => ({
      ...{ id: `camera-${i}`, kind: 'camera', trouble: null, sinceMs: null },
    }));
    await clock.advance(lookEveryMs);
    expect(stateReportSchema.safeParse(said[0]).success).toBe(true);
  });
});
