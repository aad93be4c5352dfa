import { and, asc, eq, gte, isNotNull, isNull, lte, notExists, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { agreementEndGivenUpAfterMs, agreementEndLooksMax, agreementEndTellAfterMs } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { incident, providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';

const unanswered = 'agreement_end_unanswered';

/**
 * Of ends of agreements that their providers have not confirmed for long, people are told, once for each; after a month they are
 * asked no more, and people end it there. Whatever this program knows of the provider: one that was taken out of its file, too.
 */
export async function listSilentEnds(db: Db, clock: Clock): Promise<void> {
  const nowMs = clock.nowMs();
  const { changedAtMs, endDueAtMs } = providerAccount;
  const isSilent = and(isNotNull(endDueAtMs), lte(changedAtMs, nowMs - agreementEndTellAfterMs));
  // Of those that people know already, only what is given up is to be told.
  const isNews = sql`(${changedAtMs} <= ${nowMs - agreementEndGivenUpAfterMs} or not exists
    (select 1 from ${incident} i where i.kind = ${unanswered} and i.member_id = provider_account.member_id
     and i.provider = provider_account.provider and i.at_ms >= provider_account.changed_at_ms))`;
  const silent = await db
    .select()
    .from(providerAccount)
    .where(and(isSilent, isNews))
    .orderBy(asc(changedAtMs))
    .limit(agreementEndLooksMax);
  for (const end of silent) {
    const isGivenUp = end.changedAtMs <= nowMs - agreementEndGivenUpAfterMs;
    await db.transaction((tx) => (isGivenUp ? giveUp(tx, clock, end) : tellOnce(tx, clock, end)));
  }
  await closeAnswered(db, clock);
}

type Account = typeof providerAccount.$inferSelect;

async function tellOnce(tx: Db, clock: Clock, { memberId, provider, changedAtMs }: Account): Promise<void> {
  const isIt = and(eq(providerAccount.memberId, memberId), eq(providerAccount.provider, provider));
  // Two instances see it at the same moment.
  const [account] = await tx.select().from(providerAccount).where(isIt).for('update');
  if (account?.endDueAtMs == null || account.changedAtMs !== changedAtMs) return;
  const isTold = and(
    eq(incident.kind, unanswered),
    eq(incident.memberId, memberId),
    eq(incident.provider, provider),
    gte(incident.atMs, changedAtMs),
  );
  if ((await tx.$count(incident, isTold)) > 0) return;
  const detail = `${provider}: ended here, and the provider has not said so; it is asked again`;
  await addIncident(tx, clock, unanswered, '', null, detail, { memberId, provider });
}

async function giveUp(tx: Db, clock: Clock, end: Account): Promise<void> {
  const { memberId, provider } = end;
  if (!(await new StoredAccounts(tx, clock, provider).endTold(end))) return;
  const detail = `${provider}: ended here, and the provider is asked no more; end it there`;
  await addIncident(tx, clock, 'agreement_end_given_up', '', null, detail, { memberId, provider });
}

/** Whoever has told of it meanwhile: nothing is to be asked any more. */
async function closeAnswered(db: Db, clock: Clock): Promise<void> {
  const stillDue = db
    .select({ one: sql`1` })
    .from(providerAccount)
    .where(
      and(
        eq(providerAccount.memberId, incident.memberId),
        eq(providerAccount.provider, incident.provider),
        isNotNull(providerAccount.endDueAtMs),
      ),
    );
  const resolution = 'the provider is asked no more';
  await db
    .update(incident)
    .set({ actor: 'operator', resolution, resolvedAtMs: clock.nowMs() })
    .where(and(eq(incident.kind, unanswered), isNull(incident.resolvedAtMs), notExists(stillDue)));
}
