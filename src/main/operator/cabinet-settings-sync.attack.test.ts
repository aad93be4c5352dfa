import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { SettingsOrder } from '../../shared/model/settings-order.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { CabinetSettingsSync } from './cabinet-settings-sync.ts';
import type { OperatorFailure, Fetched } from './operator-client.ts';
import { syncEveryMs, syncSoonMs } from './versioned-sync.ts';

const order: SettingsOrder = {
  ...{ version: 9, issuedAtMs: 0, expiresAtMs: 9e15, cabinetId: 'K' },
  ...{ seenVersion: 0, by: 'anna', changes: { soundPercent: 30 } },
};

test.each<[string, Result<Fetched<SettingsOrder>, OperatorFailure>]>([
  ['that nobody has signed', fail('network.unproven', 'nobody')],
  [
    'of another cabinet',
    ok({ changed: true, etag: '"b"', value: { ...order, version: 10, cabinetId: 'L' } }),
  ],
  ['that is older', ok({ changed: true, etag: '"b"', value: { ...order, version: 8, changes: {} } })],
  ['that has ended', ok({ changed: true, etag: '"b"', value: { ...order, version: 10, expiresAtMs: 1 } })],
])('an order %s is not taken, and staff is told', async (_, bad) => {
  const clock = new FakeClock();
  const stored = new Map<string, string>();
  const told: string[] = [];
  let answer: Result<Fetched<SettingsOrder>, OperatorFailure> = ok({
    changed: true,
    etag: '"a"',
    value: order,
  });
  const sync = new CabinetSettingsSync({
    store: {
      get: (name) => ok(stored.get(name) ?? null),
      set: (name, value) => {
        stored.set(name, value);
        return ok();
      },
    },
    client: { cabinetSettings: () => Promise.resolve(answer), toldNowMs: () => clock.nowMs() },
    ...{ cabinetId: 'K', clock, logger: silentLogger, random: () => 0 },
    tellStaff: (detail) => void told.push(detail),
  });
  sync.start();
  await clock.advance(syncSoonMs);
  expect(sync.current()).toEqual(order);
  answer = bad;
  await clock.advance(syncEveryMs);
  expect(sync.current()).toEqual(order);
  expect(told).toHaveLength(1);
  sync.stop();
});
