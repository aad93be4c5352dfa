import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { Cabinet } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { MetaStore } from '../storage/meta-store.ts';

/**
 * This version, then one from before there was operating time (an update that was taken back), then this one again. That one
 * stamps by the wall clock and leaves `operating_time` as it was: what an operating clock that begins at the wall clock would
 * stamp, so it is played by taking the value away for that run and putting it back after it.
 */
const hourMs = 3_600_000;
let clock: FakeClock;
let cabinet: Cabinet;
let network: FaultyNetwork;
let path: string;
/** What arrived, and of which charge. */
let order: string[];
let remove: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  order = [];
  const operator = new StubOperator();
  network = new FaultyNetwork(clock, {
    serve: (request) => {
      const where = request.url.pathname;
      if (where === '/v1/health') return reply(200, { ok: true, nowMs: clock.nowMs() });
      const [, , , chargeId, more] = where.split('/');
      order.push(`${more === undefined ? 'charge' : 'report'} ${chargeId}`);
      return operator.serve(request);
    },
  });
});
afterEach(async () => {
  await cabinet.die();
  remove();
});
const boot = (): void => {
  cabinet = new Cabinet({ path, clock, network, random: () => 1 });
  cabinet.start();
};
const inMeta = <T>(act: (meta: MetaStore) => T): T => {
  const db = mustOpen(path, clock);
  const found = act(new MetaStore(db));
  db.close();
  return found;
};

/** Off for twelve hours of each day, as a machine in an office is. */
test.each([
  [1, 'its report goes', 1],
  [3, 'its report goes', 1],
  [3, 'the report of each, also of one from before, goes', 2],
] as const)(
  'after %d nights off, an update taken back and made again: %s before the charge',
  async (nights, _, count) => {
    const sold: string[] = [];
    const sell = (n: number): void => {
      const chargeId = cabinet.sell(n, 500);
      cabinet.dispute(n, chargeId, ['tea']);
      sold.push(chargeId);
    };
    network.faultOf = () => 'refused';
    for (let night = 0; night < nights; night++) {
      boot();
      await clock.advance(120_000);
      clock.skip(12 * hourMs);
      if (night === nights - 1 && count === 2) sell(2);
      await clock.advance(120_000);
      await cabinet.die();
      cabinet.db.close();
      clock.jumpWall(12 * hourMs);
    }
    const kept = inMeta((meta) => unwrap(meta.get('operating_time')));
    expect(clock.nowMs() - Number(kept)).toBeGreaterThan(nights * 11 * hourMs);
    // The version before, off line.
    inMeta((meta) => unwrap(meta.set('operating_time', 'none')));
    boot();
    sell(1);
    await clock.advance(120_000);
    await cabinet.die();
    cabinet.db.close();
    inMeta((meta) => unwrap(meta.set('operating_time', kept ?? '')));
    // This version again; then the network is back.
    boot();
    await clock.advance(60_000);
    network.faultOf = () => null;
    await clock.advance(60_000);
    expect(sold).toHaveLength(count);
    for (const chargeId of sold)
      expect(order.filter((what) => what.endsWith(chargeId)).slice(0, 2)).toEqual([
        `report ${chargeId}`,
        `charge ${chargeId}`,
      ]);
  },
);
