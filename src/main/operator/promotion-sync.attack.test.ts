import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { PromotionOrder } from '../../shared/model/promotion.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { PromotionBoard } from '../promotion-board.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, Fetched } from './operator-client.ts';
import { PromotionSync } from './promotion-sync.ts';
import { syncEveryMs, syncSoonMs } from './versioned-sync.ts';

const orderOf = (version: number, over: Partial<PromotionOrder> = {}): PromotionOrder => ({
  ...{ version, issuedAtMs: 0, expiresAtMs: 9e15, cabinetId: 'K', currency: 'CNY', timeZone: 'UTC' },
  promotions: [promotionOf(`p${version}`, { kind: 'free' })],
  ...over,
});
const told = (order: PromotionOrder): Answered =>
  ok({ changed: true, etag: `"${order.version}"`, value: order });
const nobody: Answered = fail('network.unreachable', 'no network');
type Answered = Result<Fetched<PromotionOrder>, OperatorFailure>;

/** A cabinet that asks for its promotions; what is on its disk stays when it starts again. */
class Asking {
  readonly clock = new FakeClock();
  readonly staff: string[] = [];
  readonly #folder = makeScratchFolder();
  readonly #db = mustOpen(join(this.#folder.path, 'kaimen.db'));
  readonly meta = new MetaStore(this.#db);
  answer: Answered = nobody;
  sync = this.#make();

  async start(answer: Answered): Promise<void> {
    this.sync.stop();
    this.answer = answer;
    this.sync = this.#make();
    this.sync.start();
    await this.clock.advance(syncSoonMs);
  }

  async hears(answer: Answered): Promise<PromotionOrder | null> {
    this.answer = answer;
    await this.clock.advance(syncEveryMs);
    return this.sync.current();
  }

  close(): void {
    this.sync.stop();
    this.#db.close();
    this.#folder.remove();
  }

  #make(): PromotionSync {
    const { meta: store, clock } = this;
    const promotions = (): Promise<Answered> => Promise.resolve(this.answer);
    const tellStaff = (detail: string): void => void this.staff.push(detail);
    return new PromotionSync({
      ...{ store, clock, cabinetId: 'K', random: () => 0, tellStaff, logger: silentLogger },
      client: { promotions, toldNowMs: () => clock.nowMs() },
    });
  }
}

let cabinet: Asking;
beforeEach(() => {
  cabinet = new Asking();
});
afterEach(() => {
  cabinet.close();
});

test('the newest order holds over a restart without a network', async () => {
  await cabinet.start(told(orderOf(3)));
  await cabinet.start(nobody);
  expect(cabinet.sync.current()).toEqual(orderOf(3));
});

test('forged, older, of another cabinet, or ended: none of them is taken, and staff hears', async () => {
  await cabinet.start(told(orderOf(3)));
  for (const wrong of [
    fail('network.unproven', 'promotions that no present key has signed'),
    told(orderOf(2)),
    told(orderOf(9, { cabinetId: 'OTHER' })),
    told(orderOf(9, { expiresAtMs: 1 })),
  ])
    expect(await cabinet.hears(wrong)).toEqual(orderOf(3));
  expect(cabinet.staff).toEqual([
    'promotions_refused: unsigned',
    'promotions_refused: older: 2 after 3',
    'promotions_refused: unsigned',
    'promotions_refused: expired: version 9',
  ]);
});

test('what is kept and cannot be read any more is none', async () => {
  const damaged = { ...orderOf(3), promotions: [{ id: 'p', rule: { kind: 'amount_off', offMinor: -5 } }] };
  expect(cabinet.meta.set('promotions', JSON.stringify({ etag: '"3"', value: damaged })).ok).toBe(true);
  await cabinet.start(nobody);
  expect(cabinet.sync.current()).toBeNull();
});

test('the operator’s word that it has none ends them', async () => {
  await cabinet.start(told(orderOf(3)));
  expect(await cabinet.hears(fail('operator.not_served', 'nothing was drawn up'))).toBeNull();
});

test('the start screen hears when something begins and ends, and nothing between', async () => {
  const noon = promotionOf('noon', { kind: 'free' });
  const schedule = { ...noon.schedule, fromMinute: 12 * 60, toMinute: 13 * 60 };
  const { clock, sync } = cabinet;
  const order = orderOf(3, { promotions: [{ ...noon, schedule }] });
  const board = new PromotionBoard({ order: () => order, nowMs: () => clock.nowMs(), clock });
  const heard: number[] = [];
  board.onChange(() => void heard.push(board.current().length));
  board.start();
  await clock.advance(86_400_000);
  board.stop();
  expect(heard).toEqual([1, 0]);
  await clock.advance(86_400_000);
  expect(heard).toEqual([1, 0]);
  expect(sync.current()).toBeNull();
});
