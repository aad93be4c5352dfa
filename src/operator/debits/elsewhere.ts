import { and, eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { askProvider, unknownOf } from '../providers/ask.ts';
import type { Provider, UnknownOutcome } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { debitAttempt } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * A charge that was here before this database was put back may have been debited at another merchant than its member has in the
 * backup. So before it is asked for anew, every merchant of this program is asked. Null: none has it, or the debit in doubt is
 * one of ours, so that it is known where it went. Else nothing is asked for: it stays in doubt, and people look.
 */
export async function foundElsewhere(
  { db, clock, providers }: { readonly db: Db; readonly clock: Clock; readonly providers: ProviderRegistry },
  orderId: string,
  here: string,
): Promise<UnknownOutcome | null> {
  const others = providers.othersThan(here);
  if (others.length === 0) return null;
  const isOurs = and(eq(debitAttempt.chargeId, orderId), eq(debitAttempt.call, 'debit'));
  const ours = await db.select({ id: debitAttempt.id }).from(debitAttempt).where(isOurs).limit(1);
  if (ours.length > 0) return null;
  const found = await Promise.all(others.map((other) => lookAt(clock, other, orderId)));
  return found.find((one) => one !== null) ?? null;
}

async function lookAt(clock: Clock, provider: Provider, orderId: string): Promise<UnknownOutcome | null> {
  const { kind } = await askProvider(clock, () => provider.query(orderId));
  if (kind === 'not_found' || kind === 'declined') return null;
  return unknownOf(`${provider.name} says ${kind} of it`);
}
