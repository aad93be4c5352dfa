import { asc, isNotNull, min } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { AttemptOutcome } from './debit-life.ts';
import type { DebitAttempt, DebitLease } from './debit-store.ts';
import {
  isAccountNew,
  isDueAt,
  leaseCharge,
  recordAttemptEnd,
  recordAttemptStart,
  recordOutcome,
} from './debit-store.ts';
import {
  closeWaitMs,
  debitConcurrencyMax,
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
import type { ProviderRegistry } from '../providers/registry.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

type Collecting = Extract<QueryOutcome, { kind: 'collecting' }>;
type Debit = (request: DebitRequest) => Promise<DebitOutcome>;

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
  readonly #running = new Map<string, Promise<void>>();
  readonly #loop: RetryLoop;
  /** Monotonic time at which it was last seen to go round, ms. */
  #turnedAtMs = 0;

  constructor(options: DebitWorkerOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('debit_loop_failed', { error: String(bug) }),
      sleepMaxMs: workerPollMaxMs,
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

  /** Tries this charge now if it is due and there is room. Resolves when the try has ended; never rejects. */
  attempt(chargeId: string): Promise<void> {
    const running = this.#running.get(chargeId);
    if (running !== undefined) return running;
    return this.#hasRoom ? this.#run(chargeId, this.#attempt(chargeId)) : Promise.resolve();
  }

  /**
   * The member pays this charge now: the same order number under the same lease as the retries, so that all of them are one debit. `pay`
   * asks the provider. Resolves when it has ended; false: not now, for an attempt is out or in doubt, or nothing is being collected.
   */
  async payment(chargeId: string, pay: Debit): Promise<boolean> {
    if (this.#running.has(chargeId) || !this.#hasRoom) return false;
    let asked = false;
    const debit: Debit = (request) => {
      asked = true;
      return pay(request);
    };
    await this.#run(chargeId, this.#attempt(chargeId, 'payment', debit));
    return asked;
  }

  get #hasRoom(): boolean {
    return this.#loop.running && this.#running.size < debitConcurrencyMax;
  }

  #run(chargeId: string, work: Promise<void>): Promise<void> {
    const attempt = work.then(
      () => {
        this.#running.delete(chargeId);
        this.wake();
      },
      (error: unknown) => {
        // No wake: what fails here (the database) would fail again at once; the next poll tries.
        this.#running.delete(chargeId);
        this.#options.logger.error('debit_attempt_failed', { chargeId, error: String(error) });
      },
    );
    this.#running.set(chargeId, attempt);
    return attempt;
  }

  /** Charges that are with the provider right now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Takes no more work and waits `closeWaitMs` for what runs. */
  async stop(): Promise<void> {
    const ended = Promise.all([this.#loop.stop(), ...this.#running.values()]);
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

  /** Starts what is due and says after how many ms to look again. */
  async #startDue(): Promise<number> {
    const { db, clock } = this.#options;
    const room = debitConcurrencyMax - this.#running.size;
    if (room <= 0) return workerPollMaxMs; // the end of an attempt wakes it
    const due = await db
      .select({ chargeId: charge.chargeId })
      .from(charge)
      .where(isDueAt(clock.nowMs()))
      .orderBy(asc(charge.nextAttemptAtMs))
      .limit(debitConcurrencyMax);
    const another = await db
      .select({ chargeId: charge.chargeId })
      .from(charge)
      .where(isAccountNew(db, clock.nowMs()))
      .limit(debitConcurrencyMax);
    for (const { chargeId } of [...due, ...another]) void this.attempt(chargeId);
    if (due.length > 0) return workerPollMaxMs;
    const [next] = await db
      .select({ atMs: min(charge.nextAttemptAtMs) })
      .from(charge)
      .where(isNotNull(charge.nextAttemptAtMs));
    const atMs = next?.atMs ?? null;
    return atMs === null ? workerPollMaxMs : atMs - clock.nowMs();
  }

  async #attempt(chargeId: string, purpose: 'due' | 'payment' = 'due', debit?: Debit): Promise<void> {
    const { db, clock, providers, random, timeZone, logger } = this.#options;
    const lease = await leaseCharge(db, clock, chargeId, purpose, timeZone);
    if (lease === null) return;
    const provider = providers.find(lease.provider);
    const outcome = await this.#debitOrQuery(lease, provider, debit);
    const taken = await recordOutcome(db, clock, random(), lease, outcome, timeZone);
    logger.info('debit_attempt', { chargeId, outcome: outcome.kind, taken });
  }

  async #debitOrQuery(lease: DebitLease, provider: Provider | null, debit?: Debit): Promise<AttemptOutcome> {
    const message = `no provider ${lease.provider ?? ''} in this program`;
    if (provider === null) return { kind: lease.wasInDoubt ? 'unknown' : 'not_sent', message };
    if (lease.wasInDoubt) return this.#settle(lease, provider);
    const outcome = await this.#call('debit', lease, () =>
      (debit ?? provider.debit.bind(provider))(lease.request),
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
    const { settlingMs } = provider;
    const found = await this.#call('query', lease, () => provider.query(orderId));
    if (found.kind === 'collecting') return this.#lowered(lease, provider, found);
    if (found.kind !== 'not_found') return found;
    // The time of the lease: a clock that is set forward during the call makes nothing older.
    const { atMs } = lease;
    const notFound = { kind: 'not_found', atMs, settlingMs } as const;
    const { close } = provider;
    if (close === null || lease.askedAtMs === null || atMs - lease.askedAtMs < settlingMs) return notFound;
    const closed = await this.#call('close', lease, () => close.call(provider, orderId));
    return closed.kind === 'closed' ? notFound : closed;
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

  async #call<T extends DebitOutcome | QueryOutcome | CloseOutcome>(
    kind: DebitAttempt['call'],
    lease: DebitLease,
    ask: () => Promise<T>,
  ): Promise<T | UnknownOutcome> {
    const { db, clock, metrics } = this.#options;
    const attempt = await recordAttemptStart(db, clock, lease, kind);
    if (attempt === null) return unknownOf('somebody else has it in hand by now');
    const call = async (): Promise<T> => ask();
    const startedMs = clock.monotonicMs();
    const outcome = await withTimeout(clock, providerTimeoutMs, call().catch(asUnknown));
    const result = outcome.ok ? outcome.value : unknownOf(outcome.error.message);
    const tookMs = clock.monotonicMs() - startedMs;
    metrics?.providerCalled({ provider: lease.provider ?? '', call: kind, outcome: result.kind, tookMs });
    await recordAttemptEnd(db, clock, lease, attempt, result.kind);
    return result;
  }
}

const unknownOf = (message: string): UnknownOutcome => ({ kind: 'unknown', message });
const asUnknown = (error: unknown): UnknownOutcome => unknownOf(`the adapter failed: ${String(error)}`);
