import {
  applyChargeEvent,
  billsTooMuch,
  forgetsDecision,
  nextStep,
  waitsForHuman,
} from '../../core/charge/charge-life.ts';
import type { ChargeEvent, VoidReason } from '../../core/charge/charge-life.ts';
import { chargeStates } from '../../shared/model/charge.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { isUnanswered, sentBeforeOf } from '../../core/charge/delivery.ts';
import type { DeliveryEvent } from '../../core/charge/delivery.ts';
import { assert } from '../../shared/assert.ts';
import type { SentBefore, WithPeople } from '../../shared/api/sent-before.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { Currency } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import { sha256Hex } from '../storage/hash-chain.ts';
import { historyOf, identitySha256, stageToldLast, stageWithPeople, unansweredSince } from './charge-log.ts';
import type { ChargeLog, LogEntry, LoggedEvent } from './charge-log.ts';
import { attemptsCountedMax, dueRow, hasten, nextDueMs } from './charge-due.ts';
import { chargeRecordOf, lifeOf, readChargeRow } from './charge-record.ts';
import type { ChargeRecord } from './charge-record.ts';
import type { TellStaff } from './tell-staff.ts';

export interface NewCharge {
  readonly chargeId: ChargeId;
  readonly visitId: VisitId;
  readonly memberId: string;
  /** As the operator masked it; for the receipt. */
  readonly memberDisplay: string;
  readonly cabinetId: string;
  readonly currency: Currency;
}

/**
 * `charge.exists`: this id or this visit has a charge already; `charge.illegal`: the rules forbid this step in this
 * state; `charge.bad_body`: the body is not one, or belongs to another charge. Nothing has changed in any of them.
 */
export type ChargeStoreFailure =
  Failure<'charge.unknown' | 'charge.exists' | 'charge.illegal' | 'charge.bad_body'> | StorageFailure;

export interface UnsettledSummary {
  /** Finalised charges that are neither paid nor void, those on the human list among them. */
  readonly count: number;
  readonly sumMinor: number;
  /** When the oldest of them was opened (wall time); null when there is none. */
  readonly oldestMs: number | null;
  /** How many of them the operator has not confirmed to have. */
  readonly undeliveredCount: number;
}

/** A bill is fixed, and neither paid nor void. */
const unsettledStates = chargeStates.filter((state) => !['open', 'paid', 'voided'].includes(state));
export const isUnsettled = `state IN (${unsettledStates.map((state) => `'${state}'`).join(', ')})`;

/** Rows that a list returns at most. */
export const listMax = 1000;

/**
 * The charges in SQL. Every method is one transaction (or joins the outer one), durable when it returns ok. No step
 * happens that core/charge does not allow; each goes into the log with it; nothing is deleted.
 */
export class ChargeStore {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #operatingClock: Clock;
  readonly #log: ChargeLog;
  readonly #tellStaff: TellStaff;

  /**
   * `clock` dates the record; all waits are counted by `operatingClock` (main/operating-clock.ts). `tellStaff`: of a row that
   * cannot be read and was put aside, of a bill that is too high, and of what people had in hand and the operator forgot.
   */
  constructor(
    db: Database,
    log: ChargeLog,
    clock: Clock,
    operatingClock: Clock,
    tellStaff: TellStaff = () => undefined,
  ) {
    this.#db = db;
    this.#clock = clock;
    this.#operatingClock = operatingClock;
    this.#log = log;
    this.#tellStaff = tellStaff;
  }

  /** Makes the charge of a visit known before the unlock command is given. */
  open(charge: NewCharge): Result<void, ChargeStoreFailure> {
    return this.#db.transaction(() => {
      const { chargeId, visitId, memberId, memberDisplay, cabinetId, currency } = charge;
      const existing = this.#db
        .prepare('SELECT charge_id FROM charge WHERE charge_id = ? OR visit_id = ? LIMIT 1')
        .first(chargeId, visitId);
      if (existing !== undefined) return fail('charge.exists', `a charge for ${visitId} is there already`);
      const [nowMs, operatingMs] = [this.#clock.nowMs(), this.#operatingClock.nowMs()];
      this.#db
        .prepare(
          `INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state, opened_ms,
             updated_ms) VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?)`,
        )
        .run(chargeId, visitId, memberId, memberDisplay, cabinetId, currency, nowMs, operatingMs);
      this.#log.append(chargeId, nowMs, { type: 'open', ofSha256: identitySha256(charge) });
      return ok();
    });
  }

  /** Fixes the body for ever and puts the charge into the queue. Belongs into the transaction that ends the visit. */
  finalise(chargeId: ChargeId, body: ChargeBody): Result<void, ChargeStoreFailure> {
    return this.#db.transaction(() => {
      const found = this.get(chargeId);
      if (!found.ok) return found;
      const charge = found.value;
      const parsed = chargeBodySchema.safeParse(body);
      if (!parsed.success) return fail('charge.bad_body', parsed.error.message);
      const foreign = (['chargeId', 'visitId', 'memberId', 'cabinetId', 'currency'] as const).filter(
        (key) => parsed.data[key] !== charge[key],
      );
      if (foreign.length > 0)
        return fail('charge.bad_body', `another ${foreign.join(', ')} than it was opened with`);
      const { totalMinor } = parsed.data;
      const finalised = applyChargeEvent(lifeOf(charge), { type: 'finalise', totalMinor });
      if (!finalised.ok) return finalised;
      const queued = applyChargeEvent(finalised.value, { type: 'enqueue' });
      assert(queued.ok, 'what is finalised can be queued');
      const bodyJson = canonicalJson(parsed.data);
      const bodySha256 = sha256Hex(bodyJson);
      const [nowMs, operatingMs] = [this.#clock.nowMs(), this.#operatingClock.nowMs()];
      this.#db
        .prepare(
          `UPDATE charge SET state = ?, total_minor = ?, body_json = ?, body_sha256 = ?, finalised_ms = ?,
             next_attempt_ms = ?, updated_ms = ? WHERE charge_id = ?`,
        )
        .run(queued.value.state, totalMinor, bodyJson, bodySha256, nowMs, operatingMs, operatingMs, chargeId);
      this.#log.append(chargeId, nowMs, { type: 'finalise', totalMinor, bodySha256 });
      this.#log.append(chargeId, nowMs, { type: 'enqueue' });
      return ok();
    });
  }

  /** Ends a charge that asks for nothing (nothing taken, door not opened). */
  void(chargeId: ChargeId, why: VoidReason): Result<void, ChargeStoreFailure> {
    return this.#step(chargeId, { type: 'void', why }, null, () => 0);
  }

  /** Before the first byte is sent. */
  markSubmitting(chargeId: ChargeId): Result<void, ChargeStoreFailure> {
    return this.#step(chargeId, { type: 'submit' }, null, (attempts) => attempts);
  }

  /**
   * After an attempt: what it meant (core/charge/delivery.ts), and when to go on. An attempt that changed nothing (a
   * question with the same answer as before) only moves the time and the count; it is no event. `nextAttemptMs`: operating
   * time; null: it is not looked at again by itself. `attemptsBefore`: how many have failed in a row, where that is not what
   * is stored.
   */
  recordOutcome(
    chargeId: ChargeId,
    event: DeliveryEvent,
    nextAttemptMs: number | null,
    attemptsBefore?: number,
  ): Result<void, ChargeStoreFailure> {
    return this.#step(chargeId, event, nextAttemptMs, (stored, moved, isWaiting) => {
      const attempts = Math.min(attemptsBefore ?? stored, attemptsCountedMax - 1);
      // About what waits for a human so many answers are asked for: no network, no answer.
      if (event.type === 'defer' || event.type === 'doubt')
        return isWaiting && isUnanswered(event) ? attempts : attempts + 1;
      // Kept: sending that always ends in doubt, and asking that always says "unknown", must slow down all the same.
      if (event.type === 'unknown_there') return moved ? attempts : attempts + 1;
      return moved ? 0 : attempts + 1;
    });
  }

  /**
   * The program failed over this charge: it is looked at again at `nextAttemptMs` (operating time), behind those that have
   * failed less. What was being sent is in doubt.
   */
  putAside(chargeId: ChargeId, nextAttemptMs: number): Result<void, ChargeStoreFailure> {
    return this.#db.transaction(() => {
      const found = this.get(chargeId);
      if (!found.ok) return found;
      if (found.value.state === 'submitting')
        return this.#step(chargeId, { type: 'recover' }, nextAttemptMs, (attempts) => attempts + 1);
      this.#db
        .prepare('UPDATE charge SET attempts = ?, next_attempt_ms = ?, updated_ms = ? WHERE charge_id = ?')
        .run(
          Math.min(found.value.attempts + 1, attemptsCountedMax),
          nextAttemptMs,
          this.#operatingClock.nowMs(),
          chargeId,
        );
      return ok();
    });
  }

  /** At the start of the program: what was being sent when it ended is in doubt now. Returns how many. */
  recoverSubmitting(): Result<number, ChargeStoreFailure> {
    return this.#db.transaction(() => {
      const rows = this.#db
        .prepare(
          "SELECT rowid AS row_id, * FROM charge WHERE state = 'submitting' AND quarantined_ms IS NULL",
        )
        .all();
      for (const row of rows) {
        const charge = readChargeRow(row);
        const done = charge.ok
          ? this.#step(
              charge.value.chargeId,
              { type: 'recover' },
              this.#operatingClock.nowMs(),
              (attempts) => attempts,
            )
          : this.#quarantine(row, charge.error.message);
        if (!done.ok) return done;
      }
      return ok(rows.length);
    });
  }

  get(chargeId: ChargeId): Result<ChargeRecord, ChargeStoreFailure> {
    const found = this.#db.read(() => {
      const row = this.#db.prepare('SELECT * FROM charge WHERE charge_id = ? LIMIT 1').first(chargeId);
      return row === undefined ? null : chargeRecordOf(row);
    });
    if (!found.ok) return found;
    return found.value === null ? fail('charge.unknown', `no charge ${chargeId}`) : ok(found.value);
  }

  /**
   * The charge that is to be sent or queried now (charge-due.ts); null: none. `linkBackMs`: when the network or the
   * operator came back, operating time. `mayAskWaiting`: also one that waits for a human. A row that cannot be read is put
   * aside for a human, and the next one is taken.
   */
  nextDue(
    nowMs: number,
    linkBackMs: number,
    mayAskWaiting = false,
  ): Result<ChargeRecord | null, StorageFailure> {
    for (;;) {
      const found = this.#db.read(() => dueRow(this.#db, nowMs, linkBackMs, mayAskWaiting));
      if (!found.ok) return found;
      if (found.value === undefined) return ok(null);
      const charge = readChargeRow(found.value);
      if (charge.ok) return charge;
      const putAside = this.#quarantine(found.value, charge.error.message);
      if (!putAside.ok) return putAside;
    }
  }

  /**
   * The bills of one member, newest first: at most so many of those that the operator has, and of the others at most
   * `listMax`. What was never billed (open, voided) is left out, and what cannot be read.
   */
  listOfMember(memberId: string, settledMax: number): Result<ChargeRecord[], StorageFailure> {
    return this.#db.read(() => {
      const list = (states: string, limit: number): ChargeRecord[] =>
        this.#db
          .prepare(
            `SELECT * FROM charge WHERE member_id = ? AND state IN (${states}) ORDER BY opened_ms DESC LIMIT ?`,
          )
          .all(memberId, limit)
          .flatMap((row) => {
            const charge = readChargeRow(row);
            return charge.ok ? [charge.value] : [];
          });
      return [
        ...list(`'queued', 'submitting', 'in_doubt', 'needs_attention'`, listMax),
        ...list(`'accepted', 'collecting', 'paid'`, settledMax),
      ];
    });
  }

  /**
   * When the next charge falls due (operating time); null when none waits. What waits for a human does not before
   * `waitingFromMs`.
   */
  nextDueMs(waitingFromMs = 0): Result<number | null, StorageFailure> {
    return this.#db.read(() => nextDueMs(this.#db, this.#operatingClock.nowMs(), waitingFromMs));
  }

  /** Staff wants everything tried now: what waits for a later moment is due, so many at a time (charge-due.ts). */
  hasten(): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      hasten(this.#db, this.#operatingClock.nowMs());
      return ok();
    });
  }

  /** Everything that is neither paid nor void, oldest first; `open` ones (visit not ended) among them. */
  listUnsettled(limit = listMax): Result<ChargeRecord[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare(
          `SELECT * FROM charge WHERE state NOT IN ('paid', 'voided') ORDER BY opened_ms, charge_id LIMIT ?`,
        )
        .all(Math.min(limit, listMax))
        .map(chargeRecordOf),
    );
  }

  /** Whether any bill is neither paid nor void: one search in the index by state. */
  hasUnsettled(): Result<boolean, StorageFailure> {
    const sql = `SELECT 1 FROM charge INDEXED BY charge_by_due WHERE ${isUnsettled} LIMIT 1`;
    return this.#db.read(() => this.#db.prepare(sql).first() !== undefined);
  }

  unsettledSummary(): Result<UnsettledSummary, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db
        .prepare(
          `SELECT COUNT(*) AS count, COALESCE(SUM(COALESCE(resolved_minor, billed_minor, total_minor)), 0) AS sum_minor,
             MIN(opened_ms) AS oldest_ms,
             COALESCE(SUM(state IN ('finalised', 'queued', 'submitting', 'in_doubt')
               OR (state = 'needs_attention' AND billed_minor IS NULL)), 0) AS undelivered
           FROM charge WHERE ${isUnsettled}`,
        )
        .first();
      const oldestMs = row?.['oldest_ms'];
      return {
        count: Number(row?.['count']),
        sumMinor: Number(row?.['sum_minor']),
        oldestMs: typeof oldestMs === 'number' ? oldestMs : null,
        undeliveredCount: Number(row?.['undelivered']),
      };
    });
  }

  /** What happened to one charge, in order. */
  history(chargeId: ChargeId): Result<LogEntry[], StorageFailure> {
    const read = this.#db.read(() => historyOf(this.#db, chargeId));
    return read.ok ? read.value : read;
  }

  /**
   * What is said with it when it is sent: whether the operator may have it already, and whether people had it in hand. By
   * the clock that dates the record.
   */
  sentBefore(charge: SaidOf): SentBefore | null {
    const { chargeId, billedMinor } = charge;
    const read = this.#db.read(() => ({
      unansweredMs: unansweredSince(this.#db, chargeId),
      stage: stageWithPeople(this.#db, chargeId),
    }));
    // It cannot be read: nobody knows whether it was sent, nor whether people had what the operator had.
    if (!read.ok)
      return { agoMs: null, withPeople: billedMinor === null ? null : { stage: 'waiting', billedMinor } };
    const { unansweredMs, stage } = read.value;
    const withPeople = withPeopleOf(stage, charge);
    return sentBeforeOf(billedMinor, unansweredMs, withPeople, this.#clock.nowMs());
  }

  /**
   * What is said with a question about it: that people had it in hand; null: not by the record, or that cannot be read. An
   * operator that knows of no decision then holds the charge.
   */
  heldBefore(charge: SaidOf): SentBefore | null {
    const read = this.#db.read(() => stageWithPeople(this.#db, charge.chargeId));
    const withPeople = read.ok ? withPeopleOf(read.value, charge) : null;
    return withPeople === null ? null : { agoMs: null, withPeople };
  }

  /** Keeps a row that cannot be read, as it is, and passes it by from now on; a human is told. */
  #quarantine(row: Row, message: string): Result<void, StorageFailure> {
    return this.#db.transaction((): Result<void, StorageFailure> => {
      const count = this.#db
        .prepare('UPDATE charge SET quarantined_ms = ? WHERE rowid = ?')
        .run(this.#clock.nowMs(), Number(row['row_id']));
      if (count !== 1) return fail('storage.corrupt', message);
      this.#tellStaff('charge_unreadable', message);
      return ok();
    });
  }

  #step(
    chargeId: ChargeId,
    event: ChargeEvent & LoggedEvent,
    nextAttemptMs: number | null,
    attemptsAfter: (attempts: number, moved: boolean, isWaiting: boolean) => number,
  ): Result<void, ChargeStoreFailure> {
    return this.#db.transaction(() => {
      const found = this.get(chargeId);
      if (!found.ok) return found;
      const before = lifeOf(found.value);
      const next = applyChargeEvent(before, event);
      if (!next.ok) return next;
      const { state, billedMinor, reason, resolution } = next.value;
      const nowMs = this.#clock.nowMs();
      const isMoved = state !== before.state;
      const attempts = attemptsAfter(found.value.attempts, isMoved, waitsForHuman(before));
      this.#db
        .prepare(
          `UPDATE charge SET state = ?, billed_minor = MIN(?, COALESCE(billed_minor, total_minor)), reason = ?,
             attempts = ?, next_attempt_ms = ?, updated_ms = ?,
             resolved_how = ?, resolved_by = ?, resolved_ms = ?, resolved_minor = ? WHERE charge_id = ?`,
        )
        .run(
          state,
          billedMinor,
          reason,
          attempts,
          nextStep(next.value) === 'none' ? null : nextAttemptMs,
          this.#operatingClock.nowMs(),
          resolution?.how ?? null,
          resolution?.by ?? null,
          resolution?.atMs ?? null,
          resolution === null ? null : billedMinor,
          chargeId,
        );
      // Of an answer alone, and a first one has nothing before it that could be forgotten.
      const mayForget = event.type === 'reply' && before.billedMinor !== null;
      const stage = mayForget ? stageToldLast(this.#db, chargeId) : null;
      const isForgotten = forgetsDecision(before, event, stage);
      // What is told by the record goes on record: so it is told once.
      if (isForgotten || canonicalJson(before) !== canonicalJson(next.value))
        this.#log.append(chargeId, nowMs, event);
      // The operator may debit what people have settled or lowered, and cannot know.
      if (isForgotten && stage !== null)
        this.#tellStaff(`decision_forgotten: ${chargeId}, ${stage}, ${before.billedMinor ?? 0} minor units`);
      // Nobody else knows: the operator does not see what was told here before. Once: from then on it is in conflict.
      const isTooMuch = (event.type === 'reply' || event.type === 'resolved') && billsTooMuch(before, event);
      if (isTooMuch && before.reason !== 'system.conflict')
        this.#tellStaff(`charge_billed_too_high: ${chargeId}, ${event.totalMinor} minor units`);
      return ok();
    });
  }
}

/** What of a charge is said with it. */
type SaidOf = Pick<ChargeRecord, 'chargeId' | 'totalMinor' | 'billedMinor' | 'resolution'>;

function withPeopleOf(
  stage: WithPeople['stage'] | null,
  { totalMinor, billedMinor, resolution }: SaidOf,
): WithPeople | null {
  assert(totalMinor !== null, 'what is sent is finalised');
  // A decision that could not be taken here has changed no bill.
  const decision = resolution === null ? {} : { decisionAtMs: resolution.atMs };
  return stage === null ? null : { stage, billedMinor: billedMinor ?? totalMinor, ...decision };
}
