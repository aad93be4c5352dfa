import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { disputeRequestSchema } from '../../shared/api/operator.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/** A cabinet whose clock is a year behind: what it sends is in the operator's time, and its own waits are not spoilt. */
const yearMs = 365 * 86_400_000;
let clock: FakeClock;
let network: FaultyNetwork;
let sentAtMs: number[];
let path: string;
let cabinet: Cabinet;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  sentAtMs = [];
  const operator = new StubOperator();
  network = new FaultyNetwork(clock, {
    serve: (request) => {
      if (request.url.pathname.endsWith('/disputes'))
        sentAtMs.push(disputeRequestSchema.parse(JSON.parse(request.body.toString('utf8'))).atMs);
      return operator.serve(request);
    },
  });
  cabinet = new Cabinet({ path, clock, network });
});
afterEach(async () => {
  await cabinet.die();
  removeFolder();
});

test('a report tells when it was made by the operator’s time, the same at each try, also after a restart', async () => {
  const chargeId = cabinet.sell(1, 1250);
  const saidMs = clock.nowMs() + yearMs;
  const disputeId = makeDisputeId(saidMs, new Uint8Array(10).fill(1));
  assertOk(cabinet.disputes.add(chargeId, disputeId, ['tea'], saidMs));
  network.faultOf = ({ path: where }) => (where.endsWith('/disputes') ? 'cut after' : null);
  cabinet.start();
  await clock.advance(20_000);
  expect(new Set(sentAtMs)).toEqual(new Set([saidMs]));
  await cabinet.die();
  network.faultOf = () => null;
  cabinet = new Cabinet({ path, clock, network });
  cabinet.start();
  await clock.advance(600_000);
  expect(new Set(sentAtMs)).toEqual(new Set([saidMs]));
  expect(network.breaches).toEqual([]);
  expect(assertOk(cabinet.disputes.nextDueMs())).toBeNull();
});

test('it holds its charge in operating time, whatever time it tells', async () => {
  const chargeId = cabinet.sell(1, 1250);
  const saidMs = clock.nowMs() + yearMs;
  assertOk(
    cabinet.disputes.add(chargeId, makeDisputeId(saidMs, new Uint8Array(10).fill(1)), ['tea'], saidMs),
  );
  network.faultOf = ({ path: where }) => (where.endsWith('/disputes') ? 'busy' : null);
  cabinet.start();
  await clock.advance(60_000);
  expect(cabinet.state(chargeId)).toBe('queued');
});
