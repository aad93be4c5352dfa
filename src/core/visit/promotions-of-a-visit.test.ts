import { describe, expect, it } from 'vitest';
import type { FrozenPromotions, PromotionOrder } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import {
  allowed,
  chart,
  closed,
  confirmNow,
  evidence,
  finalReading,
  inventory,
  opened,
  play,
  ready,
  scan,
} from '../../testkit/core/visit-script.ts';
import { withPromotions } from '../pricing/baseline.ts';
import { readStoredVisit, toStoredVisit } from './stored-visit.ts';
import type { VisitEvent } from './visit-model.ts';

const half = promotionOf('half', { kind: 'second_half', skus: ['COLA'] });
const order = (...promotions: PromotionOrder['promotions']): PromotionOrder => ({
  ...{
    version: 3,
    issuedAtMs: 0,
    expiresAtMs: 9e15,
    cabinetId: 'K',
    currency: 'CNY',
    timeZone: 'UTC',
    promotions,
  },
});
const baselineWith = (of: PromotionOrder, atMs = 10): VisitEvent => ({
  ...{ type: 'baseline', inventory: withPromotions(inventory, of, atMs), atMs },
});
const shopping = (of: PromotionOrder) => play([ready, scan, allowed, baselineWith(of), opened]).visit;
const twoColas = ['A001', 'A002'];

describe('promotions in a visit', () => {
  it('are those of its baseline, over a restart as well', () => {
    const taken = play([evidence(twoColas)], shopping(order(half))).visit;
    expect(taken.context.basket).toMatchObject({ totalMinor: 525, savedMinor: 175 });
    // What is stored is all that a restart has.
    const stored: unknown = JSON.parse(JSON.stringify(toStoredVisit(taken, null)));
    const read = readStoredVisit(stored, 'CNY');
    if (!read.ok) throw new Error(read.error.message);
    const { visit } = read.value;
    const resumed = chart.step(visit, { type: 'resumed' }).visit;
    const events: VisitEvent[] = [opened, evidence(twoColas)];
    const again = play(events, resumed).visit;
    const settled = play([confirmNow(again), closed, finalReading(twoColas)], again).visit;
    expect(settled.context.bill).toMatchObject({ totalMinor: 525, lines: [{ amountMinor: 525 }] });
  });

  it('a visit from before has none, and goes on at full prices', () => {
    const before = inventory;
    const from = play([
      ready,
      scan,
      allowed,
      { type: 'baseline', inventory: before, atMs: 10 },
      opened,
    ]).visit;
    expect(play([evidence(twoColas)], from).visit.context.basket).toMatchObject({ totalMinor: 700 });
  });

  it('what is for those who pay by card is for nobody else', () => {
    const price = { kind: 'member_price', skus: ['COLA'], priceMinor: minor(300), means: ['card'] } as const;
    const of = order(promotionOf('card', { ...price, skus: ['COLA'], means: ['card'] }));
    const other = play([evidence(['A001'])], shopping(of)).visit;
    expect(other.context.basket.totalMinor).toBe(350);
    const byCard: VisitEvent = {
      ...{ type: 'authorised', member: { memberId: 'M-1', display: '王*', means: 'card' } },
    };
    const member = play([ready, scan, byCard, baselineWith(of), opened, evidence(['A001'])]).visit;
    expect(member.context.basket.totalMinor).toBe(300);
  });

  it('what is reported keeps its share, and is taken out of the number with it', () => {
    const both = promotionOf('both', {
      kind: 'bundle',
      skus: ['COLA', 'CHIP'],
      count: 2,
      priceMinor: minor(1_000),
    });
    const taken = play([evidence(['A001', 'B001'])], shopping(order(both))).visit;
    expect(taken.context.basket.totalMinor).toBe(1_000);
    const reported = chart.step(taken, { type: 'report', sku: 'CHIP', wrong: true }).visit;
    const { basket } = reported.context;
    expect(basket).toMatchObject({ totalMinor: 310, savedMinor: 40 });
    const bill = play([closed, finalReading(['A001', 'B001'])], reported).visit.context.bill;
    expect(bill).toMatchObject({ totalMinor: 310, heldLines: [{ sku: 'CHIP', amountMinor: 690 }] });
  });

  it('an order in another currency, or one that has ended, is about nothing', () => {
    const none: (FrozenPromotions | undefined)[] = [
      withPromotions(inventory, { ...order(half), currency: 'EUR' }, 10).promotions,
      withPromotions(inventory, { ...order(half), expiresAtMs: 10 }, 10).promotions,
      withPromotions(inventory, null, 10).promotions,
    ];
    expect(none).toEqual([undefined, undefined, undefined]);
  });
});
