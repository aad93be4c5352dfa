import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { promotionOrderSchema } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import { chargeBody, line, makeCabinet } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy } from '../limits.ts';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { promotionsOf, putPromotions } from '../fleet/promotions.ts';
import { chargeEvent, debitAttempt, fakeOrder } from '../storage/schema.ts';
import { makeChargeByHand } from './charge-by-hand.ts';
import { readLines } from './charge-lines.ts';

const dayMs = 86_400_000;
const name = { zh: '优惠', en: 'offer' };
const half = promotionOf('half', { kind: 'second_half', skus: ['A1'] });
const off = (line: ChargeLine, amountMinor: number, id = 'half'): ChargeLine => ({
  ...line,
  amountMinor: minor(line.amountMinor - amountMinor),
  discounts: [{ id, name, amountMinor: minor(amountMinor) }],
});

onStorage('promotions, as the operator checks them', (harness) => {
  const put = (promotions: Promotion[]) => {
    const { db, clock } = harness();
    return putPromotions(db, clock, 'anna', { promotions, currency: 'CNY', timeZone: 'Asia/Shanghai' });
  };
  /** The cabinet asks, and is told; the version. */
  const tell = async (): Promise<number> => {
    const answer = await harness().send('GET', '/v1/promotions');
    return promotionOrderSchema.parse(answer.body).version;
  };
  const pass = (ms: number) => harness().clock.advance(ms);
  const charged = async (change: Partial<ChargeBody>) => {
    const visit = await harness().visit();
    const now = harness().clock.nowMs();
    const body = chargeBody(visit, { openedAtMs: now, closedAtMs: now, ...change });
    const answer = await harness().send('PUT', `/v1/charges/${visit.chargeId}`, body);
    const row =
      answer.status === 200 || answer.status === 201 ? await harness().chargeRow(visit.chargeId) : null;
    return { ...visit, status: answer.status, state: row?.state, reason: row?.reason, review: row?.review };
  };
  const plain = [line('A1', 350, 2)];
  const halved = [off(line('A1', 350, 2), 175)];

  it('the second at half price is debited so, and stands on the lines that everybody reads', async () => {
    await put([half]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const { chargeId, state, review } = await charged({
      lines: halved,
      totalMinor: minor(525),
      promotionsVersion,
    });
    expect([state, review]).toEqual(['paid', false]);
    expect(await harness().chargeRow(chargeId)).toMatchObject({ totalMinor: 525, paidMinor: 525 });
    const lines = (await readLines(harness().db, [chargeId]))(chargeId);
    expect(lines.lines).toMatchObject([{ amountMinor: 525, discounts: [{ id: 'half', amountMinor: 175 }] }]);
  });

  it('a cabinet that leaves them out, or goes by older ones, is held: it bills above', async () => {
    const before = await put([]);
    await tell();
    await pass(dayMs);
    await put([half]);
    await tell();
    await pass(3_600_000);
    const held = { state: 'needs_attention', reason: 'system.rejected' };
    expect(await charged({ lines: plain })).toMatchObject(held);
    expect(await charged({ lines: plain, promotionsVersion: before })).toMatchObject(held);
    expect(await charged({ lines: plain, promotionsVersion: 999_999_999_999 })).toMatchObject(held);
    // As if it had been opened in an hour when nothing was on: its word is not taken.
    const longAgo = harness().clock.nowMs() - 7_200_000;
    expect(await charged({ lines: plain, openedAtMs: longAgo })).toMatchObject(held);
    expect(await harness().incidentKinds()).toContain('price_differs');
  });

  it('just after the last one was ended, a cabinet that names the version with nothing on is right', async () => {
    await put([half]);
    await tell();
    await pass(3_600_000);
    const ended = await put([]);
    await tell();
    await pass(60_000);
    const told = await charged({ lines: plain, promotionsVersion: ended });
    expect(told).toMatchObject({ state: 'paid', review: false });
  });

  it('a version that it was told only after the opening is no way around those that were on then', async () => {
    await put([half]);
    await tell();
    await pass(3_600_000);
    const visit = await harness().visit();
    const openedAtMs = harness().clock.nowMs();
    await pass(3_600_000);
    const promotionsVersion = await put([]);
    await tell();
    const of = { lines: plain, openedAtMs, closedAtMs: openedAtMs + 60_000, promotionsVersion };
    await harness().send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, of));
    const row = await harness().chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'needs_attention', reason: 'system.rejected' });
  });

  it('held goods are no way around it', async () => {
    await put([half]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const lines = [off(line('A1', 350, 1), 88)];
    const review: ChargeBody['review'] = ['recognition.differs_from_confirmed'];
    const of = { lines, totalMinor: minor(262), review, promotionsVersion };
    const right = await charged({ ...of, heldLines: [off(line('A1', 350, 1), 87)] });
    expect(right).toMatchObject({ state: 'paid' });
    const wrong = await charged({ ...of, heldLines: [line('A1', 350, 1)] });
    expect(wrong).toMatchObject({ state: 'needs_attention', reason: 'system.rejected' });
  });

  it.each([
    ['all of it is held', { lines: [], totalMinor: minor(0), heldLines: plain }],
    [
      'its reader was lost',
      { lines: plain, review: ['recognition.reader_lost' as const], confirmedByShopper: false },
    ],
    ['it came after a month', { lines: plain, openedAtMs: 0, closedAtMs: 0 }],
  ])('people are told that it is too dear also where they have it in hand anyway: %s', async (_, change) => {
    await put([half]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const { state } = await charged({ ...change, promotionsVersion });
    expect(state).toBe('needs_attention');
    expect(await harness().incidentKinds()).toEqual(['price_differs']);
  });

  it('one that takes off more than is on is debited, the loss is ours, and people look', async () => {
    await put([half]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const lines = [off(line('A1', 350, 2), 600)];
    const told = await charged({ lines, totalMinor: minor(100), promotionsVersion });
    expect(told).toMatchObject({ state: 'paid', review: true });
    expect(await harness().incidentKinds()).toEqual(['price_differs']);
  });

  it('what does not add up, is below nothing, or names promotions of no version is refused', async () => {
    const wrong: Partial<ChargeBody>[] = [
      { lines: [{ ...line('A1', 350, 2), discounts: [{ id: 'half', name, amountMinor: minor(175) }] }] },
      { lines: [{ ...off(line('A1', 350, 2), 175), amountMinor: minor(500) }], totalMinor: minor(500) },
      { lines: halved, totalMinor: minor(525) },
    ];
    for (const change of wrong) expect((await charged(change)).status).toBe(400);
    const visit = await harness().visit();
    const body = chargeBody(visit, { lines: halved, totalMinor: minor(525), promotionsVersion: 1 });
    const tooMuch = {
      ...body,
      lines: [{ ...halved[0], discounts: [{ id: 'half', name, amountMinor: 701 }], amountMinor: -1 }],
    };
    expect(chargeBodySchema.safeParse(body).success).toBe(true);
    expect(chargeBodySchema.safeParse(tooMuch).success).toBe(false);
    const { discounts = [] } = halved[0] ?? {};
    const many = {
      ...body,
      lines: [{ ...halved[0], discounts: [...discounts, ...discounts, ...discounts, ...discounts] }],
    };
    expect(chargeBodySchema.safeParse(many).success).toBe(false);
    const huge = {
      ...body,
      lines: [{ ...line('A1', 1, 5_000), unitPriceMinor: 100_000_000, amountMinor: 0 }],
      totalMinor: 0,
    };
    expect(chargeBodySchema.safeParse(huge).success).toBe(false);
  });

  it('an order ends by itself at a cabinet that was cut off: what it bills in full then is right', async () => {
    await put([half]);
    await tell();
    await pass(9 * dayMs);
    expect(await charged({ lines: plain })).toMatchObject({ state: 'paid', review: false });
  });

  it('a free visit is counted and paid with nothing: no provider is asked for it, now or later', async () => {
    await put([promotionOf('open-day', { kind: 'free' })]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const lines = [off(line('A1', 350, 2), 700, 'open-day')];
    const { chargeId, state } = await charged({ lines, totalMinor: minor(0), promotionsVersion });
    expect(state).toBe('paid');
    await harness().pass(3 * 3_600_000, 60_000);
    const { db } = harness();
    expect(await db.select().from(debitAttempt).where(eq(debitAttempt.chargeId, chargeId))).toEqual([]);
    expect(await db.$count(fakeOrder)).toBe(0);
    expect(await harness().chargeRow(chargeId)).toMatchObject({ state: 'paid', totalMinor: 0, paidMinor: 0 });
    const events = await db.select().from(chargeEvent).where(eq(chargeEvent.chargeId, chargeId));
    expect(events.map(({ kind }) => kind)).toEqual(['received', 'paid']);
  });

  it('what a member has reported of a bill is paid back at its own price', async () => {
    await put([
      promotionOf('both', { kind: 'bundle', skus: ['A1', 'B2'], count: 2, priceMinor: minor(760) }),
    ]);
    const promotionsVersion = await tell();
    await pass(3_600_000);
    const lines = [off(line('A1', 350, 1), 70, 'both'), off(line('B2', 600, 1), 120, 'both')];
    const { chargeId, state } = await charged({ lines, totalMinor: minor(760), promotionsVersion });
    expect(state).toBe('paid');
    const disputeId = makeDisputeId(harness().clock.nowMs(), new Uint8Array(idRandomByteCount));
    const report = { disputeId, skus: ['B2'], atMs: harness().clock.nowMs() };
    const sent = await harness().send('POST', `/v1/charges/${chargeId}/disputes`, report);
    expect(sent.status).toBeLessThan(300);
    expect(await harness().chargeRow(chargeId)).toMatchObject({ paidMinor: 760, refundDueMinor: 480 });
  });

  it('a charge that people make is priced by what was on when the visit began', async () => {
    await recordPrices(harness().db, harness().clock, harness().operator.catalog.catalog);
    await put([half]);
    await tell();
    await pass(3_600_000);
    const { visitId, cabinetId } = await harness().visit();
    await put([]);
    await tell();
    await pass(3 * 3_600_000);
    const { db, clock, operator } = harness();
    const policy = defaultPolicy;
    const by = { by: 'anna', reason: 'seen on the pictures', cabinetId, visitId };
    const made = await db.transaction((tx) =>
      makeChargeByHand(
        { db: tx, clock, policy, catalog: operator.catalog },
        { ...by, goods: [{ sku: 'A1', count: 2 }] },
      ),
    );
    assert(made.ok, made.ok ? '' : made.error.message);
    expect(made.value.totalMinor).toBe(525);
  });

  it('each cabinet is told its own, with the day on which it ends; another one learns nothing of it', async () => {
    const other = makeCabinet('CAB-2');
    await harness().enrol(other);
    await put([{ ...half, cabinets: ['CAB-1'] }, promotionOf('open-day', { kind: 'free' })]);
    const told = async (cabinet = harness().cabinet) =>
      promotionOrderSchema.parse((await harness().send('GET', '/v1/promotions', undefined, cabinet)).body);
    expect((await told()).promotions.map(({ id, cabinets }) => [id, cabinets])).toEqual([
      ['half', ['CAB-1']],
      ['open-day', []],
    ]);
    expect(await told(other)).toMatchObject({ cabinetId: 'CAB-2', promotions: [{ id: 'open-day' }] });
    const { order } = (await promotionsOf(harness(), 'CAB-1')) ?? {};
    assert(order !== undefined, 'there is one');
    expect(order.expiresAtMs - order.issuedAtMs).toBe(8 * dayMs);
    const first = await harness().send('GET', '/v1/promotions');
    const etag = String(first.headers['etag']);
    const again = await harness().send('GET', '/v1/promotions', undefined, harness().cabinet, {
      'if-none-match': etag,
    });
    expect(again.status).toBe(304);
    await pass(dayMs);
    expect((await told()).expiresAtMs).toBeGreaterThan(order.expiresAtMs);
  });
});
