import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { waitingQueriesMax } from '../../core/charge/delivery.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../../testkit/main/charges/charge-log.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ChargeChain } from './charge-chain.ts';
import { ChargeLog } from './charge-log.ts';
import { ChargeStore } from './charge-store.ts';
import { chargeKeptMs, forgetOldCharges } from './charge-retention.ts';

const dayMs = 86_400_000;
let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let path: string;
let cabinet: Cabinet;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  operator = new StubOperator();
  network = new FaultyNetwork(clock, operator);
  operator.fateOf = () => 'human';
  cabinet = new Cabinet({ path, clock, network });
  cabinet.start();
});
afterEach(async () => {
  await cabinet.die();
  removeFolder();
});
const askedSoOften = (attempts: number): void => {
  assertOk(
    cabinet.db.transaction(() => {
      cabinet.db.prepare('UPDATE charge SET attempts = ?, next_attempt_ms = ?').run(attempts, clock.nowMs());
      return ok();
    }),
  );
};

test('decided in the third month: it reaches the cabinet, and the books have an end', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1000);
  askedSoOften(waitingQueriesMax - 1);
  await clock.advance(120_000);
  // From here on it is asked about once in 3.5 to 7 days.
  expect(assertOk(cabinet.store.nextDueMs())).toBeGreaterThan(clock.nowMs() + 3 * dayMs);
  operator.fateOf = () => 'paid';
  for (let i = 2; i < 20; i++) cabinet.sell(i, 500);
  await clock.advance(60_000);
  clock.skip(70 * dayMs);
  operator.decide(chargeId, { how: 'written_off', by: 'support', atMs: clock.nowMs() }, 0);
  // Restarted, online, for years.
  await cabinet.die();
  cabinet = new Cabinet({ path, clock, network });
  cabinet.start();
  await clock.advance(600_000);
  for (let year = 0; year < 3; year++) {
    clock.skip(chargeKeptMs + dayMs);
    cabinet.sell(100 + year, 500);
    await clock.advance(60_000);
  }
  const chain = new ChargeChain(cabinet.db, testChainKey);
  const lastSeq = (): number =>
    Number(
      unwrap(cabinet.db.read(() => cabinet.db.prepare('SELECT MAX(seq) AS n FROM charge_event').first()))?.[
        'n'
      ],
    );
  chain.acknowledged(lastSeq());
  const { chargeId: next, body } = sale(200, 500, clock.nowMs());
  const writer = new ChargeStore(cabinet.db, new ChargeLog(chain), clock, clock);
  assertOk(writer.open({ ...body, chargeId: next, memberDisplay: '' }));
  const removed = unwrap(forgetOldCharges({ db: cabinet.db, chain, wholeSeq: lastSeq }, clock.nowMs()));
  expect([cabinet.state(chargeId), removed > 0]).toEqual(['paid', true]);
});

test('no network is no answer, also at the last question', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1000);
  askedSoOften(waitingQueriesMax - 1);
  network.faultOf = ({ path: where }) => (where === '/v1/health' ? null : 'hang before');
  await clock.advance(120_000);
  expect(network.faultCount).toBe(1);
  // 37 answers; one question that nobody has answered.
  const { attempts, nextAttemptMs } = assertOk(cabinet.store.get(chargeId));
  expect(attempts).toBeLessThan(waitingQueriesMax);
  expect(nextAttemptMs).not.toBeNull();
});
