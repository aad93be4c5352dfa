import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { UpdateOrder } from '../../shared/model/update-order.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OperatorFailure, Fetched } from './operator-client.ts';
import { UpdateOrderSync } from './update-order-sync.ts';
import { LatestReportSender, latestReportEveryMs } from './latest-report-sender.ts';

const order: UpdateOrder = {
  version: 3,
  issuedAtMs: 0,
  expiresAtMs: 1e12,
  release: '1.2.0',
  percent: 100,
  windows: [],
  isPaused: false,
  withdrawn: [],
};

function setUp(stored: string | null = null) {
  const clock = new FakeClock();
  const world = {
    stored,
    answer: fail('network.unreachable', 'no line') as Result<Fetched<UpdateOrder>, OperatorFailure>,
    staff: [] as string[],
  };
  const sync = new UpdateOrderSync({
    store: {
      get: () => ok(world.stored),
      set: (_, value) => {
        world.stored = value;
        return ok();
      },
    },
    client: { updateOrder: () => Promise.resolve(world.answer), toldNowMs: () => 1_000 },
    clock,
    random: () => 0,
    tellStaff: (detail) => world.staff.push(detail),
    logger: silentLogger,
  });
  sync.start();
  return { clock, world, sync };
}

it('what is wanted is kept over restarts, also without a network', async () => {
  const { clock, world, sync } = setUp();
  expect(sync.current()).toBeNull();
  world.answer = ok({ changed: true, etag: '"a"', value: order });
  await clock.advance(120_000);
  expect(sync.current()).toEqual(order);
  expect(setUp(world.stored).sync.current()).toEqual(order);
  expect(setUp('{"half').sync.current()).toBeNull();
});

it('an older word is refused, and staff is told once; that nothing is wanted ends what was', async () => {
  const { clock, world, sync } = setUp(JSON.stringify({ etag: null, value: order }));
  world.answer = ok({ changed: true, etag: null, value: { ...order, version: 2, release: '9.9.9' } });
  await clock.advance(3_600_000);
  expect(sync.current()).toEqual(order);
  expect(world.staff).toHaveLength(1);
  world.answer = fail('operator.not_served', 'nothing was ordered');
  await clock.advance(3_600_000);
  expect(sync.current()).toBeNull();
  expect(setUp(world.stored).sync.current()).toBeNull();
});

it('reports: the newest word alone, when there is a network, again after a failure and after a day', async () => {
  const clock = new FakeClock();
  const sent: string[] = [];
  let isOnline = false;
  let isAnswered = false;
  const reports = new LatestReportSender<{ readonly detail: string }>({
    name: 'update',
    send: ({ detail }) => {
      sent.push(detail);
      return Promise.resolve(isAnswered ? ok(null) : fail('network.timeout', 'lost'));
    },
    isOnline: () => isOnline,
    clock,
    random: () => 0,
    logger: silentLogger,
  });
  reports.start();
  reports.report({ detail: 'first' });
  await clock.advance(3_600_000);
  expect(sent).toEqual([]);
  reports.report({ detail: 'second' });
  await clock.advance(1_000);
  isOnline = true;
  reports.wake();
  await clock.advance(1_000);
  expect(sent).toEqual(['second']);
  isAnswered = true;
  await clock.advance(60_000);
  expect(sent).toEqual(['second', 'second']);
  // The link's return is no news.
  reports.wake();
  await clock.advance(latestReportEveryMs - 61_000);
  expect(sent).toHaveLength(2);
  await clock.advance(62_000);
  expect(sent).toHaveLength(3);
});
