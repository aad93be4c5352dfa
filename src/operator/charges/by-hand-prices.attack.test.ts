import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { always, promotionOf } from '../../testkit/core/promotions.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { putPromotions } from '../fleet/promotions.ts';
import { defaultPolicy, visitSilentMs } from '../limits.ts';
import { makeChargeByHand } from './charge-by-hand.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const half = promotionOf('half', { kind: 'second_half', skus: ['A1'] });

onStorage('a charge by hand is never more than the screen may have shown', (harness) => {
  const put = (promotions: Promotion[]) =>
    putPromotions(harness().db, harness().clock, 'anna', {
      ...{ promotions, currency: 'CNY', timeZone: 'UTC' },
    });
  const tell = () => harness().send('GET', '/v1/promotions');
  const pass = (ms: number) => harness().clock.advance(ms);
  const serve = (change: Readonly<Record<string, number>> = {}) => {
    const { db, clock, operator } = harness();
    const { currency, products } = operator.catalog.catalog;
    const changed = products.map(({ sku, priceMinor }) => ({ sku, priceMinor: change[sku] ?? priceMinor }));
    return recordPrices(db, clock, { currency, products: changed });
  };
  /** Two pieces at 3.50 were taken in it, and nothing was heard of it. */
  const byHand = async ({ visitId, cabinetId }: { readonly visitId: string; readonly cabinetId: string }) => {
    const { db, clock, operator } = harness();
    await pass(visitSilentMs);
    const of = { cabinetId, visitId: visitId as Parameters<typeof makeChargeByHand>[1]['visitId'] };
    const said = { by: 'anna', reason: 'seen on the pictures', goods: [{ sku: 'A1', count: 2 }] };
    const made = await db.transaction((tx) =>
      makeChargeByHand(
        { db: tx, clock, policy: defaultPolicy, catalog: operator.catalog },
        { ...of, ...said },
      ),
    );
    assert(made.ok, made.ok ? '' : made.error.message);
    return made.value.totalMinor;
  };

  it('its cabinet was told of a promotion a few minutes before', async () => {
    await serve();
    await put([half]);
    await tell();
    await pass(5 * minuteMs);
    expect(await byHand(await harness().visit())).toBe(525);
  });

  it('its cabinet was told of the end of one a few minutes before, and may not have heard the answer', async () => {
    await serve();
    await put([half]);
    await tell();
    await pass(hourMs);
    await put([]);
    await tell();
    await pass(5 * minuteMs);
    expect(await byHand(await harness().visit())).toBe(525);
  });

  it('its cabinet had not asked for a week, and may go by what it was told then', async () => {
    await serve();
    await put([half]);
    await tell();
    await pass(7 * 24 * hourMs + hourMs);
    expect(await byHand(await harness().visit())).toBe(525);
  });

  it('one begins between the moment at which the member is let in and the opening', async () => {
    await serve();
    const nextHour = (new Date(harness().clock.nowMs() + 2 * hourMs).getUTCHours() * 60) % 1_440;
    const schedule = { ...always, fromMinute: nextHour, toMinute: (nextHour + 60) % 1_440 };
    await put([{ ...half, schedule }]);
    await tell();
    await pass(hourMs);
    const untilMs = hourMs - (harness().clock.nowMs() % hourMs);
    await pass(untilMs - secondMs);
    expect(await byHand(await harness().visit())).toBe(525);
  });

  it('it costs more since a few seconds, and its cabinet has not asked since', async () => {
    await serve();
    await pass(hourMs);
    await serve({ A1: 400 });
    await pass(5 * secondMs);
    expect(await byHand(await harness().visit())).toBe(700);
  });

  it('it costs less since a second after the member was let in', async () => {
    await serve({ A1: 400 });
    await pass(hourMs);
    const visit = await harness().visit();
    await pass(secondMs);
    await serve();
    expect(await byHand(visit)).toBe(700);
  });

  it('what was changed long before, or long after, is no matter of it', async () => {
    await serve();
    await put([half]);
    await tell();
    await pass(hourMs);
    await serve({ A1: 400 });
    await put([]);
    await tell();
    await pass(hourMs);
    const visit = await harness().visit();
    await pass(hourMs);
    await serve({ A1: 300 });
    await put([half]);
    await tell();
    expect(await byHand(visit)).toBe(800);
  });
});
