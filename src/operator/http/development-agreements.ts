import { asc, eq } from 'drizzle-orm';
import { ok } from '../../shared/result.ts';
import type { SignUps } from '../members/sign-ups.ts';
import { providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { DevelopmentHandlers } from './development-calls.ts';

export type AgreementCalls = Pick<DevelopmentHandlers, 'askSignUp' | 'agreements'>;

/** How a member agrees with a merchant, and how they stand with each. */
export function makeAgreementCalls({
  db,
  signUps,
}: {
  readonly db: Db;
  readonly signUps: Pick<SignUps, 'ask' | 'listOf'>;
}): AgreementCalls {
  return {
    askSignUp: ({ params: { memberId }, body: { provider } }) => signUps.ask(memberId, provider),
    agreements: async ({ params: { memberId } }) => {
      const { provider, agreement, changedAtMs } = providerAccount;
      const accounts = await db
        .select({ provider, agreement, changedAtMs })
        .from(providerAccount)
        .where(eq(providerAccount.memberId, memberId))
        .orderBy(asc(provider));
      return ok({ accounts, signUps: [...(await signUps.listOf(memberId))] });
    },
  };
}
