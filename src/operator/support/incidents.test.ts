import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { onStorage } from '../../testkit/operator/suite.ts';
import { incidentDetailMaxLength, incidentsOfKindMax, incidentsOfKindPerMs } from '../limits.ts';
import { incident, incidentKinds } from '../storage/schema.ts';
import { type IncidentKind, addIncident, incidentBounds, resolveIncident } from './incidents.ts';

/** What is to be paid back is listed by its sum: `refunds-listed.test.ts`. */
const addedKinds = incidentKinds.filter((kind) => kind !== 'refund_due');

it('of each kind of incident it is said who brings it about, and what bounds it', () => {
  expect(Object.keys(incidentBounds)).toEqual(addedKinds);
});

onStorage('of what a human has to look at', (harness) => {
  const add = (kind: IncidentKind, detail: string, cabinetId = 'CAB-1') =>
    addIncident(harness().db, harness().clock, kind, cabinetId, 'KM1', detail);
  const listed = (kind: IncidentKind) =>
    harness().db.select().from(incident).where(eq(incident.kind, kind)).orderBy(incident.id);
  const often = incidentsOfKindMax + 5;

  it.each(addedKinds)('%s: no more are listed than its bound has room for', async (kind) => {
    for (let i = 1; i <= often; i++) await add(kind, `no ${i}`);
    const kept = {
      ...{ cabinet_day: incidentsOfKindMax, one_open: 1, decision: often, debit: often, charge_open: often },
      agreement_end: often,
    };
    const bound = incidentBounds[kind];
    const rows = await listed(kind);
    expect(rows).toHaveLength(kept[bound]);
    expect(rows.at(-1)?.detail.includes('more of this kind')).toBe(bound === 'cabinet_day');
    // Another cabinet's are others, but for what is about all cabinets together.
    await add(kind, 'of another', 'CAB-2');
    expect(await listed(kind)).toHaveLength(kept[bound] + (bound === 'one_open' ? 0 : 1));
    harness().clock.jumpWall(incidentsOfKindPerMs + 1);
    await add(kind, 'of the next day');
    expect(await listed(kind)).toHaveLength(kept[bound] + (bound === 'one_open' ? 0 : 2));
  });

  it('what is added to an open one of the same charge is one to look at, with all that was said', async () => {
    const operator = harness();
    const openOnes = async () =>
      (await listed('dispute_of_decided')).filter((row) => row.resolvedAtMs === null);
    await add('dispute_of_decided', 'first');
    const [first] = await openOnes();
    await add('dispute_of_decided', 'second');
    await addIncident(operator.db, operator.clock, 'dispute_of_decided', 'CAB-1', 'KM2', 'of another charge');
    await add('underpaid', 'of another kind');
    expect((await openOnes()).map(({ detail }) => detail)).toEqual(['first; second', 'of another charge']);
    // Whoever has read the first one only has not read what was added.
    const close = { actor: 'a', resolution: 'paid back' };
    expect(await resolveIncident(operator, first?.id ?? 0, close)).toMatchObject({
      error: { code: 'conflict' },
    });
    const [both] = await openOnes();
    await resolveIncident(operator, both?.id ?? 0, close);
    await add('dispute_of_decided', 'third');
    expect((await openOnes()).map(({ detail }) => detail)).toEqual(['of another charge', 'third']);
    for (let i = 0; i < 3; i++)
      await add('dispute_of_decided', `${'x'.repeat(incidentDetailMaxLength / 2)} ${i}`);
    const last = (await openOnes()).at(-1)?.detail;
    expect([last?.length, last?.endsWith('x 2')]).toEqual([incidentDetailMaxLength, true]);
  });

  it('what was closed is listed anew when it comes again', async () => {
    const operator = harness();
    await add('faces_at_limit', 'first');
    const [first] = await listed('faces_at_limit');
    await resolveIncident(operator, first?.id ?? 0, { actor: 'a', resolution: 'filed' });
    await add('faces_near_limit', 'of another kind');
    for (const detail of ['second', 'third']) await add('faces_at_limit', detail, 'CAB-2');
    expect((await listed('faces_at_limit')).map(({ detail }) => detail)).toEqual(['first', 'second']);
  });
});
