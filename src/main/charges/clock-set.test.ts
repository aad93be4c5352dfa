import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';

/** The cabinet's own clock is set by its time server while the program runs: nothing that money waits for goes by it. */

const hourMs = 3_600_000;
let clock: FakeClock;
let cabinet: Cabinet;
let network: FaultyNetwork;
let path: string;
/** Each request for a charge or a report, in order. */
let order: ('charge' | 'report')[];
let refusedReports: number;
/** The operator has too many of this kind of charge today. */
let isOverQuota: boolean;
let remove: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  [order, refusedReports, isOverQuota] = [[], 0, false];
  const operator = new StubOperator();
  network = new FaultyNetwork(clock, {
    serve: (request) => {
      const where = request.url.pathname;
      if (where === '/v1/health') return reply(200, { ok: true, nowMs: Date.UTC(2026, 0, 1) });
      const isReport = where.endsWith('/disputes');
      order.push(isReport ? 'report' : 'charge');
      if (isReport && refusedReports-- > 0)
        return reply(400, { error: 'bad_request', message: 'a faulty deployment' });
      if (isReport || !isOverQuota) return operator.serve(request);
      const said = { error: 'unavailable', message: 'too many', othersMayCome: true };
      return { ...reply(429, said), headers: { 'retry-after': '10' } };
    },
  });
  boot();
});
afterEach(async () => {
  await cabinet.die();
  remove();
});
const boot = (): void => {
  cabinet = new Cabinet({ path, clock, network, random: () => 1 });
};
const countOf = (kind: 'charge' | 'report'): number => order.filter((one) => one === kind).length;
const eventCount = (): number => {
  const read = cabinet.db.prepare('SELECT COUNT(*) AS count FROM charge_event');
  return Number(assertOk(cabinet.db.read(() => read.first()))?.['count']);
};
const restart = async (): Promise<void> => {
  await cabinet.die();
  boot();
  cabinet.start();
};

describe('the network is away as somebody buys and reports; with it comes the time server', () => {
  const sellAndReport = async (): Promise<void> => {
    network.faultOf = () => 'refused';
    cabinet.start();
    cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
    await clock.advance(120_000);
  };
  /** The clock is set and the network is there. */
  const comeBack = (hours: number): void => {
    clock.jumpWall(hours * hourMs);
    network.faultOf = () => null;
  };

  test.each([-48, -12, 0, 12, 60])('the report goes before its charge: clock set by %d h', async (hours) => {
    await sellAndReport();
    comeBack(hours);
    await clock.advance(60_000);
    expect(order.slice(0, 2)).toEqual(['report', 'charge']);
  });

  test.each([-48, 60])('also when the program was restarted before: clock set by %d h', async (hours) => {
    await sellAndReport();
    await restart();
    await clock.advance(60_000);
    comeBack(hours);
    await clock.advance(60_000);
    expect(order.slice(0, 2)).toEqual(['report', 'charge']);
  });

  test.each([-48, 60])('also when the clock was set while it was off: by %d h', async (hours) => {
    await sellAndReport();
    await cabinet.die();
    comeBack(hours);
    boot();
    cabinet.start();
    await clock.advance(60_000);
    expect(order.slice(0, 2)).toEqual(['report', 'charge']);
  });

  test.each([0, 60])(
    'a report of minutes ago is not given up at the first no: set by %d h',
    async (hours) => {
      refusedReports = 1;
      await sellAndReport();
      comeBack(hours);
      await clock.advance(3 * hourMs);
      expect(cabinet.told.filter((told) => told.startsWith('dispute_given_up'))).toEqual([]);
      expect(order.slice(0, 3)).toEqual(['report', 'report', 'charge']);
    },
  );

  test.each([-48, 0, 60])(
    'what the operator refuses for good holds its charge for a day: clock set by %d h',
    async (hours) => {
      refusedReports = Infinity;
      await sellAndReport();
      comeBack(hours);
      await clock.advance(23 * hourMs);
      expect(countOf('charge')).toBe(0);
      await clock.advance(2 * hourMs);
      expect(countOf('charge')).toBeGreaterThan(0);
      expect(cabinet.told).toContainEqual(expect.stringMatching(/^dispute_given_up/));
    },
  );
});

// A clock that keeps local time and is read as UTC (China: 8 h ahead) until the time server is there.
describe.each([0, 8])('the network is there, then the clock is put back by %d h', (hours) => {
  beforeEach(async () => {
    cabinet.start();
    await clock.advance(30_000);
    clock.jumpWall(-hours * hourMs);
  });

  test('a report that is refused is not sent without a pause', async () => {
    refusedReports = Infinity;
    cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
    await clock.advance(60_000);
    expect(countOf('report')).toBeLessThan(10);
  });

  test('a charge beyond a quota is neither sent nor put on record without a pause', async () => {
    isOverQuota = true;
    cabinet.sell(1, 500);
    await clock.advance(10_000);
    expect(countOf('charge')).toBeLessThan(10);
    expect(eventCount()).toBeLessThan(40);
  });
});

/** A machine without a battery and without a time server, in service for six hours of each day. What is refused for good: */
test('a clock that begins at the same date each morning: it holds its charge for 24 h of service', async () => {
  const morningMs = clock.nowMs();
  refusedReports = Infinity;
  cabinet.start();
  cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
  const chargesByDay: number[] = [];
  for (let day = 0; day < 5; day++) {
    await clock.advance(6 * hourMs);
    chargesByDay.push(countOf('charge'));
    clock.jumpWall(morningMs - clock.nowMs());
    await restart();
  }
  expect(chargesByDay.slice(0, 3)).toEqual([0, 0, 0]);
  expect(chargesByDay[4]).toBeGreaterThan(0);
});
