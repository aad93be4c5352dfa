import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { silentLogger } from '../shared/util/logger.ts';
import type { Activity } from './quiescence.ts';
import { RestartWhenQuiet } from './restart-when-quiet.ts';

function setUp(activity: Activity | null): {
  clock: FakeClock;
  state: { activity: Activity | null; restarts: number };
  restarting: RestartWhenQuiet;
} {
  const clock = new FakeClock();
  const state = { activity, restarts: 0 };
  const restarting = new RestartWhenQuiet({
    quiescence: { activity: () => state.activity },
    clock,
    logger: silentLogger,
    restart: () => state.restarts++,
  });
  return { clock, state, restarting };
}

test('at once while the cabinet is quiet', () => {
  const { state, restarting } = setUp(null);
  restarting.request();
  expect(state.restarts).toBe(1);
});

test.each(['visit', 'door', 'charge'] as const)(
  'not during %s; once, as soon as that is over',
  async (activity) => {
    const { clock, state, restarting } = setUp(activity);
    restarting.request();
    restarting.request();
    await clock.advance(3_600_000);
    expect(state.restarts).toBe(0);
    state.activity = null;
    await clock.advance(1_000);
    expect(state.restarts).toBe(1);
    await clock.advance(60_000);
    expect(state.restarts).toBe(1);
  },
);
