import { expect, it } from 'vitest';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { chargeAgeMaxMs, defaultPolicy } from '../limits.ts';
import { chargeBody, line, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** What a cabinet says, or somebody with its key, is compared with what the operator knows. */
onStorage('a charge', (harness) => {
  const put = (visit: Visit, change = {}, operator = harness()) =>
    operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, change));
  const held = { state: 'needs_attention', reason: 'system.rejected' };

  it.each([
    ['dearer than its catalogue says', [line('A1', 351, 1)]],
    ['of goods that were never for sale', [line('A1', 350, 1), line('NONE', 1, 1)]],
  ])('%s waits for a human', async (_, lines) => {
    const visit = await harness().visit();
    expect((await put(visit, { lines })).body).toMatchObject(held);
    expect(await harness().incidentKinds()).toEqual(['price_differs']);
    expect(await harness().debitCount(visit.chargeId)).toBe(0);
  });

  it.each([
    ['beside what is billed', [line('A1', 350, 1)], ['recognition.differs_from_confirmed']],
    ['alone', [], ['recognition.differs_from_confirmed']],
    ['where no reader was there', [line('A1', 350, 1)], ['recognition.reader_lost']],
  ])('with held goods that never cost so much says so to who decides: %s', async (_, lines, review) => {
    const confirmedByShopper = review[0] !== 'recognition.reader_lost';
    for (const heldLines of [[line('A1', 35_000, 1)], [line('NONE', 1, 1)]]) {
      const visit = await harness().visit();
      expect((await put(visit, { lines, heldLines, review, confirmedByShopper })).body).toMatchObject(held);
      expect(await harness().debitCount(visit.chargeId)).toBe(0);
    }
    expect(await harness().incidentKinds()).toEqual(['price_differs', 'price_differs']);
    const honest = await harness().visit();
    const heldLines = [line('A1', 350, 1)];
    const reason = lines.length === 0 || !confirmedByShopper ? review[0] : null;
    const { body } = await put(honest, { lines, heldLines, review, confirmedByShopper });
    expect(body).toMatchObject({ reason });
    expect(await harness().incidentKinds()).toHaveLength(2);
  });

  it('cheaper than its catalogue says is debited, and looked at', async () => {
    const visit = await harness().visit();
    expect((await put(visit, { lines: [line('A1', 349, 1)] })).body).toMatchObject({ state: 'paid' });
    expect(await harness().incidentKinds()).toEqual(['price_differs']);
    expect((await harness().chargeRow(visit.chargeId)).review).toBe(true);
  });

  it('at the price of a catalogue before is debited, while a cabinet may be without the newer one', async () => {
    const { db, clock } = harness();
    const old = { currency: 'CNY', products: [{ sku: 'A1', priceMinor: 400 }] } as const;
    const now = { currency: 'CNY', products: [{ sku: 'A1', priceMinor: 350 }] } as const;
    await recordPrices(db, clock, old);
    clock.jumpWall(365 * 86_400_000);
    await recordPrices(db, clock, now);
    const at = (offsetMs = 0) => ({ openedAtMs: clock.nowMs(), closedAtMs: clock.nowMs() + offsetMs });
    const lines = [line('A1', 400, 1)];
    expect((await put(await harness().visit(), { lines, ...at() })).body).toMatchObject({ state: 'paid' });
    clock.jumpWall(chargeAgeMaxMs + 1);
    expect((await put(await harness().visit(), { lines, ...at() })).body).toMatchObject(held);
    expect(await harness().incidentKinds()).toEqual(['price_differs']);
  });

  it.each([61, 400])(
    'at a price that ended in a start while our clock was %d days ahead is debited as long as any, and no longer',
    async (aheadDays) => {
      const { db, clock } = harness();
      const aheadMs = aheadDays * 86_400_000;
      const list = (priceMinor: number) =>
        ({ currency: 'CNY', products: [{ sku: 'A1', priceMinor }] }) as const;
      const sell = async (priceMinor: number) => {
        const at = { openedAtMs: clock.nowMs(), closedAtMs: clock.nowMs() };
        return (await put(await harness().visit(), { lines: [line('A1', priceMinor, 1)], ...at })).body;
      };
      await recordPrices(db, clock, list(500));
      await recordPrices(db, clock, list(400));
      clock.jumpWall(aheadMs);
      await recordPrices(db, clock, list(350));
      clock.jumpWall(-aheadMs);
      // What ended before is still known, and what ended then has ended by the next start.
      expect(await sell(500)).toMatchObject({ state: 'paid' });
      await recordPrices(db, clock, list(350));
      expect(await sell(400)).toMatchObject({ state: 'paid' });
      clock.jumpWall(chargeAgeMaxMs + 1);
      expect(await sell(400)).toMatchObject(held);
      clock.jumpWall(aheadMs - chargeAgeMaxMs);
      expect(await sell(400)).toMatchObject(held);
    },
  );

  it('at a price that ended while our clock was ahead, and no start since, is none of a year later', async () => {
    const { db, clock } = harness();
    const yearMs = 365 * 86_400_000;
    const list = (priceMinor: number) =>
      ({ currency: 'CNY', products: [{ sku: 'A1', priceMinor }] }) as const;
    await recordPrices(db, clock, list(400));
    clock.jumpWall(2 * yearMs);
    await recordPrices(db, clock, list(350));
    clock.jumpWall(-yearMs);
    const at = { openedAtMs: clock.nowMs(), closedAtMs: clock.nowMs() };
    expect((await put(await harness().visit(), { lines: [line('A1', 400, 1)], ...at })).body).toMatchObject(
      held,
    );
  });

  it.each([
    ['by its own time', 400 * 86_400_000, 0],
    ["by the operator's time", 0, 400 * 86_400_000],
  ])('older than a cabinet may hold it back waits for a human: %s', async (_, writtenMs, passedMs) => {
    const visit = await harness().visit();
    harness().clock.jumpWall(passedMs);
    const closedAtMs = harness().clock.nowMs() - writtenMs;
    expect((await put(visit, { closedAtMs })).body).toMatchObject(held);
    expect(await harness().incidentKinds()).toEqual(['charge_too_old']);
  });

  it('in another currency waits for a human', async () => {
    expect((await put(await harness().visit(), { currency: 'EUR' })).body).toMatchObject(held);
    expect(await harness().incidentKinds()).toEqual(['foreign_currency']);
  });

  it('is compared with what was charged on the day in its own currency alone', async () => {
    const policy = { ...defaultPolicy, memberDayMaxMinor: 3_000, cabinetDayMaxMinor: 3_000 };
    const yuan = harness().restarted({ policy });
    for (let i = 0; i < 2; i++)
      expect((await put(await yuan.visit(), {}, yuan)).body).toMatchObject({ state: 'paid' });
    await yuan.close();
    const euro = harness().restarted({ policy, currency: 'EUR' });
    const states: unknown[] = [];
    for (let i = 0; i < 3; i++) states.push((await put(await euro.visit(), { currency: 'EUR' }, euro)).body);
    expect(states).toMatchObject([{ state: 'paid' }, { state: 'paid' }, held]);
    await euro.close();
  });

  it("of another cabinet for the same visit does not hold up this cabinet's", async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit();
    const stray = { ...visit, cabinetId: 'CAB-2', chargeId: newChargeId(operator.clock.nowMs()) };
    await operator.send('PUT', `/v1/charges/${stray.chargeId}`, chargeBody(stray), other);
    expect((await put(visit)).body).toMatchObject({ state: 'paid' });
    expect(await operator.incidentKinds()).toEqual(['charge_without_visit']);
  });

  it('beyond what a member buys on a day waits for a human', async () => {
    const policy = { ...defaultPolicy, memberDayMaxMinor: 3_000 };
    const operator = harness().restarted({ policy });
    const states: unknown[] = [];
    for (let i = 0; i < 3; i++) states.push((await put(await operator.visit(), {}, operator)).body);
    expect(states).toMatchObject([{ state: 'paid' }, { state: 'paid' }, held]);
    expect((await put(await operator.visit('M1002'), {}, operator)).body).toMatchObject({ state: 'paid' });
    operator.clock.jumpWall(86_400_001);
    expect((await put(await operator.visit(), {}, operator)).body).toMatchObject({ state: 'paid' });
    expect(await operator.incidentKinds()).toEqual(['member_day_cap']);
    await operator.close();
  });

  it('beyond what a cabinet sells on a day waits for a human, also when many come at once', async () => {
    const policy = { ...defaultPolicy, cabinetDayMaxMinor: 3_000 };
    const operator = harness().restarted({ policy });
    const visits = [await operator.visit(), await operator.visit('M1002'), await operator.visit()];
    const answers = await Promise.all(visits.map((visit) => put(visit, {}, operator)));
    const states = answers.map(({ body }) => (body as { state: string }).state).sort();
    expect(states).toEqual(['needs_attention', 'paid', 'paid']);
    expect(await operator.incidentKinds()).toEqual(['cabinet_day_cap']);
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit('M1001', other);
    const answer = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit), other);
    expect(answer.body).toMatchObject({ state: 'paid' });
    await operator.close();
  });
});
