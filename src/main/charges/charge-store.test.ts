import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeliveryEvent } from '../../core/charge/delivery.ts';
import type { WithPeople } from '../../shared/api/sent-before.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Database, Row } from '../storage/database.ts';
import { chainHash, chainStart, sha256Hex } from '../storage/hash-chain.ts';
import type { ChainFindingKind } from './chain-audit.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { newChargeRecords } from '../../testkit/main/charges/set-up.ts';
import { ChargeStore } from './charge-store.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { auditOf, testLog } from '../../testkit/main/charges/charge-log.ts';

let db: Database;
let clock: FakeClock;
let store: ChargeStore;
let remove: () => void;
beforeEach(() => {
  ({ db, clock, store, remove } = newChargeRecords(testLog));
});
afterEach(() => {
  remove();
});

const { chargeId, body } = sale(1, 1250, Date.UTC(2026, 0, 1));
const opening = { ...body, memberDisplay: '王*' };
const sql = (text: string, ...values: (string | number)[]) =>
  db.transaction(() => {
    db.prepare(text).run(...values);
    return ok();
  });

const rows = (text: string): Row[] => assertOk(db.read(() => db.prepare(text).all()));
/** Foreign keys are switched off outside of a transaction only. */
function withoutForeignKeys(text: string): void {
  assertOk(db.read(() => db.prepare('PRAGMA foreign_keys = OFF').all()));
  sql(text);
}
const openAnother = (number: number): void => {
  const { visitId, chargeId: another } = sale(number, 100, 0).body;
  assertOk(store.open({ ...opening, visitId, chargeId: another }));
};
/** What whoever has the database can do: hashes that fit, from the first event to the last, with another sum. */
function recompute(withoutSeals: boolean): void {
  let prevHash = chainStart;
  for (const row of rows('SELECT * FROM charge_event ORDER BY seq')) {
    const { seq, charge_id: of, at_ms: atMs, type, data_json: json } = row;
    const dataJson = String(json).replace('1250', '19999');
    const hash = chainHash(prevHash, {
      ...{ seq: Number(seq), chargeId: String(of), atMs: Number(atMs), type: String(type), dataJson },
    });
    sql(
      'UPDATE charge_event SET data_json = ?, prev_hash = ?, hash = ? WHERE seq = ?',
      ...[dataJson, prevHash, hash, Number(seq)],
    );
    prevHash = hash;
  }
  if (withoutSeals) sql('UPDATE charge_event SET seal = NULL');
}

describe('from open to queued', () => {
  test('what is stored is what was given, and its history says how it came about', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    const record = assertOk(store.get(chargeId));
    expect(record).toMatchObject({ state: 'queued', totalMinor: 1250, memberDisplay: '王*', reason: null });
    expect(JSON.parse(record.bodyJson!)).toEqual(body);
    expect(assertOk(store.history(chargeId)).map((entry) => entry.event.type)).toEqual([
      'open',
      'finalise',
      'enqueue',
    ]);
    expect(assertOk(store.unsettledSummary())).toEqual({
      count: 1,
      sumMinor: 1250,
      oldestMs: clock.nowMs(),
      undeliveredCount: 1,
    });
  });

  test('a body once fixed is fixed', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    const before = assertOk(store.get(chargeId));
    expect(store.finalise(chargeId, body)).toMatchObject({ ok: false, error: { code: 'charge.illegal' } });
    expect(store.void(chargeId, 'cancelled')).toMatchObject({ ok: false, error: { code: 'charge.illegal' } });
    expect(assertOk(store.get(chargeId))).toEqual(before);
  });

  test.each<[string, Partial<ChargeBody>]>([
    ['of another visit', { visitId: sale(2, 1, 0).body.visitId }],
    ['of another member', { memberId: 'm-2' }],
    ['of another cabinet', { cabinetId: 'CAB-2' }],
    ['in another currency', { currency: 'USD' }],
    ['with a total that is not the sum', { totalMinor: minor(1249) }],
    ['without any line', { lines: [], totalMinor: minor(0) }],
  ])('a body %s is refused', (_, change) => {
    assertOk(store.open(opening));
    const refused = store.finalise(chargeId, { ...body, ...change });
    expect(refused).toMatchObject({ ok: false, error: { code: 'charge.bad_body' } });
    expect(assertOk(store.get(chargeId))).toMatchObject({ state: 'open', bodyJson: null, totalMinor: null });
  });

  test('one charge per id and per visit; nothing about a charge that is not there', () => {
    assertOk(store.open(opening));
    expect(store.open(opening)).toMatchObject({ ok: false, error: { code: 'charge.exists' } });
    const other = { ...opening, chargeId: sale(2, 1, 0).chargeId };
    expect(store.open(other)).toMatchObject({ ok: false, error: { code: 'charge.exists' } });
    expect(store.void(other.chargeId, 'cancelled')).toMatchObject({ error: { code: 'charge.unknown' } });
    expect(assertOk(store.listUnsettled())).toHaveLength(1);
  });

  test('a bill is unsettled from when it is fixed until it is paid', () => {
    const isUnsettled = (): boolean => assertOk(store.hasUnsettled());
    assertOk(store.open(opening));
    expect(isUnsettled()).toBe(false);
    assertOk(store.finalise(chargeId, body));
    expect(isUnsettled()).toBe(true);
    assertOk(store.markSubmitting(chargeId));
    expect(isUnsettled()).toBe(true);
    sql(`UPDATE charge SET state = 'paid' WHERE charge_id = ?`, chargeId);
    expect(isUnsettled()).toBe(false);
  });

  test('nothing taken: void, and out of every sum', () => {
    assertOk(store.open(opening));
    expect(assertOk(store.listUnsettled())).toHaveLength(1);
    assertOk(store.void(chargeId, 'nothing_taken'));
    expect(assertOk(store.get(chargeId))).toMatchObject({ state: 'voided', nextAttemptMs: null });
    expect(assertOk(store.unsettledSummary()).count).toBe(0);
    expect(assertOk(store.nextDue(clock.nowMs(), 0))).toBeNull();
  });

  test('joins the transaction of the visit: both or neither', () => {
    assertOk(store.open(opening));
    const undone = db.transaction(() => {
      assertOk(store.finalise(chargeId, body));
      return fail('test.no', 'the visit could not be stored');
    });
    expect(undone.ok).toBe(false);
    expect(assertOk(store.get(chargeId)).state).toBe('open');
    expect(auditOf(db)).toMatchObject({ kinds: [], lastSeq: 1, chargeCount: 1 });
  });
});

test('how long ago it was first sent and nobody has answered: not what has never left or was not taken', async () => {
  const ago = (): unknown => store.sentBefore(assertOk(store.get(chargeId)));
  const recorded = (event: DeliveryEvent): void => assertOk(store.recordOutcome(chargeId, event, 0));
  const send = async (event?: DeliveryEvent): Promise<void> => {
    assertOk(store.markSubmitting(chargeId));
    await clock.advance(1_000);
    if (event === undefined) assertOk(store.recoverSubmitting());
    else recorded(event);
  };
  assertOk(store.open(opening));
  assertOk(store.finalise(chargeId, body));
  expect(ago()).toBe(null);
  await send({ type: 'defer', reason: 'network.unreachable' });
  expect(ago()).toBe(null);
  await send();
  expect(ago()).toEqual({ agoMs: 1_000, withPeople: null });
  recorded({ type: 'unknown_there' });
  await send({ type: 'doubt', reason: 'network.timeout' });
  expect(ago()).toEqual({ agoMs: 2_000, withPeople: null });
});

describe('that people had it in hand, where the operator had it', () => {
  const said = (): unknown => store.sentBefore(assertOk(store.get(chargeId)));
  const { totalMinor } = body;
  const told = { type: 'reply', totalMinor: minor(totalMinor), reason: null } as const;
  const decided = {
    type: 'resolved',
    how: 'adjusted',
    by: 'support',
    atMs: 5,
    state: 'collecting',
    totalMinor: minor(600),
    reason: null,
    namedMinor: minor(totalMinor),
  } as const;
  const lost = { type: 'unknown_there' } as const;
  const record = (...events: readonly DeliveryEvent[]): void => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    assertOk(store.markSubmitting(chargeId));
    for (const event of events) assertOk(store.recordOutcome(chargeId, event, 0));
  };

  test.each<[string, DeliveryEvent[], WithPeople | null]>([
    ['it was on its way', [{ ...told, state: 'accepted' }, lost], null],
    ['waited', [{ ...told, state: 'needs_attention' }, lost], { stage: 'waiting', billedMinor: totalMinor }],
    [
      'decided',
      [{ ...told, state: 'needs_attention' }, decided, lost],
      { stage: 'decided', billedMinor: 600, decisionAtMs: decided.atMs },
    ],
    [
      'decided, and it waits again',
      [
        decided,
        { ...told, totalMinor: minor(600), state: 'needs_attention', namedMinor: minor(totalMinor) },
        lost,
      ],
      { stage: 'waiting', billedMinor: 600, decisionAtMs: decided.atMs },
    ],
    [
      'decided, and the operator has forgotten that',
      [decided, { ...told, totalMinor: minor(600), state: 'needs_attention' }, lost],
      { stage: 'decided', billedMinor: 600, decisionAtMs: decided.atMs },
    ],
  ])('%s', (_, events, withPeople) => {
    record(...events);
    expect(said()).toEqual({ agoMs: null, withPeople });
  });

  test('refused, and what was decided is too much to be taken: there is nothing billed', () => {
    record({ ...decided, totalMinor: minor(totalMinor + 1), state: 'paid' });
    expect(assertOk(store.get(chargeId))).toMatchObject({ state: 'needs_attention', billedMinor: null });
    expect(said()).toEqual({ agoMs: null, withPeople: { stage: 'decided', billedMinor: totalMinor } });
  });

  test('the record cannot be read: what the operator had is taken for that', () => {
    record({ ...told, state: 'accepted' }, lost);
    const charge = assertOk(store.get(chargeId));
    vi.spyOn(db, 'read').mockReturnValue(fail('storage.io', 'test'));
    expect(store.sentBefore(charge)).toEqual({
      agoMs: null,
      withPeople: { stage: 'waiting', billedMinor: totalMinor },
    });
    expect(store.sentBefore({ ...charge, billedMinor: null })).toEqual({ agoMs: null, withPeople: null });
  });

  test('an event of it is damaged: it is sent all the same', () => {
    record({ ...told, state: 'needs_attention' }, decided, lost);
    sql('DROP TRIGGER charge_event_no_update');
    sql(`UPDATE charge_event SET data_json = 'x'`);
    expect(said()).toEqual({
      agoMs: null,
      withPeople: { stage: 'decided', billedMinor: 600, decisionAtMs: decided.atMs },
    });
  });
});

test.each([-1, 1])(
  'that is told by the clock that dates the record, whatever operating time says',
  async (sign) => {
    const operatingClock = new FakeClock(clock.nowMs() + sign * 86_400_000);
    const charges = new ChargeStore(db, testLog(db), clock, operatingClock);
    assertOk(charges.open(opening));
    assertOk(charges.finalise(chargeId, body));
    assertOk(charges.markSubmitting(chargeId));
    await clock.advance(1_000);
    assertOk(charges.recoverSubmitting());
    expect(charges.sentBefore(assertOk(charges.get(chargeId)))).toEqual({ agoMs: 1_000, withPeople: null });
  },
);

describe('the database itself holds the rules', () => {
  beforeEach(() => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
  });

  test.each([
    ['a charge is deleted', 'DELETE FROM charge', /never deleted/],
    ['a charge is replaced', 'REPLACE INTO charge SELECT * FROM charge', /never deleted|UNIQUE/],
    ['a body is changed', `UPDATE charge SET body_json = '{}'`, /never changes/],
    ['a total is changed', 'UPDATE charge SET total_minor = 1', /never changes/],
    ['a member is changed', `UPDATE charge SET member_id = 'x'`, /never changes/],
    ['more is billed than confirmed', 'UPDATE charge SET billed_minor = 1251', /CHECK/],
    ['an unknown state', `UPDATE charge SET state = 'lost'`, /CHECK/],
    ['an event is changed', `UPDATE charge_event SET type = 'void'`, /append-only/],
    ['an event is deleted', 'DELETE FROM charge_event', /append-only/],
    ['an event is replaced', 'REPLACE INTO charge_event SELECT * FROM charge_event', /append-only|no gaps/],
    ['a text instead of money', `UPDATE charge SET billed_minor = 'much'`, /TEXT value|cannot store/],
  ])('not allowed: %s', (_, text, message) => {
    expect(() => sql(text)).toThrow(message);
    expect(auditOf(db)).toMatchObject({ kinds: [], lastSeq: 3, chargeCount: 1 });
  });

  test('a bill that was lowered does not rise again, and paid stays paid', () => {
    sql('UPDATE charge SET billed_minor = 1000');
    expect(() => sql('UPDATE charge SET billed_minor = 1001')).toThrow(/never rises/);
    sql(`UPDATE charge SET state = 'paid'`);
    expect(() => sql(`UPDATE charge SET state = 'queued'`)).toThrow(/final/);
  });
});

describe('tampering is found', () => {
  const tail = `DELETE FROM charge_event WHERE seq > 3; DELETE FROM charge WHERE state = 'open'`;
  const harm: [string, ChainFindingKind, () => void][] = [
    [
      'the data of an event',
      'event_changed',
      () => sql(`UPDATE charge_event SET data_json = '{"a":1}' WHERE seq = 2`),
    ],
    [
      'the time of an event',
      'event_changed',
      () => sql('UPDATE charge_event SET at_ms = at_ms + 1 WHERE seq = 1'),
    ],
    ['not even JSON', 'event_changed', () => sql(`UPDATE charge_event SET data_json = '{' WHERE seq = 3`)],
    ['an event in the middle is gone', 'event_missing', () => sql('DELETE FROM charge_event WHERE seq = 2')],
    ['the last event is gone', 'end_missing', () => sql('DELETE FROM charge_event WHERE seq = 3')],
    [
      'the state without an event',
      'charge_differs',
      () => sql(`UPDATE charge SET state = 'paid', billed_minor = 0`),
    ],
    [
      'the last charge is gone, with all its events',
      'end_missing',
      () => {
        openAnother(2);
        for (const text of tail.split('; ')) sql(text);
      },
    ],
    [
      'it is gone, and the next one was written over it',
      'end_missing',
      () => {
        openAnother(2);
        for (const text of tail.split('; ')) sql(text);
        openAnother(3);
      },
    ],
    [
      'the body, its hash and its sum',
      'body_changed',
      () => {
        const { body_json: json } = rows('SELECT body_json FROM charge')[0]!;
        const dearer = canonicalJson({ ...(JSON.parse(String(json)) as object), memberId: 'M9999' });
        sql(
          `UPDATE charge SET body_json = '${dearer}', body_sha256 = '${sha256Hex(dearer)}', member_id = 'M9999'`,
        );
      },
    ],
    [
      'another member, before there is a body',
      'body_changed',
      () => {
        openAnother(2);
        sql(`UPDATE charge SET member_id = 'M9999' WHERE state = 'open'`);
      },
    ],
    [
      'a charge whose events are still there',
      'charge_missing',
      () => {
        openAnother(2);
        withoutForeignKeys(`DELETE FROM charge WHERE state = 'open'`);
      },
    ],
    ['the whole chain computed anew, as anybody can', 'not_sealed', () => recompute(false)],
    [
      'computed anew without any seal, as if it were from before there were seals',
      'end_missing',
      () => recompute(true),
    ],
    [
      'two events changed places',
      'event_changed',
      () => {
        sql('UPDATE charge_event SET seq = 99 WHERE seq = 2');
        sql('UPDATE charge_event SET seq = 2 WHERE seq = 3');
        sql('UPDATE charge_event SET seq = 3 WHERE seq = 99');
      },
    ],
  ];
  test.each(harm)('%s: %s', (_, kind, doIt) => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    expect(auditOf(db).kinds).toEqual([]);
    // Somebody with the database's key, and without our triggers.
    for (const { name } of rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")) {
      sql(`DROP TRIGGER ${String(name)}`);
    }
    doIt();
    expect(auditOf(db).kinds[0]).toBe(kind);
  });

  test('an event that cannot be read: the history says so, the audit finds it, and the store goes on', () => {
    assertOk(store.open(opening));
    openAnother(2);
    for (const { name } of rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
      sql(`DROP TRIGGER ${String(name)}`);
    for (const damage of ["type = 'of_tomorrow'", "data_json = '{'", 'data_json = 5']) {
      sql(`UPDATE charge_event SET ${damage} WHERE seq = 1`);
      expect(store.history(chargeId)).toMatchObject({ ok: false, error: { code: 'storage.corrupt' } });
      expect(auditOf(db).kinds).toContain('charge_differs');
    }
    assertOk(store.finalise(chargeId, body));
    expect(assertOk(store.nextDue(clock.nowMs(), 0))?.chargeId).toBe(chargeId);
  });

  test('a body that is not the one that was hashed is never sent', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    sql('DROP TRIGGER charge_body_once');
    sql('UPDATE charge SET body_json = ?', JSON.stringify({ ...body, totalMinor: 1 }));
    expect(assertOk(store.nextDue(clock.nowMs(), 0))).toBeNull();
    expect(assertOk(store.nextDueMs())).toBeNull();
    expect(store.get(chargeId)).toMatchObject({ ok: false, error: { code: 'storage.corrupt' } });
  });
});

describe('what is due', () => {
  test('first what failed least, then by time; questions after deliveries; nothing before its time', () => {
    const ids = [1, 2, 3, 4].map((number) => {
      const one = sale(number, 100, clock.nowMs());
      assertOk(store.open({ ...one.body, memberDisplay: 'x' }));
      assertOk(store.finalise(one.chargeId, one.body));
      return one.chargeId;
    });
    const [a, b, c, d] = ids as [typeof chargeId, typeof chargeId, typeof chargeId, typeof chargeId];
    const nowMs = clock.nowMs();
    assertOk(store.markSubmitting(a));
    assertOk(store.recordOutcome(a, { type: 'defer', reason: 'network.unreachable' }, nowMs - 50));
    assertOk(store.markSubmitting(b));
    assertOk(
      store.recordOutcome(
        b,
        { type: 'reply', state: 'accepted', totalMinor: minor(100), reason: null },
        nowMs,
      ),
    );
    assertOk(store.markSubmitting(c));
    assertOk(store.recordOutcome(c, { type: 'doubt', reason: 'network.timeout' }, nowMs + 1000));
    /** All that are due, one after another; each is asked about far later. */
    const due = (atMs: number, linkBackMs = 0): string[] => {
      const found: string[] = [];
      db.transaction(() => {
        for (;;) {
          const next = assertOk(store.nextDue(atMs, linkBackMs));
          if (next === null) return fail('test.over', 'undone');
          found.push(next.chargeId);
          db.prepare('UPDATE charge SET quarantined_ms = 1 WHERE charge_id = ?').run(next.chargeId);
        }
      });
      return found;
    };
    expect(due(nowMs)).toEqual([d, a, b]);
    expect(due(nowMs + 1000)).toEqual([d, a, c, b]);
    expect(assertOk(store.nextDueMs())).toBe(nowMs - 50);
    // The network was back after the doubt arose; before it, that says nothing.
    expect(due(nowMs, nowMs)).toEqual([d, a, c, b]);
    expect(due(nowMs, nowMs - 1)).toEqual([d, a, b]);
    expect(assertOk(store.recoverSubmitting())).toBe(0);
  });

  const heldBody: ChargeBody = { ...body, heldLines: [{ ...body.lines[0]!, sku: 'milk' }] };
  const resolved = (atMs: number, totalMinor: number): DeliveryEvent => ({
    type: 'resolved',
    how: 'of_tomorrow',
    by: 'support',
    atMs,
    state: 'accepted',
    totalMinor: minor(totalMinor),
    reason: null,
    namedMinor: minor(2500),
  });
  const waiting = { type: 'reply', state: 'needs_attention', totalMinor: minor(1250), reason: null } as const;

  test('what waits for a human: last, only when it may be asked about, and never when its end is reached', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, heldBody));
    assertOk(store.markSubmitting(chargeId));
    const nowMs = clock.nowMs();
    assertOk(store.recordOutcome(chargeId, waiting, nowMs + 5));
    expect(assertOk(store.nextDue(nowMs + 5, nowMs))).toBeNull();
    expect(assertOk(store.nextDue(nowMs + 4, nowMs, true))).toBeNull();
    expect(assertOk(store.nextDue(nowMs + 5, nowMs, true))?.chargeId).toBe(chargeId);
    expect(assertOk(store.nextDueMs())).toBe(nowMs + 5);
    expect(assertOk(store.nextDueMs(nowMs + 9))).toBe(nowMs + 9);
    // The wall clock has jumped back.
    expect(assertOk(store.nextDue(nowMs - 30 * 24 * 3_600_000, 0, true))?.chargeId).toBe(chargeId);
    const another = sale(2, 100, nowMs);
    assertOk(store.open({ ...another.body, memberDisplay: 'x' }));
    assertOk(store.finalise(another.chargeId, another.body));
    expect(assertOk(store.nextDue(nowMs + 5, nowMs, true))?.chargeId).toBe(another.chargeId);
    assertOk(store.markSubmitting(another.chargeId));
    assertOk(store.recordOutcome(chargeId, waiting, null));
    expect(assertOk(store.nextDue(nowMs + 1e12, nowMs, true))).toBeNull();
    expect(assertOk(store.nextDueMs())).toBeNull();
  });

  test('a decision is sealed into the record, once; it may release what was held, and never rises by itself', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, heldBody));
    assertOk(store.markSubmitting(chargeId));
    assertOk(store.recordOutcome(chargeId, waiting, 0));
    assertOk(store.recordOutcome(chargeId, resolved(7, 2500), 0));
    expect(store.recordOutcome(chargeId, resolved(7, 2500), 0)).toMatchObject({
      error: { code: 'charge.illegal' },
    });
    expect(assertOk(store.get(chargeId))).toMatchObject({
      ...{ state: 'accepted', totalMinor: 1250, billedMinor: 2500 },
      resolution: { how: 'of_tomorrow', by: 'support', atMs: 7 },
    });
    expect(assertOk(store.unsettledSummary())).toMatchObject({
      count: 1,
      sumMinor: 2500,
      undeliveredCount: 0,
    });
    expect(assertOk(store.history(chargeId)).at(-1)?.event).toEqual(resolved(7, 2500));
    expect(() => sql('UPDATE charge SET resolved_minor = 2501')).toThrow(/never rises/);
    expect(() => sql('UPDATE charge SET resolved_ms = NULL')).toThrow(/never rises/);
    assertOk(store.recordOutcome(chargeId, { ...waiting, state: 'paid', totalMinor: minor(2400) }, null));
    expect(assertOk(store.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 2400 });
    expect(auditOf(db)).toMatchObject({ kinds: [], chargeCount: 1 });
    sql('DROP TRIGGER charge_resolved_stays');
    sql("UPDATE charge SET resolved_by = 'shopper'");
    expect(auditOf(db).kinds).toEqual(['charge_differs']);
  });

  test('under the same decision it may rise to what the screen named, in the record and in the file', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, heldBody));
    assertOk(store.markSubmitting(chargeId));
    assertOk(store.recordOutcome(chargeId, waiting, 0));
    assertOk(store.recordOutcome(chargeId, resolved(7, 1250), 0));
    const under = { ...waiting, state: 'paid', totalMinor: minor(2500), namedMinor: minor(2500) } as const;
    assertOk(store.recordOutcome(chargeId, under, null));
    expect(assertOk(store.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 2500 });
    expect(auditOf(db)).toMatchObject({ kinds: [], chargeCount: 1 });
  });

  test('a decision within the same ms as the one before is on record, an older one is not taken', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, heldBody));
    assertOk(store.markSubmitting(chargeId));
    assertOk(store.recordOutcome(chargeId, waiting, 0));
    assertOk(store.recordOutcome(chargeId, resolved(7, 1250), 0));
    const other = { ...resolved(7, 2500), how: 'another' } as DeliveryEvent;
    assertOk(store.recordOutcome(chargeId, other, 0));
    const taken = { billedMinor: 2500, resolution: { how: 'another', by: 'support', atMs: 7 } };
    expect(assertOk(store.get(chargeId))).toMatchObject(taken);
    expect(assertOk(store.history(chargeId)).at(-1)?.event).toEqual(other);
    expect(store.recordOutcome(chargeId, resolved(3, 1250), 0).ok).toBe(false);
    expect(assertOk(store.get(chargeId))).toMatchObject(taken);
    expect(auditOf(db)).toMatchObject({ kinds: [], chargeCount: 1 });
  });

  test('the same answer again is no new event; the count of questions grows', () => {
    assertOk(store.open(opening));
    assertOk(store.finalise(chargeId, body));
    assertOk(store.markSubmitting(chargeId));
    const accepted = { type: 'reply', state: 'accepted', totalMinor: minor(1250), reason: null } as const;
    for (let i = 0; i < 5; i++) assertOk(store.recordOutcome(chargeId, accepted, 0));
    expect(assertOk(store.get(chargeId)).attempts).toBe(4);
    expect(assertOk(store.history(chargeId))).toHaveLength(5);
  });
});
