import { expect, it } from 'vitest';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { recordPrices } from './catalog-prices.ts';

const dayMs = 86_400_000;
const list = (priceMinor: number) => ({ currency: 'CNY', products: [{ sku: 'A1', priceMinor }] }) as const;

/**
 * A1 was 4.00 until yesterday and is 3.50 since. The operator is started while the clock of its database is behind; then the
 * clock is right again. A cabinet without network since the day before yesterday brings what it has sold at 4.00.
 */
onStorage('a price that ended yesterday', (harness) => {
  it.each([
    ['the clock is right', 0, 'before'],
    ['the clock is 31 days behind', 31, 'before'],
    ['the clock is 61 days behind', 61, 'before'],
    ['the clock is 31 days behind, and the price is new in that start', 31, 'then'],
  ])('is still one of which charges may come, after a start while %s', async (_, behindDays, since) => {
    const { db, clock } = harness();
    await recordPrices(db, clock, list(400));
    clock.jumpWall(365 * dayMs);
    const visit = await harness().visit();
    const sold = { openedAtMs: clock.nowMs(), closedAtMs: clock.nowMs(), lines: [line('A1', 400, 1)] };
    clock.jumpWall(dayMs);
    if (since === 'before') await recordPrices(db, clock, list(350));
    clock.jumpWall(dayMs);

    clock.jumpWall(-behindDays * dayMs);
    await recordPrices(db, clock, list(350), behindDays === 0);
    clock.jumpWall(behindDays * dayMs);

    const path = `/v1/charges/${visit.chargeId}`;
    const { body } = await harness().during(harness().send('PUT', path, chargeBody(visit, sold)));
    expect(body).toMatchObject({ state: 'paid' });
  });

  it('goes on while the time is not sure, and ends with the next start at a sure one', async () => {
    const { db, clock } = harness();
    await recordPrices(db, clock, list(400));
    await recordPrices(db, clock, list(350), false);
    await recordPrices(db, clock, list(350), true);
    clock.jumpWall(31 * dayMs);
    const visit = await harness().visit();
    const sold = { openedAtMs: clock.nowMs(), closedAtMs: clock.nowMs(), lines: [line('A1', 400, 1)] };
    const { body } = await harness().send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, sold));
    expect(body).toMatchObject({ state: 'needs_attention', reason: 'system.rejected' });
  });
});
