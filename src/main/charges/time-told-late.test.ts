import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/** What the operator tells of its time, sooner or later, is far from the cabinet's: nothing of money may depend on it. */

const hourMs = 3_600_000;
const refusal = () => reply(400, { error: 'bad_request', message: 'a faulty deployment' });

let clock: FakeClock;
let cabinet: Cabinet;
let network: FaultyNetwork;
/** How far the operator's time is ahead, ms. */
let aheadMs: number;
/** Each request for a charge or a report, in order. */
let order: ('charge' | 'report')[];
let refusedReports: number;
let remove: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock();
  [aheadMs, order, refusedReports] = [0, [], 0];
  const operator = new StubOperator();
  network = new FaultyNetwork(clock, {
    serve: (request) => {
      const path = request.url.pathname;
      if (path === '/v1/health') return reply(200, { ok: true, nowMs: clock.nowMs() + aheadMs });
      const isReport = path.endsWith('/disputes');
      order.push(isReport ? 'report' : 'charge');
      return isReport && refusedReports-- > 0 ? refusal() : operator.serve(request);
    },
  });
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network, random: () => 1 });
});
afterEach(async () => {
  await cabinet.die();
  remove();
});

describe('a cabinet that starts before its network', () => {
  /** Somebody buys and reports at once; then the network is there, and the operator tells its time. */
  const sellAndReport = async (): Promise<void> => {
    network.faultOf = () => 'refused';
    cabinet.start();
    cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
    await clock.advance(120_000);
    network.faultOf = () => null;
  };

  test.each([-48, 12, 60])('sends a report before its charge, the time being off by %d h', async (hours) => {
    aheadMs = hours * hourMs;
    await sellAndReport();
    await clock.advance(60_000);
    expect(order.slice(0, 2)).toEqual(['report', 'charge']);
  });

  test('does not give a report of minutes ago up because it is refused once', async () => {
    [aheadMs, refusedReports] = [60 * hourMs, 1];
    await sellAndReport();
    await clock.advance(3 * hourMs);
    expect(cabinet.told.filter((told) => told.startsWith('dispute_given_up'))).toEqual([]);
    expect(order.slice(0, 3)).toEqual(['report', 'report', 'charge']);
  });
});

test('an operator whose time is put back by a day gets what it refuses no more often', async () => {
  [aheadMs, refusedReports] = [24 * hourMs, Infinity];
  cabinet.start();
  await clock.advance(600_000);
  aheadMs = 0;
  await clock.advance(60_000);
  cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
  await clock.advance(60_000);
  expect(order.filter((one) => one === 'report').length).toBeLessThan(10);
});
