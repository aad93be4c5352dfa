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
let order: ('charge' | 'report')[];
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
      order.push(where.endsWith('/disputes') ? 'report' : 'charge');
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
test.each([1, 3])(
  'after %d nights off, an update taken back and made again: the report goes first',
  async (nights) => {
    for (let night = 0; night < nights; night++) {
      boot();
      await clock.advance(120_000);
      clock.skip(12 * hourMs);
      await clock.advance(120_000);
      await cabinet.die();
      cabinet.db.close();
      clock.jumpWall(12 * hourMs);
    }
    const kept = inMeta((meta) => unwrap(meta.get('operating_time')));
    expect(clock.nowMs() - Number(kept)).toBeGreaterThan(nights * 11 * hourMs);
    // The version before, off line.
    inMeta((meta) => unwrap(meta.set('operating_time', 'none')));
    network.faultOf = () => 'refused';
    boot();
    cabinet.dispute(1, cabinet.sell(1, 500), ['tea']);
    await clock.advance(120_000);
    await cabinet.die();
    cabinet.db.close();
    inMeta((meta) => unwrap(meta.set('operating_time', kept ?? '')));
    // This version again; then the network is back.
    boot();
    await clock.advance(60_000);
    network.faultOf = () => null;
    await clock.advance(60_000);
    expect(order.slice(0, 2)).toEqual(['report', 'charge']);
  },
);
