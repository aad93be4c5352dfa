import { eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import { providerTimeoutMs } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { exposureOf } from '../visits/exposure.ts';

export interface EndOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly providers: Pick<ProviderRegistry, 'findReal'>;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
}

/**
 * A member ends their agreement with a provider. Here first, under the lock of their row, so that no door opens meanwhile; then
 * the provider is told, and where it does not say that it has ended, it stands as before. One that is none any more has ended.
 * `conflict`: something is to be paid, a visit is open, or the provider ends it in its own app alone; `unavailable`: nobody
 * says, to be tried again.
 */
export async function endAgreement(
  { db, clock, logger, providers, policy, catalog }: EndOptions,
  memberId: string,
  provider: string,
): Promise<Result<void, ApiFailure>> {
  const signUp = providers.findReal(provider)?.signUp;
  if (signUp?.end === undefined)
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
  const asked = await withTimeout(clock, providerTimeoutMs, signUp.end(ended.value.account));
  const said = asked.ok ? asked.value : ({ kind: 'unknown', message: 'no answer' } as const);
  if (said.kind === 'ended') return ok();
  logger.warn('agreement_not_ended', { provider, message: said.message });
  await new StoredAccounts(db, clock, provider).takeEndBack(ended.value);
  return said.kind === 'refused'
    ? fail('conflict', 'the provider does not end it now')
    : fail('unavailable', 'the provider has not said that it has ended');
}
