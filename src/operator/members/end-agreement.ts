import { and, asc, eq, gt, inArray, isNotNull, lte, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import { agreementEndLooksMax, agreementEndWait } from '../limits.ts';
import { askProvider, unknownOf } from '../providers/ask.ts';
import type { EndedAccount } from '../providers/provider-accounts.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { SignUpEnded } from '../providers/sign-up.ts';
import { member, providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { exposureOf } from '../visits/exposure.ts';
import { listSilentEnds } from './agreement-end-incidents.ts';

export interface AgreementEndsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly providers: Pick<ProviderRegistry, 'findReal' | 'names'>;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
}

/**
 * Members end their agreements with providers. Here first, under the lock of their row, so that no door opens meanwhile; then
 * the provider is told. That it has to be told is in the database with the end: where nobody waits for its answer any more (the
 * service ended in between), it is asked until it says how it stands, a month
 * at most; people are told after a day. All state is there, so several instances may work side by
 * side.
 */
export class AgreementEnds {
  readonly #o: AgreementEndsOptions;
  readonly #loop: RetryLoop;

  constructor(options: AgreementEndsOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('agreement_end_loop_failed', { error: String(bug) }),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /**
   * A member ends one. Where the provider does not say that it has ended, it stands as before. One that is none any more has
   * ended. `conflict`: something is to be paid, a visit is open, or the provider ends it in its own app alone; `unavailable`:
   * nobody says, to be tried again.
   */
  async end(memberId: string, provider: string): Promise<Result<void, ApiFailure>> {
    const { db, clock, policy, catalog } = this.#o;
    if (!this.#canEnd(provider))
      return fail('conflict', 'it ends in the app of this provider, and is told to us from there');
    const { currency } = catalog.catalog;
    const ended = await db.transaction(async (tx) => {
      const [found] = await tx.select().from(member).where(eq(member.memberId, memberId)).for('update');
      if (found === undefined) return fail('not_found', 'no such member');
      const owed = await exposureOf(tx, clock, policy, memberId, currency);
      if (owed.sumMinor > 0 || owed.collectingCount > 0 || owed.openVisitCount > 0)
        return fail('conflict', 'not while a visit is open, or something is to be paid');
      return ok(await new StoredAccounts(tx, clock, provider).end(memberId));
    });
    if (!ended.ok) return ended;
    if (ended.value === null) return ok();
    const said = await this.#tell(provider, ended.value);
    if (said.kind === 'ended') return ok();
    if (said.kind === 'refused') return fail('conflict', 'the provider does not end it now');
    await new StoredAccounts(db, clock, provider).takeEndBack(ended.value);
    return fail('unavailable', 'the provider has not said that it has ended');
  }

  #canEnd(provider: string): boolean {
    return this.#o.providers.findReal(provider)?.signUp?.end !== undefined;
  }

  /** Tells the provider, and keeps its answer if it gives one. */
  async #tell(provider: string, account: EndedAccount): Promise<SignUpEnded> {
    const { db, clock, logger, providers } = this.#o;
    const signUp = providers.findReal(provider)?.signUp;
    const said = await askProvider<SignUpEnded>(
      clock,
      () => signUp?.end?.(account.account) ?? Promise.resolve(unknownOf('no such provider here')),
    );
    const accounts = new StoredAccounts(db, clock, provider);
    if (said.kind === 'ended') await accounts.endTold(account);
    else logger.warn('agreement_not_ended', { provider, kind: said.kind, message: said.message });
    if (said.kind === 'refused') await accounts.takeEndBack(account);
    return said;
  }

  async #turn(): Promise<number> {
    const { db, clock, logger, providers } = this.#o;
    try {
      const { memberId, provider, endDueAtMs } = providerAccount;
      // Another instance may have one that this one does not know (any more).
      const known = [...providers.names].filter((name) => this.#canEnd(name));
      const nowMs = clock.nowMs();
      // What is due later than any wait was written while the clock was ahead.
      const isDue = or(lte(endDueAtMs, nowMs), gt(endDueAtMs, nowMs + agreementEndWait.mostMs));
      const due = await db
        .select({ memberId, provider })
        .from(providerAccount)
        .where(and(isNotNull(endDueAtMs), isDue, inArray(provider, known)))
        .orderBy(asc(endDueAtMs))
        .limit(agreementEndLooksMax);
      for (const one of due) {
        const leased = await new StoredAccounts(db, clock, one.provider).leaseEnd(one.memberId);
        if (leased !== null) await this.#tell(one.provider, leased);
      }
      await listSilentEnds(db, clock);
      return due.length < agreementEndLooksMax ? agreementEndWait.leastMs : 0;
    } catch (error) {
      logger.error('agreement_end_pass_failed', { error: String(error) });
      return agreementEndWait.leastMs;
    }
  }
}
