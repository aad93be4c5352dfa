import { and, asc, count, desc, eq, gt, isNotNull, lte, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { idRandomByteCount, makeSignUpId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { ApiFailure } from '../http/errors.ts';
import { tooMuch } from '../http/errors.ts';
import {
  capDayMs,
  signUpEveryMs,
  signUpLeaseMs,
  signUpLeftMinMs,
  signUpLooksMax,
  signUpsOfDayMax,
} from '../limits.ts';
import { askProvider } from '../providers/ask.ts';
import type { UnknownOutcome } from '../providers/provider.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { SignUp, SignUpBegun, SignUpNotice, SignUpOutcome, SignUpPage } from '../providers/sign-up.ts';
import { member, signUp } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import type { SignUpRow } from './sign-up-records.ts';
import { leaseSignUp, recordBegun, recordLook, signUpDueMaxMs } from './sign-up-records.ts';

export interface SignUpsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly providers: Pick<ProviderRegistry, 'findReal'>;
  readonly logger: Logger;
  /** Somebody has agreed: what they owe may be asked for now. */
  readonly onValid: () => void;
}

/** What whoever has asked for a sign-up is told of it. */
interface ShownSignUp extends Pick<SignUpRow, 'signUpId' | 'provider' | 'state' | 'endsAtMs'> {
  /** What the member opens; null: the provider has not answered yet, or there is nothing to open any more. */
  readonly page: SignUpPage | null;
}

/**
 * Asks members for the agreement without which nothing of theirs can be debited. A sign-up is on record before the provider is
 * asked; what has become of it is told by the provider's signed notice, and asked about as well: either alone suffices. It
 * moves once, from asked to valid, refused or expired; only the way to valid touches the member's account. All state is in the
 * database, so several instances may work side by side.
 */
export class SignUps {
  readonly #o: SignUpsOptions;
  readonly #loop: RetryLoop;

  constructor(options: SignUpsOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('sign_up_loop_failed', { error: String(bug) }),
    });
  }

  start(): void {
    this.#loop.start(signUpEveryMs);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /**
   * What this member opens to agree with this merchant, by whom they pay from then on. Again while one is open: the same one.
   * `not_found`: no such member; `conflict`: no merchant of ours with whom members agree; `unavailable`: too many today.
   */
  async ask(memberId: string, provider: string): Promise<Result<ShownSignUp, ApiFailure>> {
    const { db, providers } = this.#o;
    const adapter = providers.findReal(provider)?.signUp;
    if (adapter === undefined) return fail('conflict', 'nobody can agree with this provider here');
    const open = await db.transaction((tx) => this.#openOf(tx, memberId, provider, adapter.lifeMs));
    if (!open.ok) return open;
    if (open.value.page === null) await this.#workOn(open.value.signUpId);
    const [row] = await db.select().from(signUp).where(eq(signUp.signUpId, open.value.signUpId));
    return ok(shownOf(row ?? open.value));
  }

  /** The newest of a member, one for each merchant. */
  async listOf(memberId: string): Promise<readonly ShownSignUp[]> {
    const rows = await this.#o.db
      .select()
      .from(signUp)
      .where(eq(signUp.memberId, memberId))
      .orderBy(desc(signUp.askedAtMs), desc(signUp.signUpId));
    const newest = new Map<string, ShownSignUp>();
    for (const row of rows) if (!newest.has(row.provider)) newest.set(row.provider, shownOf(row));
    return [...newest.values()];
  }

  /**
   * A provider has told of a sign-up by itself, signed. Such words come late and overtake that it has ended, so it is asked how
   * that stands by now; where nobody answers, who has agreed is believed, but for one that has come about before: a notice that
   * is told again opens nothing. `elsewhere`: none of ours; `again`: nobody could say how it stands, or the provider does not
   * show it yet, and it shall be told once more.
   */
  async heard(
    provider: string,
    { signUpId, outcome, sinceMs }: SignUpNotice,
  ): Promise<'taken' | 'again' | 'elsewhere'> {
    const { db } = this.#o;
    const isIt = and(eq(signUp.signUpId, signUpId), eq(signUp.provider, provider));
    const [row] = await db.select().from(signUp).where(isIt);
    if (row === undefined) return 'elsewhere';
    // Of one who only tells that it came about once, none is believed later.
    if (row.state === 'valid' && outcome === null) return 'taken';
    const looked = row.known === null ? null : await this.#look(row);
    const isSilent = looked === null || looked.kind === 'unknown';
    if (row.state !== 'valid') {
      const told = isSilent ? outcome : looked;
      if (told === null || (told.kind === 'pending' && outcome !== null)) return 'again';
      await this.#record(row, told, null, isSilent ? sinceMs : undefined);
      return 'taken';
    }
    if (isSilent) return 'again';
    if (looked.kind !== 'valid') return 'taken';
    await new StoredAccounts(db, this.#o.clock, provider).setAgreement(looked.account, 'valid');
    this.#o.onValid();
    return 'taken';
  }

  /** Under the lock of the member's row: whoever asks at the same moment is given the same one. */
  async #openOf(
    tx: Db,
    memberId: string,
    provider: string,
    lifeMs: number,
  ): Promise<Result<SignUpRow, ApiFailure>> {
    const { clock, random } = this.#o;
    const [found] = await tx.select().from(member).where(eq(member.memberId, memberId)).for('update');
    if (found === undefined) return fail('not_found', 'no such member');
    const nowMs = clock.nowMs();
    const isTheirs = and(eq(signUp.memberId, memberId), eq(signUp.provider, provider));
    const isOpen = and(isTheirs, eq(signUp.state, 'asked'));
    const [open] = await tx.select().from(signUp).where(isOpen);
    if (open !== undefined && open.endsAtMs - nowMs >= Math.min(signUpLeftMinMs, lifeMs / 2)) return ok(open);
    const isToday = and(eq(signUp.memberId, memberId), isWithin(signUp.askedAtMs, nowMs, capDayMs));
    const [today] = await tx.select({ asked: count() }).from(signUp).where(isToday);
    if ((today?.asked ?? 0) >= signUpsOfDayMax)
      return tooMuch('too many sign-ups of this member today', 3_600);
    await tx.update(signUp).set({ state: 'expired', dueAtMs: null }).where(isOpen);
    const signUpId = makeSignUpId(nowMs, random.bytes(idRandomByteCount));
    const times = { askedAtMs: nowMs, endsAtMs: nowMs + lifeMs, dueAtMs: nowMs };
    const [row] = await tx
      .insert(signUp)
      .values({ signUpId, memberId, provider, state: 'asked', ...times, failureCount: 0, leaseCount: 0 })
      .returning();
    return row === undefined ? fail('internal', 'nothing was written') : ok(row);
  }

  async #turn(): Promise<number> {
    const { db, clock, logger } = this.#o;
    try {
      const { signUpId, dueAtMs } = signUp;
      const nowMs = clock.nowMs();
      // What is due later than any wait was written while the clock was ahead.
      const isDue = or(lte(dueAtMs, nowMs), gt(dueAtMs, nowMs + signUpDueMaxMs));
      const due = await db
        .select({ signUpId })
        .from(signUp)
        .where(and(isNotNull(dueAtMs), isDue))
        .orderBy(asc(dueAtMs))
        .limit(signUpLooksMax);
      await Promise.all(due.map((one) => this.#workOn(one.signUpId)));
      return due.length < signUpLooksMax ? signUpEveryMs : 0;
    } catch (error) {
      logger.error('sign_up_pass_failed', { error: String(error) });
      return signUpEveryMs;
    }
  }

  /** Asks the provider for it, or how it stands. Nothing where somebody else has it in hand. */
  async #workOn(signUpId: string): Promise<void> {
    const { db, clock } = this.#o;
    const row = await leaseSignUp(db, clock, signUpId, signUpLeaseMs);
    if (row === null) return;
    if (row.page === null && clock.nowMs() < row.endsAtMs) {
      const begun = await this.#begin(row);
      if (begun !== null) await recordBegun(db, clock, row, begun);
      return;
    }
    const looked = await this.#look(row);
    if (looked !== null) await this.#record(row, looked, row.leaseCount);
  }

  /** `sinceMs`: since when it stands so, where it was not asked just now. */
  async #record(
    row: SignUpRow,
    outcome: SignUpOutcome,
    leaseCount: number | null,
    sinceMs?: number,
  ): Promise<void> {
    const { db, clock, logger, onValid } = this.#o;
    const { signUpId, provider } = row;
    const state = await recordLook(db, clock, signUpId, outcome, { leaseCount, sinceMs });
    if (state === null || state === 'asked') return;
    logger.info('sign_up_ended', { signUpId, provider, state });
    if (state === 'valid') onValid();
  }

  /** Null: this program does not have its merchant (any more). */
  async #begin(row: SignUpRow): Promise<SignUpBegun | null> {
    const { db, clock } = this.#o;
    const { signUpId, memberId, provider, endsAtMs, failureCount: attempt } = row;
    const { account = null } = (await new StoredAccounts(db, clock, provider).find(memberId)) ?? {};
    return this.#asked(row, (adapter) => adapter.begin({ signUpId, memberId, account, attempt, endsAtMs }));
  }

  async #look(row: SignUpRow): Promise<SignUpOutcome | null> {
    const { signUpId, known } = row;
    // Nobody was ever given anything to open.
    if (known === null) return { kind: 'pending' };
    return this.#asked<SignUpOutcome>(row, (adapter) => adapter.look(signUpId, known));
  }

  async #asked<T>(
    { provider }: SignUpRow,
    ask: (adapter: SignUp) => Promise<T>,
  ): Promise<T | UnknownOutcome | null> {
    const { clock, providers } = this.#o;
    const adapter = providers.findReal(provider)?.signUp;
    return adapter === undefined ? null : askProvider(clock, () => ask(adapter));
  }
}

function shownOf({ signUpId, provider, state, endsAtMs, page }: SignUpRow): ShownSignUp {
  const isOpen = state === 'asked' && page !== null;
  return { signUpId, provider, state, endsAtMs, page: isOpen ? (JSON.parse(page) as SignUpPage) : null };
}
