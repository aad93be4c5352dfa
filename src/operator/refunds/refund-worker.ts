import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { refundEveryMs, refundsMax } from '../limits.ts';
import type { Metrics } from '../operations/metrics.ts';
import { askProvider, unknownOf } from '../providers/ask.ts';
import type { UnknownOutcome } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Db } from '../storage/storage.ts';
import type { RefundAnswer } from './refund-life.ts';
import { planRefunds } from './refund-plan.ts';
import type { RefundLease } from './refund-records.ts';
import { dueRefunds, isOurs, leaseRefund, recordAnswer, whatThereIs } from './refund-records.ts';

export interface RefundWorkerOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  /** In [0, 1); for the back-off. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Is told of each call to a provider that has ended. */
  readonly metrics: Pick<Metrics, 'providerCalled'>;
}

/**
 * Pays back what is due without a doubt (refund-plan.ts). All state is in the database, as that of debits is: the number of a
 * refund is there before anybody is asked, the provider is asked how it stands before it is asked for it, and an answer counts
 * only while its lease is the last one. So several instances may work side by side, and each may die at any moment.
 */
export class RefundWorker {
  readonly #o: RefundWorkerOptions;
  readonly #loop: RetryLoop;

  constructor(options: RefundWorkerOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('refund_loop_failed', { error: String(bug) }),
    });
  }

  start(): void {
    this.#loop.start(refundEveryMs);
  }

  /** Something is due now. */
  wake(): void {
    this.#loop.wake();
  }

  /** Takes no more work, and waits for what runs: each call has its bound. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(): Promise<number> {
    try {
      const count = await this.#pass();
      return count < refundsMax ? refundEveryMs : 0;
    } catch (error) {
      this.#o.logger.error('refund_pass_failed', { error: String(error) });
      return refundEveryMs;
    }
  }

  /** One look at what is due, a few at once; answers how many were. */
  async #pass(): Promise<number> {
    const { db, clock, providers } = this.#o;
    // Mostly there is nothing, and whether that is so is soon asked.
    const { isListed, isOut } = await whatThereIs(db);
    const planned = isListed ? await planRefunds(db, clock, providers.payingBack) : 0;
    const due = isOut || planned > 0 ? await dueRefunds(db, clock) : [];
    await Promise.all(due.map((refundId) => this.#attempt(refundId)));
    return Math.max(planned, due.length);
  }

  async #attempt(refundId: string): Promise<void> {
    const { db, clock, random, logger } = this.#o;
    const lease = await leaseRefund(db, clock, refundId);
    if (lease === null) return;
    const answer = await this.#ask(lease);
    const taken = await recordAnswer(db, clock, random(), lease, answer);
    logger.info('refund', { refundId, outcome: answer.kind, taken });
  }

  /** Whether it is there already is asked first, each time: after a restore it may be, though nobody here remembers. */
  async #ask(lease: RefundLease): Promise<RefundAnswer> {
    const { request, provider: name } = lease;
    const provider = this.#o.providers.findPayingBack(name);
    if (provider === null) return { kind: 'not_sent', message: `no provider ${name} in this program` };
    const found = await this.#call('find_refund', name, () => provider.findRefund(request));
    if (found.kind !== 'not_found') return found;
    // This process may have stood still for longer than its lease.
    if (!(await isOurs(this.#o.db, lease))) return unknownOf('somebody else has it in hand by now');
    return this.#call('refund', name, () => provider.refund(request));
  }

  async #call<T extends { readonly kind: string }>(
    call: 'refund' | 'find_refund',
    provider: string,
    ask: () => Promise<T>,
  ): Promise<T | UnknownOutcome> {
    const { clock, metrics } = this.#o;
    const startedMs = clock.monotonicMs();
    const outcome = await askProvider(clock, ask);
    metrics.providerCalled({
      ...{ provider, call, outcome: outcome.kind },
      tookMs: clock.monotonicMs() - startedMs,
    });
    return outcome;
  }
}
