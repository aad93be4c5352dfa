import {
  type SQL,
  and,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  notExists,
  notInArray,
  or,
  sql,
} from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { lockNamedThing } from '../storage/locks.ts';
import { agreementEndWait } from '../limits.ts';
import type { Clock } from '../../shared/clock.ts';
import { charge, member, providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { AgreementState } from './provider.ts';
import type { ProviderRegistry } from './registry.ts';

/** A member's account at a provider. */
export interface ProviderAccount {
  readonly memberId: string;
  /** As the provider names it (an openid, a credit agreement, a customer and its means): the adapter reads it. */
  readonly account: string;
  readonly agreement: AgreementState;
}

/** As it was when it was ended here. */
export type EndedAccount = Pick<
  typeof providerAccount.$inferSelect,
  'memberId' | 'account' | 'changedAtMs' | 'saidSinceMs'
>;

/** Whose money an adapter may ask for. */
export interface ProviderAccounts {
  /** Null: this member has never had one at this provider. */
  find(memberId: string): Promise<ProviderAccount | null>;
}

/**
 * Whose door stays shut because nobody could be asked for what they take, in a question about members: their provider is none
 * of this operator, or it wants an agreement and theirs is not valid.
 */
export function cannotBeAsked(
  db: Db,
  { names, namesWithAgreement }: Pick<ProviderRegistry, 'names' | 'namesWithAgreement'>,
): SQL | undefined {
  const isTheirs = and(
    eq(providerAccount.memberId, member.memberId),
    eq(providerAccount.provider, member.provider),
    eq(providerAccount.agreement, 'valid'),
  );
  const agreed = db
    .select({ one: sql`1` })
    .from(providerAccount)
    .where(isTheirs);
  return or(
    notInArray(member.provider, [...names]),
    and(inArray(member.provider, [...namesWithAgreement]), notExists(agreed)),
  );
}

/** The accounts of one provider in the database. */
export class StoredAccounts implements ProviderAccounts {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #provider: string;

  constructor(db: Db, clock: Clock, provider: string) {
    this.#db = db;
    this.#clock = clock;
    this.#provider = provider;
  }

  async find(memberId: string): Promise<ProviderAccount | null> {
    const [row] = await this.#db.select().from(providerAccount).where(this.#isOf(memberId));
    return row ?? null;
  }

  /**
   * Before an account becomes a member's: whether another member agrees by it now, at this merchant or at another one. An
   * account is one member's; nobody else does the same until the end of the transaction.
   */
  async isOfAnother(memberId: string, account: string): Promise<boolean> {
    await lockNamedThing(this.#db, `account ${account}`);
    const isAnothers = and(
      eq(providerAccount.account, account),
      eq(providerAccount.agreement, 'valid'),
      ne(providerAccount.memberId, memberId),
    );
    return (await this.#db.select().from(providerAccount).where(isAnothers).limit(1)).length > 0;
  }

  /**
   * The account of a member, or what has become of it. The same again changes nothing: a change has debts asked for anew.
   * `isNew`: the member has agreed just now, `sinceMs` as in `setAgreement`. Then the same account is another agreement, of which
   * the end of the one before may never have been heard.
   */
  async put(
    { memberId, account, agreement }: ProviderAccount,
    {
      isNew = false,
      sinceMs = null,
      payer = null,
    }: {
      readonly isNew?: boolean;
      readonly sinceMs?: number | null;
      readonly payer?: string | null;
    } = {},
  ): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await this.#askedBefore(eq(charge.memberId, memberId), nowMs);
    const isAnother = sql`${providerAccount.account} <> ${account} or ${providerAccount.agreement} <> ${agreement}`;
    const changed = { account, agreement, changedAtMs: nowMs, endDueAtMs: null };
    await this.#db
      .insert(providerAccount)
      .values({ memberId, provider: this.#provider, ...changed, payer, saidSinceMs: sinceMs })
      .onConflictDoUpdate({
        target: [providerAccount.memberId, providerAccount.provider],
        // What was said of another account says nothing of this one.
        set: {
          ...changed,
          // Who has agreed by an account stays who they are.
          payer: sql`case when ${providerAccount.account} = ${account}
            then coalesce(${payer}::text, ${providerAccount.payer}) else ${payer}::text end`,
          saidSinceMs: sql`case when ${providerAccount.account} = ${account}
            then greatest(${providerAccount.saidSinceMs}, ${sinceMs}::bigint) else ${sinceMs}::bigint end`,
        },
        ...(!isNew && { setWhere: isAnother }),
      });
  }

  /**
   * The provider says how this account stands, and since when by its clock (wall time, ms; null: it does not say). Such words
   * overtake each other, and come again days later: one of before the last that is known changes nothing. One that is good since
   * after it was last known to be good has ended in between, unheard. Where it was one member's and is another's since, it
   * becomes valid for the later one alone.
   */
  async setAgreement(
    account: string,
    agreement: AgreementState,
    sinceMs: number | null = null,
  ): Promise<void> {
    const { provider, changedAtMs, saidSinceMs } = providerAccount;
    const isOther = ne(providerAccount.agreement, agreement);
    const isAnother = sinceMs === null ? isOther : or(isOther, lt(changedAtMs, sinceMs));
    const nowMs = this.#clock.nowMs();
    const isIt = and(eq(provider, this.#provider), eq(providerAccount.account, account));
    const whose = this.#db.select({ memberId: providerAccount.memberId }).from(providerAccount).where(isIt);
    await this.#askedBefore(inArray(charge.memberId, whose), nowMs);
    const isLater = sinceMs === null ? undefined : or(isNull(saidSinceMs), lte(saidSinceMs, sinceMs));
    const later = alias(providerAccount, 'later');
    const isLaters = and(
      eq(later.provider, provider),
      eq(later.account, providerAccount.account),
      ne(later.memberId, providerAccount.memberId),
      gt(later.changedAtMs, changedAtMs),
    );
    const isLast =
      agreement === 'valid'
        ? notExists(
            this.#db
              .select({ one: sql`1` })
              .from(later)
              .where(isLaters),
          )
        : undefined;
    await this.#db
      .update(providerAccount)
      .set({
        agreement,
        // How it stands there is told: nothing is left to be asked.
        endDueAtMs: null,
        changedAtMs: sql`case when ${isAnother} then ${nowMs} else ${changedAtMs} end`,
        ...(sinceMs === null ? {} : { saidSinceMs: sinceMs }),
      })
      .where(and(isIt, isLater, isLast));
  }

  /**
   * A member ends their agreement here, before the provider is told, which is on record with it: from now on no door opens by it.
   * Null: there is none that is valid, and the provider knows.
   */
  async end(memberId: string): Promise<EndedAccount | null> {
    const nowMs = this.#clock.nowMs();
    const { agreement, endDueAtMs } = providerAccount;
    const [ended] = await this.#db
      .update(providerAccount)
      .set({ agreement: 'ended', changedAtMs: nowMs, endDueAtMs: nowMs + agreementEndWait.leastMs })
      .where(and(this.#isOf(memberId), or(eq(agreement, 'valid'), isNotNull(endDueAtMs))))
      .returning();
    return ended ?? null;
  }

  /** One of which the provider is to be told now, and by nobody else for a while; null: somebody has, or is at it. */
  async leaseEnd(memberId: string): Promise<EndedAccount | null> {
    const { leastMs, mostMs } = agreementEndWait;
    const { changedAtMs, endDueAtMs } = providerAccount;
    const nowMs = this.#clock.nowMs();
    const isDue = or(lte(endDueAtMs, nowMs), gt(endDueAtMs, nowMs + mostMs));
    const waitMs = sql`least(greatest(${nowMs}::bigint - ${changedAtMs}, ${leastMs}::bigint), ${mostMs}::bigint)`;
    const [leased] = await this.#db
      .update(providerAccount)
      .set({ endDueAtMs: sql`${nowMs}::bigint + ${waitMs}` })
      .where(and(this.#isOf(memberId), isDue))
      .returning();
    return leased ?? null;
  }

  /** The provider has ended it, too, or is asked no more; false: something else was heard of it meanwhile. */
  async endTold(ended: EndedAccount): Promise<boolean> {
    const isDue = and(this.#isSame(ended), isNotNull(providerAccount.endDueAtMs));
    const told = await this.#db.update(providerAccount).set({ endDueAtMs: null }).where(isDue).returning();
    return told.length > 0;
  }

  /** The provider has not ended it: it stands as before, unless something else was heard of it meanwhile. */
  async takeEndBack(ended: EndedAccount): Promise<void> {
    await this.#db
      .update(providerAccount)
      .set({ agreement: 'valid', changedAtMs: this.#clock.nowMs(), endDueAtMs: null })
      .where(this.#isSame(ended));
  }

  #isOf(memberId: string): SQL | undefined {
    return and(eq(providerAccount.memberId, memberId), eq(providerAccount.provider, this.#provider));
  }

  #isSame({ memberId, account, changedAtMs, saidSinceMs }: EndedAccount): SQL | undefined {
    return and(
      this.#isOf(memberId),
      eq(providerAccount.account, account),
      eq(providerAccount.agreement, 'ended'),
      eq(providerAccount.changedAtMs, changedAtMs),
      saidSinceMs === null
        ? isNull(providerAccount.saidSinceMs)
        : eq(providerAccount.saidSinceMs, saidSinceMs),
    );
  }

  /**
   * What these members were asked for by now was asked before now, also where the clock was ahead then: else nobody would see
   * until that time that the account has changed since (`isAccountNew`).
   */
  async #askedBefore(whose: SQL, nowMs: number): Promise<void> {
    const isAhead = and(eq(charge.provider, this.#provider), gte(charge.askedAtMs, nowMs));
    await this.#db
      .update(charge)
      .set({ askedAtMs: nowMs - 1 })
      .where(and(whose, isAhead, ne(charge.state, 'paid')));
  }
}
