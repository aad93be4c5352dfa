import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy, visitSilentMs, visitWatchEveryMs } from '../limits.ts';
import { incident, visitClosing } from '../storage/schema.ts';
import { resolveIncident } from '../support/incidents.ts';

const { unpaidMaxMinor, visitReserveMs, visitReserveMinor } = defaultPolicy;
const known = { status: 200, body: { known: true } };
const nothing = { ended: 'nothing_taken', totalMinor: 0, heldMinor: 0 };

onStorage('how a visit has ended', (harness) => {
  /** A visit whose cabinet names its charge, and so tells how it ended. */
  const visit = async (operator: OperatorHarness, cabinet = operator.cabinet): Promise<Visit> => {
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const answer = await operator.send(
      'POST',
      '/v1/visits/authorise',
      { ...ids, code: operator.code() },
      cabinet,
    );
    expect(answer.body).toMatchObject({ decision: 'allowed' });
    return { ...ids, cabinetId: cabinet.cabinetId, memberId: 'M1001' };
  };
  const close = (
    operator: OperatorHarness,
    { visitId, chargeId }: Visit,
    said = {},
    cabinet?: typeof operator.cabinet,
  ) => {
    const body = { chargeId, ...nothing, closedAtMs: operator.clock.nowMs(), ...said };
    return operator.send('PUT', `/v1/visits/${visitId}/closing`, body, cabinet);
  };
  const put = (operator: OperatorHarness, of: Visit, change = {}) =>
    operator.send('PUT', `/v1/charges/${of.chargeId}`, chargeBody(of, change));
  /** What another cabinet may let the member take. */
  const room = async (operator: OperatorHarness): Promise<number> => {
    const other = makeCabinet(`CAB-R${String(roomCount++)}`);
    await operator.enrol(other);
    const reply = authoriseReplySchema.parse(
      await operator.authorise(newVisitId(operator.clock.nowMs()), operator.code(), other),
    );
    const maxMinor = reply.decision === 'allowed' ? reply.visitMaxMinor : 0;
    operator.clock.jumpWall(visitReserveMs + 1);
    return maxMinor;
  };
  let roomCount = 0;
  const beSilent = async (operator: OperatorHarness): Promise<void> => {
    operator.clock.jumpWall(visitSilentMs);
    await operator.pass(2 * visitWatchEveryMs);
  };
  const incidents = async (operator: OperatorHarness, { chargeId }: { chargeId: ChargeId }) =>
    (await operator.db.select().from(incident).where(eq(incident.chargeId, chargeId)))
      .sort((a, b) => a.id - b.id)
      .map(({ kind, resolvedAtMs, actor }) => `${kind} ${resolvedAtMs === null ? 'open' : String(actor)}`);

  it.each(['never_unlocked', 'not_opened', 'unlock_failed', 'nothing_taken', 'cancelled'])(
    '%s: nothing of it counts any more, and nobody is told of silence',
    async (ended) => {
      const operator = harness();
      const first = await visit(operator);
      const elsewhere = makeCabinet('CAB-2');
      await operator.enrol(elsewhere);
      const ask = () => operator.authorise(newVisitId(operator.clock.nowMs()), operator.code(), elsewhere);
      expect(await ask()).toMatchObject({ visitMaxMinor: unpaidMaxMinor - visitReserveMinor });
      expect(await close(operator, first, { ended })).toMatchObject(known);
      // The one elsewhere is open still.
      expect(await ask()).toMatchObject({ visitMaxMinor: unpaidMaxMinor - visitReserveMinor });
      await beSilent(operator);
      expect(await incidents(operator, first)).toEqual([]);
    },
  );

  it('counts what a cabinet says is charged and held until the charge is here, and then that', async () => {
    const operator = harness();
    const first = await visit(operator);
    await close(operator, first, { ended: 'charge', totalMinor: 1_300, heldMinor: 700 });
    // Longer than an open visit counts.
    operator.clock.jumpWall(visitReserveMs + 1);
    expect(await room(operator)).toBe(unpaidMaxMinor - 2_000);
    operator.provider.set({ mode: 'down', reason: 'account.declined', delayMs: 0 });
    await operator.during(put(operator, first, { heldLines: [line('A', 100, 7)] }));
    expect(await room(operator)).toBe(unpaidMaxMinor - 2_000);
    expect(await incidents(operator, first)).toEqual([]);
  });

  it('a report cannot lower what is due: the charge counts, and people hear of the difference', async () => {
    const operator = harness();
    const before = await visit(operator);
    await close(operator, before);
    operator.provider.set({ mode: 'down', reason: 'account.declined', delayMs: 0 });
    await operator.during(put(operator, before));
    expect(await operator.chargeRow(before.chargeId)).toMatchObject({ state: 'accepted', review: true });
    expect(await incidents(operator, before)).toEqual(['closing_differs open']);
    expect(await room(operator)).toBe(unpaidMaxMinor - 1_300);
    const after = await visit(operator);
    await operator.during(put(operator, after));
    expect(await close(operator, after, { ended: 'charge', totalMinor: 1 })).toMatchObject(known);
    expect(await incidents(operator, after)).toEqual(['closing_differs open']);
    expect(await room(operator)).toBe(unpaidMaxMinor - 2 * 1_300);
  });

  it('takes the first word once; the same again is the same, another one is a conflict and told', async () => {
    const operator = harness();
    const first = await visit(operator);
    const closedAtMs = operator.clock.nowMs();
    expect(await close(operator, first, { closedAtMs })).toMatchObject(known);
    operator.clock.jumpWall(60_000);
    expect(await close(operator, first, { closedAtMs })).toMatchObject(known);
    expect(await close(operator, first, { closedAtMs, ended: 'charge', totalMinor: 5 })).toMatchObject({
      status: 409,
    });
    const rows = await operator.db.select().from(visitClosing);
    expect(rows.map(({ ended, totalMinor }) => [ended, totalMinor])).toEqual([['nothing_taken', 0]]);
    expect(await incidents(operator, first)).toEqual(['closing_conflict open']);
  });

  it('takes it of the charge that was named alone', async () => {
    const operator = harness();
    const first = await visit(operator);
    const other = { ...first, chargeId: newChargeId(operator.clock.nowMs()) };
    expect(await close(operator, other)).toMatchObject({ status: 409 });
    expect(await operator.db.select().from(visitClosing)).toEqual([]);
    expect(await close(operator, first)).toMatchObject(known);
  });

  it('attack: a stolen key says nothing of another cabinet’s visit, nor of one of nobody', async () => {
    const operator = harness();
    const thief = makeCabinet('CAB-T');
    await operator.enrol(thief);
    const first = await visit(operator);
    expect(await close(operator, first, {}, thief)).toMatchObject({ status: 403 });
    const nowhere = { ...first, visitId: newVisitId(operator.clock.nowMs()) };
    expect(await close(operator, nowhere)).toMatchObject({ status: 200, body: { known: false } });
    expect(await operator.db.select().from(visitClosing)).toEqual([]);
  });

  it.each([
    ['a sum without a charge', { totalMinor: 5 }],
    ['something held without a charge', { heldMinor: 5 }],
    ['a negative sum', { ended: 'charge', totalMinor: -5 }],
    ['half a fen', { ended: 'charge', totalMinor: 0.5 }],
    ['an end that there is not', { ended: 'lost' }],
    ['a time that is none', { closedAtMs: 1e300 }],
  ])('refuses %s', async (_, said) => {
    const operator = harness();
    expect(await close(operator, await visit(operator), said)).toMatchObject({ status: 400 });
  });

  it('lists a silent visit, keeps nobody out by it, and closes that when the word comes late', async () => {
    const operator = harness();
    const [empty, bought] = [await visit(operator), await visit(operator)];
    operator.clock.jumpWall(visitSilentMs - 3 * visitWatchEveryMs);
    await operator.pass(2 * visitWatchEveryMs);
    expect(await operator.incidentKinds()).toEqual([]);
    await operator.pass(3 * visitWatchEveryMs);
    expect(await incidents(operator, empty)).toEqual(['visit_silent open']);
    expect(await incidents(operator, bought)).toEqual(['visit_silent open']);
    expect(await room(operator)).toBe(unpaidMaxMinor);
    // Once.
    await beSilent(operator);
    expect(await incidents(operator, empty)).toEqual(['visit_silent open']);
    await close(operator, empty);
    await operator.during(put(operator, bought));
    expect(await incidents(operator, empty)).toEqual(['visit_silent operator']);
    expect(await incidents(operator, bought)).toEqual(['visit_silent operator']);
  });

  it('asks whether a charge is lost that was to follow; it counts until people have looked', async () => {
    const operator = harness();
    const [late, lost] = [await visit(operator), await visit(operator)];
    await close(operator, late, { ended: 'charge', totalMinor: 1_300 });
    await close(operator, lost, { ended: 'charge', totalMinor: 700 });
    await beSilent(operator);
    expect(await incidents(operator, late)).toEqual(['charge_missing open']);
    expect(await room(operator)).toBe(unpaidMaxMinor - 2_000);
    await operator.during(put(operator, late));
    expect(await incidents(operator, late)).toEqual(['charge_missing operator']);
    const [listed] = await operator.db.select().from(incident).where(eq(incident.chargeId, lost.chargeId));
    await resolveIncident(operator, listed?.id ?? 0, { actor: 'a', resolution: 'the cabinet burnt' });
    expect(await room(operator)).toBe(unpaidMaxMinor);
  });

  it('a visit that was left open is listed at once, and counts as an open one until people have looked', async () => {
    const operator = harness();
    const first = await visit(operator);
    await close(operator, first, { ended: 'left_open' });
    await operator.pass(2 * visitWatchEveryMs);
    expect(await incidents(operator, first)).toEqual(['charge_missing open']);
    operator.clock.jumpWall(visitReserveMs + 1);
    expect(await room(operator)).toBe(unpaidMaxMinor - visitReserveMinor);
  });

  it('expects nothing of a cabinet from before, whose visits count as ever', async () => {
    const operator = harness();
    const { visitId, chargeId } = await operator.visit();
    expect(await room(operator)).toBe(unpaidMaxMinor - visitReserveMinor);
    await beSilent(operator);
    expect(await operator.incidentKinds()).toEqual([]);
    // It was brought up to date while somebody was there.
    const late = { visitId, chargeId, cabinetId: 'CAB-1', memberId: 'M1001' };
    expect(await close(operator, late)).toMatchObject(known);
  });

  it('two instances list a silent visit once', async () => {
    const operator = harness();
    const other = operator.restarted();
    const first = await visit(operator);
    await beSilent(operator);
    expect(await incidents(operator, first)).toEqual(['visit_silent open']);
    await other.close();
  });

  it('while the clock is ahead for a moment nothing is watched for a year', async () => {
    const operator = harness();
    const yearMs = 365 * 86_400_000;
    operator.clock.jumpWall(yearMs);
    const first = await visit(operator);
    operator.clock.jumpWall(-yearMs);
    await operator.pass(2 * visitWatchEveryMs);
    expect(await incidents(operator, first)).toEqual(['visit_silent open']);
  });
});
