import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { Planogram } from '../../shared/model/planogram.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, Fetched } from './operator-client.ts';
import { PlanogramSync } from './planogram-sync.ts';
import { syncEveryMs, syncSoonMs } from './versioned-sync.ts';

let db: Database;
let remove: () => void;
let clock: FakeClock;
let answer: Result<Fetched<Planogram>, OperatorFailure>;
let told: string[];
let sync: PlanogramSync;

const planOf = (version: number, over: Partial<Planogram> = {}): Planogram => ({
  ...{ version, issuedAtMs: 0, expiresAtMs: 9e15, cabinetId: 'K' },
  slots: [{ sku: 'cola', target: version, lane: null, slot: null }],
  ...over,
});
const says = (plan: Planogram): void => {
  answer = ok({ changed: true, etag: `"${plan.version}"`, value: plan });
};
const start = async (): Promise<void> => {
  sync = new PlanogramSync({
    store: new MetaStore(db),
    client: { planogram: () => Promise.resolve(answer), toldNowMs: () => clock.nowMs() },
    cabinetId: 'K',
    clock,
    random: () => 0,
    tellStaff: (detail) => void told.push(detail),
    logger: silentLogger,
  });
  sync.start();
  await clock.advance(syncSoonMs);
};
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'));
  clock = new FakeClock();
  told = [];
});
afterEach(() => {
  sync.stop();
  db.close();
  remove();
});

test('the newest plan waits over a restart without a network', async () => {
  says(planOf(3));
  await start();
  expect(sync.current()).toEqual(planOf(3));
  sync.stop();
  answer = fail('network.unreachable', 'no network');
  await start();
  expect(sync.current()).toEqual(planOf(3));
});

test('one of another cabinet, an older one, and an unsigned one are not taken, and staff hears', async () => {
  says(planOf(3));
  await start();
  const wrong: Result<Fetched<Planogram>, OperatorFailure>[] = [
    ok({ changed: true, etag: null, value: planOf(9, { cabinetId: 'OTHER' }) }),
    ok({ changed: true, etag: null, value: planOf(2) }),
    fail('network.unproven', 'a plan that no present key has signed'),
  ];
  for (const one of wrong) {
    answer = one;
    await clock.advance(syncEveryMs);
    expect(sync.current()).toEqual(planOf(3));
  }
  expect(told).toEqual([
    'planogram_refused: unsigned',
    'planogram_refused: older: 2 after 3',
    'planogram_refused: unsigned',
  ]);
});

test('an operator that knows of no plans ends none; another operator does', async () => {
  says(planOf(3));
  await start();
  answer = fail('operator.not_served', 'no such call');
  await clock.advance(syncEveryMs);
  expect(sync.current()).toEqual(planOf(3));
  sync.forget();
  expect(sync.current()).toBeNull();
});

test.each(['', '{', '{"etag":null,"value":{"version":0}}', 'null'])(
  '%j on the disk is no plan',
  async (text) => {
    new MetaStore(db).set('planogram_draft', text);
    answer = fail('network.unreachable', 'no network');
    await start();
    expect(sync.current()).toBeNull();
  },
);
