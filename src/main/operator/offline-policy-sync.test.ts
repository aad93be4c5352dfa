import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { policyOf } from '../../testkit/main/operator/offline-policy.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { KeptPolicy } from '../storage/offline-store.ts';
import { OfflinePolicySync } from './offline-policy-sync.ts';
import { syncEveryMs, syncRetryMs, syncSoonMs } from './versioned-sync.ts';
import type { Fetched, OperatorFailure } from './operator-client.ts';

const policy = policyOf({ version: 5 });
const { issuedAtMs } = policy;
let clock: FakeClock;
let stored: KeptPolicy | null;
let storageWorks: boolean;
let asked: (string | null)[];
let told: string[];
let random: number;
let answer: Result<Fetched<OfflinePolicy>, OperatorFailure>;

beforeEach(() => {
  clock = new FakeClock();
  stored = null;
  storageWorks = true;
  asked = [];
  told = [];
  random = 0;
  answer = ok({ changed: true, etag: '"5"', value: policy });
});

const written = (keep: () => void): Result<void, StorageFailure> => {
  if (!storageWorks) return fail('storage.io', 'x');
  keep();
  return ok();
};
function begin(): { sync: OfflinePolicySync; versions: (number | undefined)[] } {
  const sync = new OfflinePolicySync({
    store: {
      policy: () => (storageWorks ? ok(stored) : fail('storage.io', 'x')),
      keepPolicy: (kept) => written(() => (stored = kept)),
      forgetPolicy: () => written(() => (stored = null)),
    },
    client: {
      offlinePolicy: (etag) => {
        asked.push(etag);
        return Promise.resolve(answer);
      },
      toldNowMs: () => issuedAtMs,
    },
    clock,
    random: () => random,
    tellStaff: (detail) => told.push(detail),
    logger: silentLogger,
  });
  const versions: (number | undefined)[] = [];
  sync.onChange(() => versions.push(sync.current()?.version));
  sync.start();
  return { sync, versions };
}

test('the stored one counts at once; the operator is asked with its ETag, again and again', async () => {
  stored = { etag: '"5"', policy };
  answer = ok({ changed: false });
  const { sync, versions } = begin();
  expect(sync.current()).toEqual(policy);
  await clock.advance(1);
  answer = ok({ changed: true, etag: '"6"', value: policyOf({ version: 6 }) });
  await clock.advance(syncEveryMs);
  expect(asked).toEqual(['"5"', '"5"']);
  expect(versions).toEqual([6]);
  expect(stored).toMatchObject({ etag: '"6"', policy: { version: 6 } });
  sync.stop();
  await clock.advance(10 * syncEveryMs);
  expect(asked).toHaveLength(2);
});

test('a fleet does not come at once, neither at a start nor at the network’s return', async () => {
  random = 0.5;
  const { sync } = begin();
  await clock.advance(syncSoonMs / 2);
  expect(asked).toHaveLength(0);
  await clock.advance(2);
  expect(asked).toHaveLength(1);
  sync.wake();
  await clock.advance(syncSoonMs / 2);
  expect(asked).toHaveLength(1);
  await clock.advance(2);
  expect(asked).toHaveLength(2);
  // A quarter of the wait is jitter.
  await clock.advance(syncEveryMs * 0.874);
  expect(asked).toHaveLength(2);
  await clock.advance(syncEveryMs * 0.002);
  expect(asked).toHaveLength(3);
});

test.each<[string, Result<Fetched<OfflinePolicy>, OperatorFailure>, string]>([
  [
    'older',
    ok({ changed: true, etag: null, value: policyOf({ version: 4 }) }),
    'offline_policy_refused: older: 4 after 5',
  ],
  [
    'expired',
    ok({
      changed: true,
      etag: null,
      value: policyOf({ version: 6, issuedAtMs: issuedAtMs - 9, expiresAtMs: issuedAtMs }),
    }),
    'offline_policy_refused: expired: version 6',
  ],
  ['unsigned', fail('network.unproven', 'x'), 'offline_policy_refused: unsigned'],
])('%s: not taken, what is kept stays, and staff is told once', async (_, bad, detail) => {
  stored = { etag: '"5"', policy };
  const { sync, versions } = begin();
  answer = bad;
  await clock.advance(3 * syncEveryMs);
  expect(sync.current()).toEqual(policy);
  expect(stored).toEqual({ etag: '"5"', policy });
  expect([told, versions]).toEqual([[detail], []]);
  // After a good one the next is news.
  answer = ok({ changed: true, etag: '"7"', value: policyOf({ version: 7 }) });
  await clock.advance(syncEveryMs);
  answer = bad;
  await clock.advance(syncEveryMs);
  expect(told).toHaveLength(2);
});

test('no network: the kept one stays, and it is tried again soon', async () => {
  stored = { etag: '"5"', policy };
  answer = fail('network.unreachable', 'x');
  const { sync } = begin();
  await clock.advance(1 + 3 * syncRetryMs);
  expect(asked).toHaveLength(4);
  expect(sync.current()).toEqual(policy);
  expect(told).toEqual([]);
});

test('an operator that has none ends it; so does another operator, whose versions begin anew', async () => {
  stored = { etag: '"5"', policy };
  answer = fail('operator.not_served', 'x');
  const { sync, versions } = begin();
  await clock.advance(1);
  expect([sync.current(), stored]).toEqual([null, null]);
  answer = ok({ changed: true, etag: null, value: policy });
  sync.wake();
  await clock.advance(1);
  answer = ok({ changed: true, etag: null, value: policyOf({ version: 1 }) });
  sync.forget();
  await clock.advance(1);
  expect(versions).toEqual([undefined, 5, undefined, 1]);
  expect(told).toEqual([]);
});

test('storage that fails costs the next start, not the policy', async () => {
  storageWorks = false;
  const { sync } = begin();
  expect(sync.current()).toBeNull();
  await clock.advance(1);
  expect(sync.current()).toEqual(policy);
});

test('one that the disk did not take is fetched again until it has', async () => {
  storageWorks = false;
  const { sync } = begin();
  await clock.advance(syncSoonMs);
  expect(sync.current()?.version).toBe(5);
  expect(stored).toBeNull();
  storageWorks = true;
  await clock.advance(2 * syncEveryMs);
  expect(asked.slice(0, 2)).toEqual([null, null]);
  expect(stored).toMatchObject({ etag: '"5"' });
  sync.stop();
});
