import { and, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { chargeBody, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { sentAgoOffMs, settlingMs } from '../limits.ts';
import { chargeEvent, debitAttempt, incident } from '../storage/schema.ts';

/** A charge that is not here, and of which its cabinet says that it had been sent before (shared/api/sent-before.ts). */
onStorage('a charge that was sent before', (harness) => {
  /** `said`: what stands in the header; null: there is none, as from an older cabinet. */
  const send = async (visit: Visit, said: string | null, change: Record<string, unknown> = {}) => {
    const operator = harness();
    const more: Record<string, string> = said === null ? {} : { [sentBeforeHeader]: said };
    const body = { ...chargeBody(visit), ...change };
    const sent = operator.send('PUT', `/v1/charges/${visit.chargeId}`, body, operator.cabinet, more);
    return (await operator.during(sent)).body;
  };
  /** What the provider was asked about it, in order. */
  const asked = async ({ chargeId }: Visit): Promise<string[]> => {
    const rows = await harness()
      .db.select()
      .from(debitAttempt)
      .where(eq(debitAttempt.chargeId, chargeId))
      .orderBy(debitAttempt.id);
    return rows.map(({ call, state }) => `${call}: ${state}`);
  };
  /** As the operator had it debited, before its database was put back. */
  const debited = async ({ chargeId: orderId, memberId }: Visit, amountMinor = 1300) =>
    harness().provider.debit(debitRequest({ orderId, memberId, amountMinor }));
  const resolveEarly = (chargeId: string, decision: string, amountMinor: number) =>
    harness().operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision, amountMinor, cabinetId: 'CAB-1' },
    });

  it.each(['-', '3600000', 'of a newer cabinet'])(
    '%s: what was debited is booked, and nothing more',
    async (said) => {
      const visit = await harness().visit();
      await debited(visit);
      expect(await send(visit, said)).toMatchObject({ state: 'paid', totalMinor: 1300, resolved: null });
      expect(await asked(visit)).toEqual(['query: paid']);
      // The same again is the same answer.
      expect(await send(visit, said)).toMatchObject({ state: 'paid' });
      expect(await harness().debitCount(visit.chargeId)).toBe(1);
    },
  );

  it('was never debited, whatever the cabinet says: it is paid by the word of the provider alone', async () => {
    const operator = harness();
    const visit = await operator.visit();
    expect(await send(visit, '-')).toMatchObject({ state: 'accepted', totalMinor: 1300 });
    await operator.pass(settlingMs - 60_000, 10_000);
    expect(await asked(visit)).toEqual(['query: not_found']);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    await operator.untilState(visit.chargeId, 'paid', 5 * 60_000, 1_000);
    expect(await asked(visit)).toEqual(['query: not_found', 'close: closed', 'debit: paid']);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it.each([
    ['no such word, as of an older cabinet', null, 0],
    ['while this program ran: it has not arrived before', '60000', 60_000 + sentAgoOffMs + 1],
  ])('%s: debited at once', async (_, said, ranMs) => {
    const operator = harness();
    await operator.pass(ranMs, 10_000);
    const visit = await operator.visit();
    expect(await send(visit, said)).toMatchObject({ state: 'paid' });
    expect(await asked(visit)).toEqual(['debit: paid']);
  });

  it('is held: what was debited is booked, and people are told', async () => {
    const operator = harness();
    const nowMs = operator.clock.nowMs();
    const ids = { chargeId: newChargeId(nowMs), visitId: newVisitId(nowMs) };
    const visit: Visit = { ...ids, memberId: 'M1001', cabinetId: 'CAB-1' };
    await debited(visit);
    expect(await send(visit, '-')).toMatchObject({ state: 'needs_attention' });
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    expect(await asked(visit)).toEqual(['query: paid']);
    expect(await operator.incidentKinds()).toContain('late_paid');
  });

  describe.each([
    ['- waiting 1300', 'it waited for people, billed 1300'],
    ['- decided 600', 'people had decided, billed 600'],
  ])('%s: it is held for people, who see that', (said, known) => {
    const detail = `its cabinet knows: ${known}`;
    const lost = async () => {
      const rows = await harness().db.select().from(incident).where(eq(incident.kind, 'decision_lost'));
      return rows.map(({ chargeId, detail: text }) => ({ chargeId, detail: text }));
    };

    it('was never debited: nor is it by itself', async () => {
      const operator = harness();
      const visit = await operator.visit();
      expect(await send(visit, said)).toMatchObject({ state: 'needs_attention', totalMinor: 1300 });
      await operator.pass(settlingMs + 5 * 60_000, 10_000);
      const row = await operator.chargeRow(visit.chargeId);
      expect(row).toMatchObject({ state: 'needs_attention', review: true, nextAttemptAtMs: null });
      expect(await asked(visit)).toEqual(['query: not_found', 'close: closed']);
      expect(await lost()).toEqual([{ chargeId: visit.chargeId, detail }]);
      const events = await operator.db
        .select({ detail: chargeEvent.detail })
        .from(chargeEvent)
        .where(and(eq(chargeEvent.chargeId, visit.chargeId), eq(chargeEvent.kind, 'needs_attention')));
      expect(events).toEqual([{ detail: `system.conflict: ${detail}` }]);
      // The same again is the same answer, and told once.
      expect(await send(visit, said)).toMatchObject({ state: 'needs_attention' });
      expect(await lost()).toHaveLength(1);
      expect(await operator.debitCount(visit.chargeId)).toBe(0);
    });

    it('was debited: it is booked', async () => {
      const operator = harness();
      const visit = await operator.visit();
      await debited(visit);
      await send(visit, said);
      await operator.untilState(visit.chargeId, 'paid', 60_000);
      expect(await asked(visit)).toEqual(['query: paid']);
      expect(await operator.incidentKinds()).toEqual(expect.arrayContaining(['decision_lost', 'late_paid']));
    });

    it('people have settled by its number what cannot be: it is asked about, and they are told', async () => {
      const operator = harness();
      const visit = await operator.visit();
      await debited(visit);
      await resolveEarly(visit.chargeId, 'settled', 13_000);
      await send(visit, said);
      await operator.untilState(visit.chargeId, 'paid', 60_000);
      expect(await asked(visit)).toEqual(['query: paid']);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ paidMinor: 1300, debitedMinor: 1300 });
      expect(await lost()).toEqual([{ chargeId: visit.chargeId, detail }]);
      expect(await operator.incidentKinds()).toContain('decision_not_applied');
    });

    it('people have decided by its number since: that is done, and nothing is lost', async () => {
      const visit = await harness().visit();
      await resolveEarly(visit.chargeId, 'settled', 1300);
      expect(await send(visit, said)).toMatchObject({ state: 'paid', totalMinor: 1300 });
      expect(await lost()).toEqual([]);
      expect(await asked(visit)).toEqual([]);
    });
  });

  it('is held, of a member who has no account: nobody is asked, and not for ever', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await send(visit, '-', { memberId: 'M-nobody' });
    const row = await operator.chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'needs_attention', inDoubt: false, nextAttemptAtMs: null });
  });

  it.each([
    ['settled', 1300, { paidMinor: 1300, debitedMinor: null, refundDueMinor: 0 }, []],
    ['waive', 0, { paidMinor: 1300, debitedMinor: 1300, refundDueMinor: 1300 }, ['query: paid']],
  ])(
    'people have decided by its number, %s: money counts once',
    async (decision, amountMinor, booked, calls) => {
      const operator = harness();
      const visit = await operator.visit();
      await debited(visit);
      await resolveEarly(visit.chargeId, decision, amountMinor);
      await send(visit, '-');
      await operator.pass(60_000, 1_000);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', ...booked });
      expect(await asked(visit)).toEqual(calls);
    },
  );
});
