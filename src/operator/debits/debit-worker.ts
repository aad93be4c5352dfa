import { and, asc, isNotNull, isNull, min, notInArray, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { AttemptOutcome } from './debit-life.ts';
import type { DebitAttempt, DebitLease } from './debit-store.ts';
import { isAccountNew, isDueAt, leaseCharge, recordOutcome } from './debit-store.ts';
import { recordAttemptEnd, recordAttemptStart } from './debit-attempts.ts';
import type { BegunDebit, PaidDebit } from './debits-together.ts';
import { beginTogether, endTogether } from './debits-together.ts';
import { foundElsewhere } from './elsewhere.ts';
import {
  closeWaitMs,
  debitConcurrencyMax,
  debitGroupsMax,
  providerTimeoutMs,
  workerAliveMaxMs,
  workerPollMaxMs,
} from '../limits.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Metrics } from '../operations/metrics.ts';
import type {
  CloseOutcome,
  DebitOutcome,
  DebitRequest,
  Provider,
  QueryOutcome,
  UnknownOutcome,
} from '../providers/provider.ts';
import { askProvider, unknownOf } from '../providers/ask.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { charge } from '../storage/schema.ts';
import { GroupedWork } from '../storage/grouped-work.ts';
import { wasPutBackWithin } from '../storage/put-back.ts';
import type { Db } from '../storage/storage.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

type Collecting = Extract<QueryOutcome, { kind: 'collecting' }>;
type Debit = (request: DebitRequest) => Promise<DebitOutcome>;

/** What came of a try: the charge as it is now that it is paid; or one has to look. `not_tried`: there was no room for it. */
type Tried = BegunDebit['row'] | 'tried' | 'not_tried';

/** A try that is under way. */
interface Running {
  /** Whose charge it is; null: nobody has said. */
  readonly provider: string | null;
  readonly tried: Promise<Tried>;
}

/** A charge that is ours, and what is on record of it and not ended there; null: nothing. */
interface InHand {
  readonly lease: DebitLease;
  open: BegunDebit | null;
}

export interface DebitWorkerOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  /** In [0, 1); for the back-off. */
  readonly random: () => number;
  /** IANA; accounts are asked again at its civil hours. */
  readonly timeZone: string;
  readonly logger: Logger;
  /** Is told of each call to a provider that has ended. */
  readonly metrics?: Pick<Metrics, 'providerCalled'>;
}

/**
 * Debits accepted charges. All state is in the database: a charge is leased and marked in doubt before the provider is
 * asked, and the mark goes only with a definite answer. So whatever dies in between, the next step is a query.
 */
export class DebitWorker {
  readonly #options: DebitWorkerOptions;
  readonly #running = new Map<string, Running>();
  readonly #loop: RetryLoop;
  readonly #begin: GroupedWork<string, BegunDebit | null>;
  readonly #end: GroupedWork<PaidDebit, BegunDebit['row'] | null>;
  /** Monotonic time at which it was last seen to go round, ms. */
  #turnedAtMs = 0;
  /** From this monotonic time on accounts are looked at again although something is due, ms. */
  #accountsAtMs = 0;

  constructor(options: DebitWorkerOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('debit_loop_failed', { error: String(bug) }),
      sleepMaxMs: workerPollMaxMs,
    });
    const { db, providers } = options;
    // What runs at the same time is bounded by itself, and each charge is in hand once.
    const together = { sizeMax: debitConcurrencyMax, groupsMax: debitGroupsMax };
    this.#begin = new GroupedWork({
      ...together,
      keysOf: (chargeId) => [chargeId],
      work: (ids) => beginTogether(db, options, ids, (provider) => providers.find(provider) !== null),
    });
    this.#end = new GroupedWork({
      ...together,
      keysOf: ({ lease }) => [lease.chargeId],
      work: (paid) => endTogether(db, options, paid),
    });
  }

  start(): void {
    this.#turnedAtMs = this.#options.clock.monotonicMs();
    this.#loop.start();
  }

  /** It goes round: it was started, has not been stopped, and no bug has ended it. */
  get isAlive(): boolean {
    const sinceMs = this.#options.clock.monotonicMs() - this.#turnedAtMs;
    return this.#loop.running && sinceMs <= workerAliveMaxMs;
  }

  /** Looks for due charges now. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * Tries this charge of this provider now if it is due and there is room. Resolves when the try has ended; never rejects.
   */
  attempt(chargeId: string, provider: string | null = null): Promise<Tried> {
    const running = this.#running.get(chargeId);
    if (running !== undefined) return running.tried;
    if (!this.#loop.running || this.#isFull(provider)) return Promise.resolve('not_tried');
    return this.#run(chargeId, provider, this.#attempt(chargeId));
  }

  /**
   * The member pays this charge now: the same order number under the same lease as the retries, so that all of them are one debit. `pay`
   * asks the provider. Resolves when it has ended; false: not now, for an attempt is out or in doubt, or nothing is being collected.
   */
  async payment(chargeId: string, pay: Debit): Promise<boolean> {
    if (this.#running.has(chargeId) || !this.#loop.running || this.#isFull(null)) return false;
    let asked = false;
    const debit: Debit = (request) => {
      asked = true;
      return pay(request);
    };
    await this.#run(chargeId, null, this.#pay(chargeId, debit));
    return asked;
  }

  /** Each provider has places of its own: while one of them answers nobody, the charges of all others go on. */
  #isFull(provider: string | null): boolean {
    const own = [...this.#running.values()].filter((one) => one.provider === provider);
    return own.length >= debitConcurrencyMax;
  }

  #run(chargeId: string, provider: string | null, work: Promise<Tried>): Promise<Tried> {
    const tried = work.then(
      (outcome) => {
        this.#running.delete(chargeId);
        this.wake();
        return outcome;
      },
      (error: unknown): Tried => {
        // No wake: what fails here (the database) would fail again at once; the next poll tries.
        this.#running.delete(chargeId);
        this.#options.logger.error('debit_attempt_failed', { chargeId, error: String(error) });
        return 'tried';
      },
    );
    this.#running.set(chargeId, { provider, tried });
    return tried;
  }

  /** Charges that are with the provider right now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Takes no more work and waits `closeWaitMs` for what runs. */
  async stop(): Promise<void> {
    const ended = Promise.all([this.#loop.stop(), ...[...this.#running.values()].map(({ tried }) => tried)]);
    await withTimeout(this.#options.clock, closeWaitMs, ended);
  }

  /** A database that does not answer is asked again after `workerPollMaxMs`. */
  async #turn(): Promise<number> {
    this.#turnedAtMs = this.#options.clock.monotonicMs();
    try {
      return await this.#startDue();
    } catch (error) {
      this.#options.logger.error('debit_pass_failed', { error: String(error) });
      return workerPollMaxMs;
    }
  }

  /** Starts what is due and says after how many ms to look again; the end of an attempt wakes it sooner. */
  async #startDue(): Promise<number> {
    const { db, clock } = this.#options;
    let isBusy = false;
    for (;;) {
      const isFree = this.#hasPlace();
      const due = await db
        .select({ chargeId: charge.chargeId, provider: charge.provider })
        .from(charge)
        .where(and(isDueAt(clock.nowMs()), isFree))
        .orderBy(asc(charge.nextAttemptAtMs))
        .limit(debitConcurrencyMax);
      isBusy ||= due.length > 0;
      const another = await this.#withNewAccount(isBusy, isFree);
      const all = [...due, ...another];
      for (const { chargeId, provider } of all) void this.attempt(chargeId, provider);
      // Behind those of one that is full now others may be due.
      if (!all.some(({ provider }) => provider !== null && this.#isFull(provider))) break;
    }
    if (isBusy) return workerPollMaxMs;
    const [next] = await db
      .select({ atMs: min(charge.nextAttemptAtMs) })
      .from(charge)
      .where(and(isNotNull(charge.nextAttemptAtMs), this.#hasPlace()));
    const atMs = next?.atMs ?? null;
    return atMs === null ? workerPollMaxMs : atMs - clock.nowMs();
  }

  /** Charges whose provider has a place left. */
  #hasPlace() {
    const names = new Set([...this.#running.values()].map(({ provider }) => provider));
    const full = [...names].filter((name): name is string => name !== null && this.#isFull(name));
    return full.length === 0 ? undefined : or(isNull(charge.provider), notInArray(charge.provider, full));
  }

  /** Debts whose account is another one; while something is due they are looked for as often as without anything to do. */
  async #withNewAccount(
    isBusy: boolean,
    isFree: ReturnType<typeof or>,
  ): Promise<{ chargeId: string; provider: string | null }[]> {
    const { db, clock } = this.#options;
    const monotonicMs = clock.monotonicMs();
    if (isBusy && monotonicMs < this.#accountsAtMs) return [];
    this.#accountsAtMs = monotonicMs + workerPollMaxMs;
    return db
      .select({ chargeId: charge.chargeId, provider: charge.provider })
      .from(charge)
      .where(and(isAccountNew(db, clock.nowMs()), isFree))
      .limit(debitConcurrencyMax);
  }

  async #attempt(chargeId: string): Promise<Tried> {
    const { db, clock, timeZone } = this.#options;
    const begun = await this.#orAlone(chargeId, this.#begin.do(chargeId));
    if (begun !== null) return this.#follow({ lease: begun.lease, open: begun });
    const lease = await leaseCharge(db, clock, chargeId, 'due', timeZone);
    return lease === null ? 'tried' : this.#follow({ lease, open: null });
  }

  async #pay(chargeId: string, debit: Debit): Promise<Tried> {
    const { db, clock, timeZone } = this.#options;
    const lease = await leaseCharge(db, clock, chargeId, 'payment', timeZone);
    return lease === null ? 'tried' : this.#follow({ lease, open: null }, debit);
  }

  /** A group fails together; what is wrong with one of them is to cost the others nothing. */
  async #orAlone<T>(chargeId: string, together: Promise<T>): Promise<T | null> {
    try {
      return await together;
    } catch (error) {
      this.#options.logger.warn('debits_not_done_together', { chargeId, error: String(error) });
      return null;
    }
  }

  /** Asks the provider, and writes down what came of it. */
  async #follow(inHand: InHand, debit?: Debit): Promise<Tried> {
    const { db, clock, providers, random, timeZone, logger } = this.#options;
    const { lease } = inHand;
    const { chargeId } = lease;
    const outcome = await this.#debitOrQuery(inHand, providers.find(lease.provider), debit);
    const { open } = inHand;
    const { kind } = outcome;
    const paid =
      open !== null && kind === 'paid'
        ? await this.#orAlone(chargeId, this.#end.do({ ...open, outcome }))
        : null;
    if (paid !== null) {
      logger.info('debit_attempt', { chargeId, outcome: kind, taken: true });
      return paid;
    }
    if (open !== null && kind === 'paid') await recordAttemptEnd(db, clock, lease, open.attempt, kind);
    const taken = await recordOutcome(db, clock, random(), lease, outcome, timeZone);
    logger.info('debit_attempt', { chargeId, outcome: kind, taken });
    return 'tried';
  }

  async #debitOrQuery(inHand: InHand, provider: Provider | null, debit?: Debit): Promise<AttemptOutcome> {
    const { lease } = inHand;
    const message = `no provider ${lease.provider ?? ''} in this program`;
    if (provider === null) return { kind: lease.wasInDoubt ? 'unknown' : 'not_sent', message };
    if (lease.wasInDoubt) return this.#settle(lease, provider);
    const outcome = await this.#call(
      'debit',
      lease,
      () => (debit ?? provider.debit.bind(provider))(lease.request),
      inHand,
    );
    if (outcome.kind !== 'rejected') return outcome;
    // Perhaps because it was debited already.
    const found = await this.#call('query', lease, () => provider.query(lease.request.orderId));
    return found.kind === 'paid' || found.kind === 'collecting' ? found : outcome;
  }

  /**
   * What is in doubt is queried, and nothing else is done as long as it may still arrive: a provider that does not know
   * the number (any more) after its settling period is asked to close it, where it can.
   */
  async #settle(lease: DebitLease, provider: Provider): Promise<AttemptOutcome> {
    const { orderId } = lease.request;
    const found = await this.#call('query', lease, () => provider.query(orderId));
    if (found.kind === 'collecting') return this.#lowered(lease, provider, found);
    if (found.kind !== 'not_found') return found;
    const settlingMs = await this.#settlingOf(provider, found.forgottenMs);
    // The time of the lease: a clock that is set forward during the call makes nothing older.
    const { atMs } = lease;
    const notFound = { kind: 'not_found', atMs, settlingMs } as const;
    if (lease.askedAtMs === null || atMs - lease.askedAtMs < settlingMs) return notFound;
    const elsewhere = await foundElsewhere(this.#options, orderId, provider.name);
    if (elsewhere !== null) return elsewhere;
    const { close } = provider;
    if (close === null) return notFound;
    const closed = await this.#call('close', lease, () => close.call(provider, orderId));
    return closed.kind === 'closed' ? notFound : closed;
  }

  /** How long "not found" may mean "not yet". After a database was put back also: as long as what we have forgotten may be paid. */
  async #settlingOf({ settlingMs }: Provider, forgottenMs = 0): Promise<number> {
    const { db, clock } = this.#options;
    const isLonger = forgottenMs > settlingMs && (await wasPutBackWithin(db, clock, forgottenMs));
    return isLonger ? forgottenMs : settlingMs;
  }

  /** A line was reported since: the provider is told to collect less, where it can. */
  async #lowered(lease: DebitLease, provider: Provider, found: Collecting): Promise<AttemptOutcome> {
    const { lower } = provider;
    const { dueMinor: amountMinor } = lease;
    if (lower === null || amountMinor === 0 || amountMinor >= found.amountMinor) return found;
    const lowered = await this.#call('lower', lease, () =>
      lower.call(provider, { ...lease.request, amountMinor }),
    );
    // Whether it was lowered only a query says, and until then it is collected as it was.
    return lowered.kind === 'paid' || lowered.kind === 'collecting' ? lowered : found;
  }

  /** The end of an attempt that is open already is left to whoever writes down that it is paid. */
  async #call<T extends DebitOutcome | QueryOutcome | CloseOutcome>(
    kind: DebitAttempt['call'],
    lease: DebitLease,
    ask: () => Promise<T>,
    inHand: InHand = { lease, open: null },
  ): Promise<T | UnknownOutcome> {
    const { db, clock, metrics } = this.#options;
    // A program that stood still since the lease looks whether it has it still.
    if (clock.nowMs() - lease.atMs > providerTimeoutMs) inHand.open = null;
    const attempt = inHand.open?.attempt ?? (await recordAttemptStart(db, clock, lease, kind));
    if (attempt === null) return unknownOf('somebody else has it in hand by now');
    const startedMs = clock.monotonicMs();
    const result = await askProvider(clock, ask);
    const tookMs = clock.monotonicMs() - startedMs;
    metrics?.providerCalled({ provider: lease.provider ?? '', call: kind, outcome: result.kind, tookMs });
    if (inHand.open !== null && result.kind === 'paid') return result;
    inHand.open = null;
    await recordAttemptEnd(db, clock, lease, attempt, result.kind);
    return result;
  }
}
