import { verify } from 'node:crypto';
import { type SQL, and, eq, gte, lt, notExists, sql } from 'drizzle-orm';
import { readCabinetCode } from '../../core/identity/cabinet-code.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { err, ok } from '../../shared/result.ts';
import { cabinetCodeLifetimeMs } from '../../shared/model/cabinet-code.ts';
import { enrolledKey, whileKeyHolds } from '../http/authenticator.ts';
import {
  cabinetCodeGraceMs,
  memberCodeGraceMs,
  qrSignInKeptMs,
  qrSignInPollMs,
  scanLifetimeS,
} from '../limits.ts';
import type { MemberCodePurpose } from '../../shared/model/member.ts';
import { parseMemberCode } from '../../shared/model/member.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { qrSignIn, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { endsWithin } from '../storage/within.ts';

export interface QrSignInOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly memberCodes: MemberCodes;
}

/**
 * What the member's app is told. `accepted`: a member code that is good now waits for the cabinet. `expired`: also what
 * claims to be from the future; scan what is shown now. `used`: somebody was first on this turn of the code screen, or
 * has been let in by it.
 */
export type QrSignInDecision =
  | { readonly accepted: true; readonly cabinetId: string }
  | { readonly accepted: false; readonly reason: QrSignInRefusal };
type QrSignInRefusal = 'malformed' | 'unknown_cabinet' | 'forged' | 'expired' | 'used';

interface LookedCode {
  readonly cabinetId: string;
  /** By the operator's clock. */
  readonly endsAtMs: number;
  /** For so long it has been on the screen. */
  readonly ageMs: number;
}

/** A cabinet that waits for somebody to scan its code. */
interface Waiting {
  over: boolean;
  /** A scan may have arrived since the last look at the database. */
  woken: boolean;
  wake: () => void;
}

const no = (reason: QrSignInRefusal): QrSignInDecision => ({
  accepted: false,
  reason,
});

/**
 * Brings together the member whose phone has scanned a cabinet's code, and that cabinet, which asks. The member gets
 * in by a member code like any other, made here, good once and at this cabinet only; standing and debts are judged
 * when the cabinet shows it (authorise.ts).
 */
export class QrSignIn {
  readonly #options: QrSignInOptions;
  /** By cabinet id. */
  readonly #waiting = new Map<string, Waiting>();
  #closed = false;

  constructor(options: QrSignInOptions) {
    this.#options = options;
  }

  /**
   * A member (already identified by whoever calls) has scanned this. The same member on the same turn again gets the
   * same answer, as the first may have been lost; where the member code has ended before the cabinet came for it (no
   * network), another takes its place.
   */
  async recordScan(
    memberId: string,
    text: string,
    purpose: MemberCodePurpose = 'visit',
  ): Promise<QrSignInDecision> {
    const { db, clock, random, memberCodes } = this.#options;
    const read = await this.#read(text);
    if (!read.ok) return no(read.error.code);
    const { cabinetId, showing, key } = read.value;
    const nowMs = clock.nowMs();

    await db.delete(qrSignIn).where(lt(qrSignIn.expiresAtMs, nowMs - qrSignInKeptMs));
    const codeExpiresAtS = Math.ceil(nowMs / 1000) + scanLifetimeS;
    const code = await memberCodes.make(random, memberId, codeExpiresAtS, purpose);
    const made = parseMemberCode(code);
    assert(made !== null, 'our own code is one');
    const row = { code, codeNonce: made.nonce, expiresAtMs: codeExpiresAtS * 1000 };
    const inserted = await whileKeyHolds(db, { cabinetId, key }, async (tx) => {
      const [before] = await tx.select().from(qrSignIn).where(this.#is(cabinetId, showing));
      const rows = await tx
        .insert(qrSignIn)
        .values({ cabinetId, showing, memberId, ...row })
        .onConflictDoUpdate({
          target: [qrSignIn.cabinetId, qrSignIn.showing],
          set: row,
          // Not before the earlier one is good nowhere: of one turn no two are.
          setWhere: sql`${eq(qrSignIn.memberId, memberId)}
            and ${lt(qrSignIn.expiresAtMs, nowMs - memberCodeGraceMs)}
            and ${notExists(tx.select().from(visit).where(eq(visit.codeNonce, qrSignIn.codeNonce)))}`,
        })
        .returning({ showing: qrSignIn.showing });
      // The one before was given out, and is a code of this cabinet for ever: under a name that is no turn.
      if (before !== undefined && rows.length > 0)
        await tx.insert(qrSignIn).values({ ...before, showing: `${showing} ${before.codeNonce}` });
      return ok(rows);
    });
    if (!inserted.ok) return no('forged');
    if (inserted.value.length === 0) return this.#answerToRepeat(memberId, cabinetId, showing);
    this.#wake(cabinetId);
    return { accepted: true, cabinetId };
  }

  /**
   * Which cabinet a code is of, and how old it is: nothing is recorded. `used`: a scan of it by this member would be refused as
   * somebody else was first.
   */
  async look(
    memberId: string,
    text: string,
  ): Promise<Result<LookedCode, { readonly code: QrSignInRefusal }>> {
    const read = await this.#read(text);
    if (!read.ok) return read;
    const { cabinetId, showing, expiresAtS } = read.value;
    const { memberId: whose } = qrSignIn;
    const [first] = await this.#options.db
      .select({ whose })
      .from(qrSignIn)
      .where(this.#is(cabinetId, showing));
    if (first !== undefined && first.whose !== memberId) return err({ code: 'used' });
    const endsAtMs = expiresAtS * 1000;
    const ageMs = cabinetCodeLifetimeMs - (endsAtMs - this.#options.clock.nowMs());
    return ok({ cabinetId, endsAtMs, ageMs: Math.max(0, ageMs) });
  }

  /** A code that a cabinet of ours shows now. */
  async #read(text: string) {
    const { db, clock } = this.#options;
    const refuse = (code: QrSignInRefusal) => err({ code });
    const read = readCabinetCode(text);
    if (!read.ok) return refuse('malformed');
    const { cabinetId, expiresAtS, showing, signed, signature } = read.value;
    const key = await enrolledKey(db, cabinetId);
    if (key === null) return refuse('unknown_cabinet');
    if (!verify(null, Buffer.from(signed), key, signature)) return refuse('forged');
    const life = { lifetimeMs: cabinetCodeLifetimeMs, skewMs: cabinetCodeGraceMs };
    if (!isWithinLife(expiresAtS * 1000, clock.nowMs(), life)) return refuse('expired');
    return ok({ cabinetId, expiresAtS, showing, key });
  }

  /** Somebody has scanned this turn before, and no new member code was made for it. */
  async #answerToRepeat(memberId: string, cabinetId: string, showing: string): Promise<QrSignInDecision> {
    const [first] = await this.#options.db
      .select({ memberId: qrSignIn.memberId, isGood: this.#isGood(), visitId: visit.visitId })
      .from(qrSignIn)
      .leftJoin(visit, eq(visit.codeNonce, qrSignIn.codeNonce))
      .where(this.#is(cabinetId, showing));
    if (first?.memberId !== memberId) return no('used');
    if (first.isGood) return { accepted: true, cabinetId };
    return no(first.visitId === null ? 'expired' : 'used');
  }

  /**
   * The member code of whoever has scanned this showing; null when nobody has within `waitMs`. Asked again it is the
   * same one, as the answer may have been lost. One question per cabinet: a new one, `left` and `close` end the one
   * before.
   */
  async waitForScan(
    cabinetId: string,
    showing: string,
    waitMs: number,
    left: AbortSignal,
  ): Promise<string | null> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + waitMs;
    this.#end(cabinetId);
    const waiting: Waiting = { over: this.#closed, woken: false, wake: () => undefined };
    this.#waiting.set(cabinetId, waiting);
    left.addEventListener('abort', () => end(waiting), { once: true });
    try {
      for (;;) {
        const code = await this.#codeFor(cabinetId, showing);
        const leftMs = endMs - clock.monotonicMs();
        if (code !== null || leftMs <= 0 || waiting.over || left.aborted) return code;
        await rest(clock, waiting, Math.min(leftMs, qrSignInPollMs));
      }
    } finally {
      if (this.#waiting.get(cabinetId) === waiting) this.#waiting.delete(cabinetId);
    }
  }

  /** Answers all who wait. */
  close(): Promise<void> {
    this.#closed = true;
    for (const cabinetId of [...this.#waiting.keys()]) this.#end(cabinetId);
    return Promise.resolve();
  }

  async #codeFor(cabinetId: string, showing: string): Promise<string | null> {
    const [row] = await this.#options.db
      .select({ code: qrSignIn.code })
      .from(qrSignIn)
      .where(and(this.#is(cabinetId, showing), this.#isGood()));
    return row?.code ?? null;
  }

  /** The member code is good now: the cabinet is given it. */
  #isGood(): SQL<boolean> {
    const lifetimeMs = scanLifetimeS * 1000 + memberCodeGraceMs;
    return sql<boolean>`${endsWithin(qrSignIn.expiresAtMs, this.#options.clock.nowMs(), lifetimeMs)}`;
  }

  #is(cabinetId: string, showing: string) {
    return and(eq(qrSignIn.cabinetId, cabinetId), eq(qrSignIn.showing, showing));
  }

  #wake(cabinetId: string): void {
    const waiting = this.#waiting.get(cabinetId);
    if (waiting === undefined) return;
    waiting.woken = true;
    waiting.wake();
  }

  #end(cabinetId: string): void {
    const waiting = this.#waiting.get(cabinetId);
    if (waiting !== undefined) end(waiting);
  }
}

/**
 * No scan at this cabinet leads to a code any more. The rows stay for as long as others: by them the codes that were given out
 * are good at no other cabinet. Inside the transaction that puts another machine in its place.
 */
export async function endScansOf(tx: Db, clock: Clock, cabinetId: string): Promise<void> {
  const nowMs = clock.nowMs();
  await tx
    .update(qrSignIn)
    .set({ expiresAtMs: nowMs - 1 })
    .where(and(eq(qrSignIn.cabinetId, cabinetId), gte(qrSignIn.expiresAtMs, nowMs)));
}

function end(waiting: Waiting): void {
  waiting.over = true;
  waiting.wake();
}

/** Until woken, at most `ms`; not at all when woken meanwhile, or it is over. */
async function rest(clock: Clock, waiting: Waiting, ms: number): Promise<void> {
  if (!waiting.woken && !waiting.over) {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      waiting.wake = () => {
        cancel();
        resolve();
      };
    });
    waiting.wake = () => undefined;
  }
  waiting.woken = false;
}
