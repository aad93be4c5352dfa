import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { tryCanonicalJson } from '../../shared/util/canonical-json.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { pricesWithin } from '../fleet/catalog-prices.ts';
import { enrol } from '../fleet/enrolment.ts';
import { messagesOf } from '../members/messages.ts';
import { listNotices, tellMember } from '../members/notices.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { OwnTestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { earlyResolutionOf } from '../support/early-resolution.ts';
import { migrations } from './migrations.ts';
import {
  cabinet,
  charge,
  chargeLine,
  debitAttempt,
  earlyResolution,
  faceEnrolment,
  incident,
  member,
  memberMessage,
  providerOrder,
  visit,
} from './schema.ts';
import type { Db } from './storage.ts';
import { migrate } from './storage.ts';

const statementsOfVersion5 = readFileSync(new URL('./fixtures/schema-5.sql', import.meta.url), 'utf8')
  .split('\n\n')
  .slice(1);

const nowMs = new FakeClock().nowMs();
const allowed = (display: string, more: object = {}) =>
  JSON.stringify({
    decision: 'allowed',
    member: { memberId: 'M1001', display },
    visitMaxMinor: 20_000,
    phoneDigits: null,
    ...more,
  });

interface OldCharge {
  readonly body: ChargeBody;
  readonly state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
  readonly reason?: string;
  readonly retryCount?: number;
  readonly inDoubt?: boolean;
  readonly disputedMinor?: number;
  readonly askedMinor?: number;
  readonly paidMinor?: number;
  readonly nextAttemptAtMs?: number;
}

/** A database as the program before version 6 left it. */
class OldDatabase {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async make(): Promise<void> {
    await this.#db.execute(sql.raw('drop schema public cascade'));
    await this.#db.execute(sql.raw('create schema public'));
    for (const statement of statementsOfVersion5) await this.#db.execute(sql.raw(statement));
    await this.#db.execute(
      sql`insert into cabinet values ('CAB-1', 'x', false, null, null), ('CAB-2', 'x', false, null, null)`,
    );
    await this.#db.execute(sql`insert into member values
      ('M1001', '王*', 'active', 0, ''), ('M1002', '138****0217', 'active', 0, ''),
      ('M9', '+44****1', 'active', 5, '')`);
  }

  async use(
    nonce: string,
    visitId: string,
    isAllowed: boolean,
    reply: string,
    memberId = 'M1001',
  ): Promise<void> {
    await this.#db.execute(
      sql`insert into member_code_use (nonce, member_id, cabinet_id, visit_id, allowed, reply, at_ms)
        values (${nonce}, ${memberId}, 'CAB-1', ${visitId}, ${isAllowed}, ${reply}, ${nowMs})`,
    );
  }

  async charge(old: OldCharge): Promise<void> {
    const { body, state } = old;
    const text = tryCanonicalJson(JSON.parse(JSON.stringify(body)), 16);
    if (!text.ok) throw new Error(text.error.message);
    const hash = createHash('sha256').update(text.value).digest('hex');
    await this.#db.execute(
      sql`insert into charge (charge_id, cabinet_id, visit_id, member_id, currency, total_minor, state, reason, review,
          body, body_hash, received_count, first_at_ms, paid_at_ms, next_attempt_at_ms, in_doubt, retry_count,
          disputed_minor, asked_minor, paid_minor)
        values (${body.chargeId}, ${body.cabinetId}, ${body.visitId}, ${body.memberId}, 'CNY', ${body.totalMinor},
          ${state}, ${old.reason ?? null}, false, ${text.value}, ${hash}, 1, ${nowMs},
          ${state === 'paid' ? nowMs : null}, ${old.nextAttemptAtMs ?? null}, ${old.inDoubt ?? false},
          ${old.retryCount ?? 0}, ${old.disputedMinor ?? 0}, ${old.askedMinor ?? null}, ${old.paidMinor ?? null})`,
    );
  }
}

describe.each(storagesUnderTest())('a database of version 5 on $name', ({ openOwn }) => {
  let store: OwnTestStorage;
  let db: Db;
  let old: OldDatabase;
  beforeAll(async () => {
    store = await openOwn();
    db = store.storage.db;
  }, openTimeoutMs);
  afterAll(() => store.close());
  beforeEach(async () => {
    old = new OldDatabase(db);
    await old.make();
  });
  const migrateNow = async () =>
    expect(await migrate(db, migrations)).toEqual({ ok: true, value: undefined });

  it('has its visits as visits, with purpose and entry method', async () => {
    await old.use('codeNonce001', 'V-CODE', true, allowed('王*'));
    await old.use('face:CAB-1:V-FACE', 'V-FACE', true, allowed('王*'));
    await old.use('codeNonce002', 'V-DATA', false, allowed('王*', { phoneDigits: '0217' }));
    await old.use('codeNonce003', 'V-NO', false, '{"decision":"refused","reason":"account.suspended"}');
    await migrateNow();
    const rows = await db.select().from(visit).orderBy(asc(visit.visitId));
    expect(
      rows.map((row) => [row.visitId, row.purpose, row.entryMethod, row.codeNonce, row.allowed]),
    ).toEqual([
      ['V-CODE', 'visit', 'code', 'codeNonce001', true],
      ['V-DATA', 'account', 'code', 'codeNonce002', true],
      ['V-FACE', 'visit', 'face', null, true],
      ['V-NO', 'visit', 'code', 'codeNonce003', false],
    ]);
    expect(rows[2]?.reply).toBe(allowed('王*'));
  });

  it('has its open tokens of enrolment for one more day', async () => {
    const { cabinetId, publicKey } = makeCabinet('CAB-3');
    const token = 'a token from before';
    const hash = createHash('sha256').update(token).digest('hex');
    await db.execute(sql`insert into cabinet values (${cabinetId}, ${hash}, true, null, null)`);
    await migrateNow();
    const left = sql`${cabinet.tokenEndsAtMs} - (extract(epoch from now()) * 1000)::bigint`.mapWith(Number);
    const [row] = await db.select({ left }).from(cabinet).where(eq(cabinet.cabinetId, cabinetId));
    const leftMs = row?.left ?? 0;
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(24 * 3_600_000);
    const clock = new FakeClock(Date.now());
    expect(await enrol(db, clock, { cabinetId, publicKey, token })).toMatchObject({ ok: true });
  });

  it('has the faces that came in lately, by the cabinets’ word alone and for a while', async () => {
    await migrate(db, migrations.slice(0, 11));
    const nowMs = Date.now();
    const dayMs = 86_400_000;
    const come = (id: string, memberId: string, how: 'face' | 'code', daysAgo: number, isAllowed = true) =>
      db.execute(
        sql`insert into visit
          (cabinet_id, visit_id, member_id, purpose, entry_method, code_nonce, allowed, reply, at_ms)
          values ('CAB-1', ${id}, ${memberId}, ${how === 'code' ? 'account' : 'visit'}, ${how},
            ${how === 'code' ? id : null}, ${isAllowed}, '{}', ${nowMs - daysAgo * dayMs})`,
      );
    await come('V1', 'M1001', 'face', 50);
    await come('V2', 'M1001', 'face', 2);
    await come('V3', 'M1002', 'face', 100);
    await come('V4', 'M9', 'code', 1);
    await come('V5', 'M1002', 'face', 1, false);
    await migrateNow();
    const rows = await db.select().from(faceEnrolment);
    expect(rows).toMatchObject([
      { cabinetId: 'CAB-1', memberId: 'M1001', standing: 'claimed', withdrawnAtMs: null },
    ]);
    expect(rows[0]?.enrolledAtMs).toBe(nowMs - 50 * dayMs);
    const leftDays = ((rows[0]?.endsAtMs ?? 0) - nowMs) / dayMs;
    expect(leftDays).toBeGreaterThan(29);
    expect(leftDays).toBeLessThan(31);
  });

  it('has how a face stood beside the visit that it was let in to', async () => {
    await migrate(
      db,
      migrations.filter(({ version }) => version < 29),
    );
    await db.execute(
      sql`insert into face_enrolment (cabinet_id, enrolment_id, member_id, standing, code_nonce, enrolled_at_ms,
            ends_at_ms, withdrawn_at_ms)
          values ('CAB-1', 'E1', 'M1001', 'verified', 'n1', 100, null, 300),
                 ('CAB-1', 'E2', 'M1001', 'verified', 'n2', 300, null, null),
                 ('CAB-1', 'E3', 'M1002', 'claimed', null, 100, 200, null)`,
    );
    const come = (id: string, memberId: string, atMs: number, enrolmentId: string | null, how = 'face') =>
      db.execute(
        sql`insert into visit (cabinet_id, visit_id, member_id, purpose, entry_method, code_nonce, enrolment_id,
              allowed, reply, at_ms)
            values ('CAB-1', ${id}, ${memberId}, 'visit', ${how}, ${how === 'code' ? id : null}, ${enrolmentId},
              true, '{}', ${atMs})`,
      );
    await come('V1', 'M1001', 200, 'E1');
    await come('V2', 'M1001', 300, 'E1');
    await come('V3', 'M1001', 200, 'E2');
    await come('V4', 'M1001', 400, null);
    await come('V5', 'M1002', 150, null);
    await come('V6', 'M1002', 200, null);
    await come('V7', 'M1001', 200, null, 'code');
    await migrateNow();
    const rows = await db
      .select({ visitId: visit.visitId, standing: visit.faceStanding })
      .from(visit)
      .where(inArray(visit.visitId, ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7']))
      .orderBy(asc(visit.visitId));
    expect(rows.map(({ standing }) => standing)).toEqual([
      ...['verified', null, null, 'verified', 'claimed', null, null],
    ]);
  });

  it('has the digits of a phone beside the name that is shown', async () => {
    await migrateNow();
    const rows = await db
      .select({ memberId: member.memberId, digits: member.phoneLastDigits, provider: member.provider })
      .from(member)
      .orderBy(asc(member.memberId));
    expect(rows).toEqual([
      { memberId: 'M1001', digits: null, provider: 'fake' },
      { memberId: 'M1002', digits: '0217', provider: 'fake' },
      { memberId: 'M9', digits: null, provider: 'fake' },
    ]);
  });

  it('has the calls to the provider as attempts, and its incidents open', async () => {
    const body = chargeBody({ ...ids(), memberId: 'M1001' });
    await old.charge({ body, state: 'paid', paidMinor: 1300 });
    await db.execute(sql`insert into provider_attempt (charge_id, kind, started_at_ms, ended_at_ms, outcome) values
      (${body.chargeId}, 'charge', 1, 2, 'unknown'), (${body.chargeId}, 'query', 3, null, null)`);
    await db.execute(sql`insert into incident (at_ms, kind, cabinet_id, charge_id, detail)
      values (1, 'refund_due', 'CAB-1', ${body.chargeId}, 'pay back 700: paid 1300, due 600; pay back 50: x'),
        (1, 'underpaid', 'CAB-1', ${body.chargeId}, 'x')`);
    await migrateNow();
    const { chargeId } = body;
    const attempt = { chargeId, provider: 'fake', orderId: chargeId };
    expect(await db.select().from(debitAttempt).orderBy(asc(debitAttempt.id))).toMatchObject([
      { ...attempt, call: 'debit', state: 'unknown', endedAtMs: 2 },
      { ...attempt, call: 'query', state: 'unanswered', endedAtMs: null },
    ]);
    expect(await db.select().from(incident).orderBy(asc(incident.id))).toMatchObject([
      { kind: 'refund_due', amountMinor: 750, actor: null, resolvedAtMs: null },
      { kind: 'underpaid', amountMinor: null },
    ]);
  });

  it.each([
    ['dear held lines', { heldLines: Array.from({ length: 22 }, (_, i) => line(`H${i}`, 100_000_000, 1)) }],
    [
      'half a pair in a name',
      { heldLines: [{ ...line('H1', 100, 1), name: { zh: '水\ud83d', en: 'a\ud83d' } }] },
    ],
    ['half a pair where nobody looks', { later: 'x\udc00\u0000\\u0000\\\\ud83d\udc00' }],
  ])('is not held up by one charge: %s', async (_, more) => {
    const ids = { chargeId: newChargeId(1), visitId: newVisitId(1), cabinetId: 'CAB-1', memberId: 'M1001' };
    await old.charge({
      body: { ...chargeBody(ids), ...more },
      state: 'needs_attention',
      reason: 'system.rejected',
    });
    await migrateNow();
  });

  it('widens the sum of held lines that version 6 had made an integer at first', async () => {
    expect(await migrate(db, migrations.slice(0, 6))).toMatchObject({ ok: true });
    await db.execute(sql.raw('alter table charge alter column held_minor type integer'));
    await migrateNow();
    const found = await db.execute(
      sql`select data_type from information_schema.columns
        where table_name = 'charge' and column_name = 'held_minor' and table_schema = 'public'`,
    );
    expect(found).toMatchObject({ rows: [{ data_type: 'bigint' }] });
  });

  it.each([20, 21])('has early decisions that name no cabinet (version %i) as nobody’s', async (version) => {
    const until = migrations.filter((migration) => migration.version <= version);
    expect(await migrate(db, until)).toMatchObject({ ok: true });
    const chargeId = newChargeId(nowMs);
    const more = version === 20 ? sql`` : sql`, '', 7`;
    await db.execute(
      sql`insert into early_resolution values (${chargeId}, 'anna', 'settled', 900, ${nowMs}${more})`,
    );
    await migrateNow();
    expect(await earlyResolutionOf(db, { chargeId, cabinetId: 'CAB-1' })).toBe('elsewhere');
    expect(await db.select().from(earlyResolution)).toEqual([
      {
        ...{ id: 1, chargeId, cabinetId: '', actor: 'anna', decision: 'settled', amountMinor: 900 },
        ...{ reason: null, atMs: nowMs },
      },
    ]);
    await expect(db.execute(sql`update early_resolution set amount_minor = 0`)).rejects.toThrow();
  });

  it('counts of its held charges those that a known visit is behind', async () => {
    const [inVisit, unknown, tried, lost] = [ids(), ids(), ids(), ids()];
    const second = { ...inVisit, chargeId: newChargeId(nowMs + 1) };
    const elsewhere = { ...inVisit, ...{ chargeId: newChargeId(nowMs + 2), cabinetId: 'CAB-2' } };
    await old.use('codeNonce001', inVisit.visitId, true, allowed('王*'));
    const hold = (made: ReturnType<typeof ids>, reason: string) =>
      old.charge({ body: chargeBody({ ...made, memberId: 'M1001' }), state: 'needs_attention', reason });
    for (const made of [inVisit, unknown, tried, elsewhere]) await hold(made, 'system.rejected');
    await hold(second, 'system.conflict');
    await hold(lost, 'recognition.reader_lost');
    await db.execute(sql`insert into provider_attempt (charge_id, kind, started_at_ms, outcome)
      values (${tried.chargeId}, 'charge', 1, 'rejected')`);
    await migrateNow();
    const rows = await db.select().from(charge).where(eq(charge.visitKnown, true));
    const known = rows.map(({ chargeId }) => chargeId).sort();
    expect(known).toEqual([inVisit, tried, lost].map(({ chargeId }) => chargeId).sort());
  });

  it('goes on with its charges where it was', async () => {
    const machine = makeCabinet('CAB-1');
    await db.execute(sql`update cabinet set public_key = ${machine.publicKey} where cabinet_id = 'CAB-1'`);
    const account = newVisitId(nowMs);
    await old.use('codeNonce002', account, false, allowed('王*'));
    const bought = ids();
    await old.use('codeNonce001', bought.visitId, true, allowed('王*'));
    const awkward = { ...line('A1', 350, 2), name: { zh: '水\u0000"\\u0000\\', en: "w'ater" } };
    const paid = chargeBody({ ...bought, memberId: 'M1001' }, { lines: [awkward, line('B2', 600, 1)] });
    const collecting = chargeBody({ ...ids(), memberId: 'M1001' });
    const inDoubt = chargeBody({ ...ids(), memberId: 'M1001' });
    const held = chargeBody(
      { ...ids(), memberId: 'M1001' },
      { lines: [], heldLines: [line('C3', 100, 2), line('A1', 350, 1)], review: ['recognition.reader_lost'] },
    );
    await old.charge({ body: paid, state: 'paid', paidMinor: 1300, disputedMinor: 700 });
    await old.charge({
      body: collecting,
      state: 'collecting',
      reason: 'account.declined',
      retryCount: 3,
      askedMinor: 1300,
      nextAttemptAtMs: nowMs + 60_000,
    });
    await old.charge({
      body: inDoubt,
      state: 'accepted',
      inDoubt: true,
      askedMinor: 1300,
      retryCount: 9,
      nextAttemptAtMs: nowMs + 1_000,
    });
    await old.charge({ body: held, state: 'needs_attention', reason: 'recognition.reader_lost' });
    const disputeId = makeDisputeId(nowMs, new Uint8Array(idRandomByteCount));
    await db.execute(
      sql`insert into dispute values (${disputeId}, ${paid.chargeId}, 'CAB-1',
        ${`{"atMs":1,"disputeId":"${disputeId}","skus":["A1","A1"]}`}, 'h', 1, 1)`,
    );
    await db.execute(sql`insert into fake_order values (${inDoubt.chargeId}, 'M1001', 1300, 'CNY', 1, 1)`);
    await db.execute(
      sql`insert into charge_event (charge_id, at_ms, kind, detail)
        values (${paid.chargeId}, 1, 'debit_claimed', 'debit')`,
    );
    await db.execute(
      sql`insert into charge_event (charge_id, at_ms, kind, detail) values
        (${held.chargeId}, 5, 'resolved', '{"by":"\\"decision\\":\\"waive\\"","decision":"debit","amountMinor":1}'),
        (${paid.chargeId}, 6, 'resolved', '{"by":"anna","decision":"debit","amountMinor":1}'),
        (${paid.chargeId}, 7, 'resolved', '{"by":"anna","decision":"waive","amountMinor":0}')`,
    );
    await migrateNow();

    const harness = await OperatorHarness.make(db, {}, machine);
    // What people decided before there was a word for it; told also while it waits again.
    const decided = { resolvedHow: 'debited', resolvedBy: 'support', resolvedAtMs: 5 };
    expect(await harness.chargeRow(held.chargeId)).toMatchObject(decided);
    expect((await harness.send('GET', `/v1/charges/${held.chargeId}`)).body).toMatchObject({
      state: 'needs_attention',
      resolved: { how: 'debited', by: 'support', atMs: 5 },
    });
    expect((await harness.send('GET', `/v1/charges/${paid.chargeId}`)).body).toMatchObject({
      resolved: { how: 'written_off', by: 'support', atMs: 7 },
    });
    expect(await harness.chargeRow(collecting.chargeId)).toMatchObject({ resolvedHow: null });
    expect(await harness.chargeRow(collecting.chargeId)).toMatchObject({
      declineCount: 4,
      unreachableCount: 0,
    });
    // What is in doubt settles from the migration on.
    const doubtful = await harness.chargeRow(inDoubt.chargeId);
    expect(doubtful).toMatchObject({ declineCount: 0, unreachableCount: 9 });
    expect(doubtful.askedAtMs).toBeGreaterThan(0);
    // What was reported and nobody has decided about yet, …
    expect(await harness.chargeRow(paid.chargeId)).toMatchObject({ contestedMinor: 700 });
    // A refund that was told before is not told again.
    expect(await harness.chargeRow(paid.chargeId)).toMatchObject({ refundDueMinor: 700, paidMinor: 1300 });
    const stored = await db.select().from(chargeLine).where(eq(chargeLine.chargeId, held.chargeId));
    expect(stored.map((row) => [row.held, row.position, row.sku, row.amountMinor])).toEqual([
      [true, 0, 'C3', 200],
      [true, 1, 'A1', 350],
    ]);
    // The same body again is the same charge, and the page of purchases tells what it told before.
    expect(await harness.send('PUT', `/v1/charges/${paid.chargeId}`, paid)).toMatchObject({
      status: 200,
      body: { state: 'paid', totalMinor: 1300 },
    });
    const listed = await harness.send('POST', '/v1/purchases', { visitId: account });
    expect(listed.status).toBe(200);
    const { purchases } = purchasesReplySchema.parse(listed.body);
    const shown = purchases.find(({ chargeId }) => chargeId === paid.chargeId);
    expect(shown).toMatchObject({
      lines: paid.lines,
      heldLines: [],
      atMs: paid.closedAtMs,
      totalMinor: 1300,
      disputed: ['A1'],
    });
    await harness.untilState(inDoubt.chargeId, 'paid', 60_000);
    await harness.untilState(collecting.chargeId, 'paid', 120_000, 1_000);
    expect(await harness.debitCount(inDoubt.chargeId)).toBe(1);
    expect(await harness.debitCount(collecting.chargeId)).toBe(1);
    await harness.close();
  });

  it('tells what staff has left as paid, but for a refund, as refunded', async () => {
    await migrate(db, migrations.slice(0, 23));
    const charge = async (refundMinor: number, contestedMinor = 0) => {
      const body = chargeBody({ ...ids(), memberId: 'M1001' });
      await db.execute(
        sql`insert into charge (charge_id, cabinet_id, visit_id, member_id, currency, total_minor, state, review,
            body, body_hash, received_count, first_at_ms, paid_at_ms, in_doubt, decline_count, unreachable_count,
            lease_count, refund_due_minor, disputed_minor, contested_minor, paid_minor, held_minor,
            confirmed_by_shopper, review_reasons, opened_at_ms, closed_at_ms, resolved_how, resolved_by, resolved_at_ms)
          values (${body.chargeId}, 'CAB-1', ${body.visitId}, 'M1001', 'CNY', 1300, 'paid', false, '', '', 1,
            ${nowMs}, ${nowMs}, false, 0, 0, 1, ${refundMinor}, ${refundMinor}, ${contestedMinor}, 1300, 0, true,
            '[]', ${nowMs}, ${nowMs}, 'written_off', 'support', 7)`,
      );
      return body.chargeId;
    };
    const ofAll = await charge(1300);
    const ofPart = await charge(700);
    const ofNothing = await charge(0);
    const undecided = await charge(700, 700);
    await migrateNow();
    const harness = await OperatorHarness.make(db);
    const howOf = async (chargeId: string) => (await harness.chargeRow(chargeId)).resolvedHow;
    expect(await howOf(ofAll)).toBe('refunded');
    expect(await howOf(ofPart)).toBe('refunded_in_part');
    expect(await howOf(ofNothing)).toBe('written_off');
    expect(await howOf(undecided)).toBe('written_off');
    await harness.close();
  });

  it('knows whom the operator has let in lately, and by more than a cabinet’s word', async () => {
    await migrate(
      db,
      migrations.filter(({ version }) => version < 30),
    );
    const codeOf = { code: `'code', 'nonce', null`, claimed: `'face', null, 'claimed'` };
    const rows: readonly [string, number, keyof typeof codeOf, string, boolean][] = [
      ['M1001', 5, 'code', 'visit', true],
      ['M1001', 9, 'claimed', 'visit', true],
      ['M1002', 5, 'code', 'account', true],
      ['M9', 5, 'code', 'visit', false],
    ];
    for (const [memberId, atMs, how, purpose, isAllowed] of rows)
      await db.execute(
        `insert into visit (cabinet_id, visit_id, member_id, purpose, entry_method, code_nonce, face_standing, allowed,
           reply, at_ms) values ('CAB-1', 'V${atMs}', '${memberId}', '${purpose}',
           ${codeOf[how].replace('nonce', `${memberId}-${atMs}`)}, ${isAllowed}, '{}', ${atMs})`,
      );
    await migrateNow();
    const isVerified = isNotNull(member.verifiedAtMs);
    expect(await db.select().from(member).where(isVerified)).toMatchObject([
      { memberId: 'M1001', verifiedAtMs: 5 },
    ]);
  });

  it('knows Alipay’s and Stripe’s number of an order from before', async () => {
    await migrate(
      db,
      migrations.filter(({ version }) => version < 43),
    );
    const rows = [
      ['A', 'alipay', `'{"creditOrderNo":"ZMCB1"}'`],
      ['B', 'alipay', 'null'],
      ['C', 'stripe', `'{"creditOrderNo":"no","intent":null}'`],
      ['D', 'stripe', `'{"intent":{"id":"pi_1"}}'`],
    ];
    for (const [orderId, provider, known] of rows)
      await db.execute(`insert into provider_order (order_id, provider, known, began_at_ms, changed_at_ms)
        values ('${orderId}', '${provider}', ${known}, 1, 1)`);
    await migrateNow();
    const numbers = await db.select().from(providerOrder).orderBy(asc(providerOrder.orderId));
    expect(numbers.map(({ theirNumber }) => theirNumber)).toEqual(['ZMCB1', null, null, 'pi_1']);
  });

  it('has what was written to members, also of no visit', async () => {
    await migrate(
      db,
      migrations.filter(({ version }) => version < 78),
    );
    await db.execute(sql`insert into member_message (member_id, template, body, actor, made_at_ms, ends_at_ms)
      values ('M1001', 'free', 'from before', 'anna', ${nowMs}, ${nowMs + 1_000})`);
    await migrateNow();
    const clock = new FakeClock();
    expect(await messagesOf({ db, clock }, 'M1001')).toMatchObject([{ text: 'from before', chargeId: null }]);
    // A visit is named by its cabinet and its number, never by one of them.
    await expect(db.update(memberMessage).set({ visitId: 'V-1' })).rejects.toThrow();
    await db.update(memberMessage).set({ visitId: 'V-1', cabinetId: 'CAB-1' });
  });

  it('has its charges in the console, and people who decide about them', async () => {
    await migrate(
      db,
      migrations.filter(({ version }) => version < 51),
    );
    const held = chargeBody(
      { ...ids(), memberId: 'M1001' },
      { lines: [], heldLines: [line('C3', 200, 1)], review: ['recognition.reader_lost'] },
    );
    const paid = chargeBody({ ...ids(), memberId: 'M1002' });
    for (const { chargeId, visitId, memberId, totalMinor, ...body } of [held, paid]) {
      const isHeld = chargeId === held.chargeId;
      await db.execute(
        sql`insert into charge (charge_id, cabinet_id, visit_id, member_id, visit_known, currency, total_minor, state,
            reason, review, body, body_hash, received_count, first_at_ms, paid_at_ms, in_doubt, decline_count,
            unreachable_count, lease_count, refund_due_minor, contested_minor, paid_minor, held_minor,
            confirmed_by_shopper, review_reasons, opened_at_ms, closed_at_ms)
          values (${chargeId}, 'CAB-1', ${visitId}, ${memberId}, true, 'CNY', ${totalMinor},
            ${isHeld ? 'needs_attention' : 'paid'}, ${isHeld ? 'recognition.reader_lost' : null}, ${isHeld}, '{}', 'h',
            1, ${nowMs}, ${isHeld ? null : nowMs}, false, 0, 0, 1, 0, 0, ${isHeld ? null : totalMinor},
            ${isHeld ? 200 : 0}, true, '[]', ${nowMs}, ${nowMs})`,
      );
      for (const [position, one] of [...body.lines, ...body.heldLines].entries())
        await db.execute(
          sql`insert into charge_line (charge_id, held, position, sku, name, unit_price_minor, count, amount_minor)
            values (${chargeId}, ${isHeld}, ${position}, ${one.sku}, ${JSON.stringify(one.name)}, ${one.unitPriceMinor},
              ${one.count}, ${one.amountMinor})`,
        );
    }
    await db.execute(
      sql`insert into incident (at_ms, kind, cabinet_id, charge_id, detail)
        values (${nowMs}, 'charge_conflict', 'CAB-1', ${paid.chargeId}, 'from before')`,
    );
    await db.execute(
      sql`insert into catalog_price (sku, currency, unit_price_minor, until_ms)
        values ('A1', 'CNY', 350, null), ('A1', 'CNY', 300, ${nowMs})`,
    );
    await db.execute(
      sql`insert into member_notice (member_id, kind, ref, cabinet_id, at_ms)
        values ('M1001', 'face_enrolled', 'F1', 'CAB-1', ${nowMs})`,
    );
    await migrateNow();
    const harness = await OperatorHarness.make(db);
    const people = new ConsolePeople(harness);
    const { browser } = await people.first();
    const queue = await browser.call('queue', undefined);
    assert(queue.ok, 'the queue is told');
    expect(queue.value.items.map(({ kind, chargeId }) => [kind, chargeId])).toEqual([
      ['held_lines', held.chargeId],
      ['incident', paid.chargeId],
    ]);
    const found = await browser.call('search', undefined, { goods: 'C3' });
    expect(found).toMatchObject({ value: { items: [{ chargeId: held.chargeId, heldMinor: 200 }] } });
    expect(await browser.call('story', undefined, { chargeId: paid.chargeId })).toMatchObject({
      value: { charge: { totalMinor: 1300 } },
    });
    const act = {
      ...({ kind: 'decide_charge', decision: 'settled', amountMinor: 200 } as const),
      chargeId: held.chargeId,
    };
    const shown = await browser.call('previewAct', { act, reason: 'paid at the till' });
    assert(shown.ok, 'it is shown');
    const { version } = shown.value;
    expect(await browser.call('act', { act, reason: 'paid at the till', version })).toMatchObject({
      value: { outcome: 'done' },
    });
    expect(await harness.chargeRow(held.chargeId)).toMatchObject({ state: 'paid', paidMinor: 200 });
    expect(await browser.call('proposals', undefined)).toEqual({ ok: true, value: [] });
    // A price of which nobody knows since when it is served counts for every moment before its end.
    for (const [atMs, priceMinor] of [
      [nowMs - 1, 300],
      [nowMs, 350],
    ] as const)
      expect((await pricesWithin(db, 'CNY', { fromMs: atMs, toMs: atMs }, ['A1'])).get('A1')).toBe(
        priceMinor,
      );
    const { clock } = harness;
    const told = {
      memberId: 'M1001',
      kind: 'charged_by_hand',
      ref: paid.chargeId,
      cabinetId: 'CAB-1',
    } as const;
    await tellMember(db, clock, told);
    const kinds = (await listNotices(db, 'M1001')).map(({ kind }) => kind);
    expect(kinds).toEqual(['charged_by_hand', 'face_enrolled']);
    expect(await messagesOf({ db, clock }, 'M1001')).toEqual([]);
    await harness.close();
  });

  function ids() {
    return { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs), cabinetId: 'CAB-1' };
  }
});
