import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { BoardHarness, boardSpec } from '../../testkit/devices/fake-lock.ts';
import {
  fallsMax,
  faultAfterMs,
  repeatAfterMs,
  reportEveryMs,
  steadyAfterMs,
} from '../operator/trouble-reporter.ts';
import { DeviceFaultReporter } from './device-fault-reporter.ts';

function make() {
  const clock = new FakeClock();
  const said: string[] = [];
  const reporter = new DeviceFaultReporter({ clock, report: (detail) => said.push(detail) });
  const be = (state: DeviceHealth['state'], detail = ''): void => {
    reporter.update([
      {
        id: 'tag-reader-1',
        kind: 'tag-reader',
        state,
        lastSeenMs: 0,
        errorCount: 0,
        resetCount: 0,
        detail,
      },
    ]);
  };
  return { clock, said, reporter, be };
}

describe('devices that cannot be used', () => {
  it('are told once they have been for a minute, and when it is over', async () => {
    const { clock, said, be } = make();
    be('ready');
    await clock.advance(reportEveryMs);
    be('error', 'only data that cannot be used');
    await clock.advance(faultAfterMs - 15_000);
    expect(said).toEqual([]);
    await clock.advance(30_000);
    expect(said).toEqual(['tag-reader-1: error, only data that cannot be used']);
    be('ready');
    await clock.advance(reportEveryMs + 10_000);
    expect(said.slice(1)).toEqual(['tag-reader-1: well again']);
    await clock.advance(repeatAfterMs);
    expect(said.length).toBe(2);
  });

  it('a short absence is no news', async () => {
    const { clock, said, be } = make();
    for (let i = 0; i < 50; i++) {
      be('disconnected', 'unplugged');
      await clock.advance(faultAfterMs / 2);
      be('ready');
      await clock.advance(faultAfterMs / 2);
    }
    expect(said).toEqual([]);
  });

  it('one that lasts is said again each day; one that changes its words six times an hour at most', async () => {
    const { clock, said, be } = make();
    be('silent');
    await clock.advance(3 * repeatAfterMs);
    expect(said.length).toBe(3);
    said.length = 0;
    for (let i = 0; i < 360; i++) {
      be('error', `attempt ${i}`);
      await clock.advance(10_000);
    }
    expect(said.length).toBeLessThanOrEqual(6);
  });

  it('a hint of a device that works is told too', async () => {
    const { clock, said, be } = make();
    be('ready', 'Caps Lock is on: switch it off');
    await clock.advance(faultAfterMs + 10_000);
    expect(said).toEqual(['tag-reader-1: Caps Lock is on: switch it off']);
  });

  it('a device host that does not come up is told', async () => {
    const { clock, said, reporter, be } = make();
    be('ready');
    reporter.hostGone();
    await clock.advance(faultAfterMs + 10_000);
    expect(said).toEqual(['device host: does not run']);
  });

  it('nothing is said after the end', async () => {
    const { clock, said, reporter, be } = make();
    be('silent');
    reporter.stop();
    await clock.advance(repeatAfterMs);
    expect(said).toEqual([]);
  });
});

describe('what comes and goes', () => {
  it('a device host that crashes every six seconds for a day is told once', async () => {
    const { clock, said, reporter, be } = make();
    for (let i = 0; i < 14_000; i++) {
      be('connecting');
      await clock.advance(500);
      reporter.hostGone();
      await clock.advance(5_500);
    }
    const ofHost = said.filter((one) => one.startsWith('device host'));
    expect(ofHost).toEqual([
      expect.stringContaining(`comes and goes, ${fallsMax} times in 6 min; last: does not`),
    ]);
  });

  it('a reader that is there for one second in twenty is told once, and when it stands', async () => {
    const { clock, said, be } = make();
    for (let i = 0; i < 4_000; i++) {
      be('ready');
      await clock.advance(1_000);
      be('disconnected', 'flooding');
      await clock.advance(19_000);
    }
    expect(said).toEqual([expect.stringMatching(/^tag-reader-1: comes and goes.*flooding/)]);
    be('ready');
    await clock.advance(steadyAfterMs + 60_000);
    expect(said.slice(1)).toEqual(['tag-reader-1: comes and goes no more']);
  });

  it('one that stays away after that is told as well', async () => {
    const { clock, said, be } = make();
    for (let i = 0; i < fallsMax; i++) {
      be('ready');
      await clock.advance(5_000);
      be('silent');
      await clock.advance(5_000);
    }
    await clock.advance(steadyAfterMs + 60_000);
    expect(said.at(-1)).toBe('tag-reader-1: silent');
  });
});

describe('a lock that is out of use, then tried again', () => {
  const name = 'lock-wkly';

  it.each([
    ['stuck contact', 'not seen open'],
    ['dead output', 'takes no opening'],
  ])('with a %s is not well again before its door is seen open', async (what, words) => {
    const harness = new BoardHarness(name);
    const told: string[] = [];
    const reporter = new DeviceFaultReporter({ clock: harness.clock, report: (detail) => told.push(detail) });
    await harness.up([boardSpec(name)]);
    let seen = 0;
    const pass = async (ms: number): Promise<void> => {
      for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
        await harness.clock.advance(10_000);
        const all = harness.of('health');
        for (const { devices } of all.slice(seen)) reporter.update(devices);
        seen = all.length;
      }
    };
    harness.fake.isDeafToOpens = what === 'dead output';
    while (harness.health('lock') === 'ready') {
      await harness.outcome(harness.supervisor.unlock(), 20_000);
      await pass(70_000);
    }
    await pass(120_000);
    expect(told).toEqual([expect.stringMatching(`error, .*${words}`)]);
    // Nobody comes.
    await pass(2 * 3_600_000);
    expect(told.slice(1)).toEqual([expect.stringMatching(`is tried again: .*${words}`)]);
    harness.fake.move(0);
    await pass(reportEveryMs);
    expect(told.slice(2)).toEqual(['lock-1: well again']);
    reporter.stop();
  });
});
