import { expect, it } from 'vitest';
import { storySchema } from '../../shared/console/work.schema.ts';
import type { ShelfEvent } from '../../shared/model/evidence.schema.ts';
import { chargeBody, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { readStory } from '../console/story.ts';
import { keptMs } from '../limits.ts';
import { Retention } from '../storage/retention.ts';
import { evidencePart } from '../storage/schema.ts';
import { evidenceVisitsMax } from './evidence.ts';

const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const tag = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');

onStorage('what the shelf was seen to do', (harness) => {
  const visit = async (operator: OperatorHarness): Promise<Visit> => {
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    await operator.send('POST', '/v1/visits/authorise', { ...ids, code: operator.code() });
    return { ...ids, cabinetId: operator.cabinet.cabinetId, memberId: 'M1001' };
  };
  const eventsAt = (atMs: number): ShelfEvent[] => [
    { kind: 'tags', atMs, heard: 3, came: [tag(1), tag(2), tag(3)], gone: [] },
    { kind: 'door', atMs: atMs + 1, door: 'open' },
    { kind: 'tags', atMs: atMs + 2, heard: 2, came: [], gone: [tag(1)] },
    { kind: 'weight', atMs: atMs + 3, lane: 2, milligrams: 170_000 },
    { kind: 'lines', atMs: atMs + 4, taken: [{ sku: 'A1', quantity: 1 }], added: [] },
  ];
  const tell = (
    operator: OperatorHarness,
    { visitId, chargeId }: Visit,
    part: number,
    change: object = {},
    cabinet?: typeof operator.cabinet,
  ) => {
    const events = eventsAt(operator.clock.nowMs());
    const body = { chargeId, why: 'flagged', isLast: true, dropped: 0, events, ...change };
    return operator.send('PUT', `/v1/visits/${visitId}/evidence/${part}`, body, cabinet);
  };
  const shelf = async (operator: OperatorHarness, { chargeId }: Visit) => {
    const story = await readStory(operator.db, chargeId);
    if (!story.ok) throw new Error(story.error.message);
    return storySchema.parse(story.value).entries.filter(({ type }) => type === 'shelf');
  };

  it('stands in the story of its charge, in the order of time', async () => {
    const operator = harness();
    const first = await visit(operator);
    expect((await tell(operator, first, 0)).status).toBe(204);
    await operator.send('PUT', `/v1/charges/${first.chargeId}`, chargeBody(first));
    const entries = await shelf(operator, first);
    expect(entries.map(({ what }) => what)).toEqual([
      'tags_heard',
      'door_open',
      'tags_silent',
      'weight',
      'lines',
    ]);
    expect(JSON.parse(entries[2]?.detail ?? '')).toEqual({ count: 1, heard: 2 });
  });

  it('is kept once, as it came first, and says when more is to come or was left out', async () => {
    const operator = harness();
    const first = await visit(operator);
    await tell(operator, first, 0, { isLast: false });
    expect((await tell(operator, first, 0, { events: [] })).status).toBe(204);
    await operator.send('PUT', `/v1/charges/${first.chargeId}`, chargeBody(first));
    expect((await shelf(operator, first)).map(({ what }) => what)).toContain('more_to_come');
    await tell(operator, first, 1, { dropped: 7 });
    const entries = await shelf(operator, first);
    expect(entries.length).toBe(11);
    expect(entries[0]).toMatchObject({ what: 'left_out', detail: JSON.stringify({ count: 7 }) });
  });

  it('is taken of visits and charges of that cabinet alone', async () => {
    const operator = harness();
    const first = await visit(operator);
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    expect((await tell(operator, first, 0, {}, other)).status).toBe(404);
    const unknown = { ...first, visitId: newVisitId(1), chargeId: newChargeId(1) };
    expect((await tell(operator, unknown, 0)).status).toBe(404);
    expect(await operator.db.select().from(evidencePart)).toEqual([]);
  });

  it('is bounded, a visit and a day', async () => {
    const operator = harness();
    const much: ShelfEvent[] = Array.from({ length: 10 }, () => ({
      kind: 'tags',
      atMs: 1,
      heard: 250,
      came: Array.from({ length: 250 }, (_, i) => i.toString(16).toUpperCase().padStart(16, '0')),
      gone: [],
    }));
    const first = await visit(operator);
    const answers: number[] = [];
    for (let part = 0; part < 30; part++)
      answers.push((await tell(operator, first, part, { events: much })).status);
    expect(answers.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 204));
    expect(answers.at(-1)).toBe(413);
    const { chargeId } = first;
    await operator.db.insert(evidencePart).values(
      Array.from({ length: evidenceVisitsMax - 1 }, () => ({
        ...{ cabinetId: operator.cabinet.cabinetId, visitId: newVisitId(2), part: 0, chargeId },
        ...{ why: 'flagged' as const, isLast: true, dropped: 0, events: '[]' },
        receivedAtMs: operator.clock.nowMs(),
      })),
    );
    expect((await tell(operator, await visit(operator), 0)).status).toBe(429);
    operator.clock.jumpWall(86_400_001);
    expect((await tell(operator, await visit(operator), 0)).status).toBe(204);
  });

  it('goes after its time', async () => {
    const operator = harness();
    const first = await visit(operator);
    await tell(operator, first, 0);
    const retention = new Retention({
      ...{ db: operator.db, clock: operator.clock, logger },
      ...{ isTimeSure: () => true, isEmbedded: false },
    });
    operator.clock.jumpWall(keptMs.evidence - 1);
    await retention.removeOld();
    expect((await operator.db.select().from(evidencePart)).length).toBe(1);
    operator.clock.jumpWall(2);
    await retention.removeOld();
    expect(await operator.db.select().from(evidencePart)).toEqual([]);
  });
});
