import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/**
 * A cabinet without a battery for its clock, and without a time server: it begins at the same date each morning. It is on
 * for two hours and a half of each day.
 */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const onMs = 2.5 * hourMs;
const firstMs = 1_800_000_000_000;
let clock: FakeClock;
let morningMs: number;
let nightCount: number;
let operator: StubOperator;
let network: FaultyNetwork;
let cabinet: Cabinet;
let path: string;
let removeFolder: () => void;
/** Day of the operator's calendar on which each dispute came. */
let reportedOn: number[];
/** What staff was told. */
let told: string[];
const operatorMs = (): number => firstMs + clock.monotonicMs() + nightCount * (dayMs - onMs);
const today = (): number => Math.floor((operatorMs() - firstMs) / dayMs);

beforeEach(async () => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  [morningMs, nightCount, reportedOn, told] = [clock.nowMs(), 0, [], []];
  operator = new StubOperator();
  network = new FaultyNetwork(clock, {
    serve: (request) => {
      if (request.url.pathname === '/v1/health') return reply(200, { ok: true, nowMs: operatorMs() });
      if (request.url.pathname.endsWith('/disputes')) reportedOn.push(today());
      return operator.serve(request);
    },
  });
  cabinet = new Cabinet({ path, clock, network, told });
  cabinet.start();
  await clock.advance(60_000);
});
afterEach(async () => {
  await cabinet.die();
  expect(network.breaches).toEqual([]);
  removeFolder();
});

async function daysPass(count: number): Promise<void> {
  for (let day = 0; day < count; day++) {
    await cabinet.die();
    nightCount++;
    clock.jumpWall(morningMs - clock.nowMs());
    cabinet = new Cabinet({ path, clock, network, told });
    cabinet.start();
    await clock.advance(onMs);
  }
}

test('what a human decides on the fortieth day reaches the cabinet within days', async () => {
  operator.fateOf = () => 'human';
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(onMs - 60_000);
  await daysPass(40);
  expect(cabinet.state(chargeId)).toBe('needs_attention');
  operator.decide(chargeId, { how: 'written_off', by: 'support', atMs: operatorMs() }, 0);
  await daysPass(3);
  expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 0 });
});

test('a report of a paid charge is told again, a few times within a month', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(onMs - 60_000);
  cabinet.dispute(1, chargeId, ['tea']);
  await daysPass(40);
  // A day later than elsewhere at most, each time: it is looked for while the cabinet is on.
  expect(reportedOn).toHaveLength(6);
  expect(reportedOn.at(-1)).toBeLessThan(38);
});

test('a report that the operator does not take holds its charge for a day, and is given up', async () => {
  operator.disputesRefused = 'bad_request';
  const chargeId = cabinet.sell(1, 500);
  cabinet.dispute(1, chargeId, ['tea']);
  await clock.advance(onMs - 60_000);
  expect(cabinet.state(chargeId)).toBe('queued');
  await daysPass(2);
  expect(cabinet.state(chargeId)).toBe('paid');
  expect(told.join()).toContain('dispute_given_up');
});
