import { createHmac } from 'node:crypto';
import { and, eq, inArray } from 'drizzle-orm';
import { phonePagePath, phonePlaces } from '../../shared/phone/calls.ts';
import { fail, ok } from '../../shared/result.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { Turns } from '../http/turns.ts';
import { newToken } from '../http/tokens.ts';
import { providerTimeoutMs } from '../limits.ts';
import type { RealProvider } from '../providers/provider.ts';
import type { SignsIn } from '../providers/signs-in.ts';
import { providerAccount } from '../storage/schema.ts';
import { tooMany } from '../http/page-errors.ts';
import type { PhoneHandlers, PhoneParts } from './handlers.ts';
import { providerAsks } from './limits.ts';
import { signIn } from './session-handlers.ts';

type ProviderCalls = Pick<PhoneHandlers, 'welcome' | 'beginProvider' | 'endProvider'>;

/**
 * Signing in with the account by which one pays: the provider leads back with a code, and says whose it is. That has to be the
 * account of a member's valid agreement; nobody becomes a member by this. What binds the way there to the way back is in the
 * browser alone, so that strangers fill nothing here: a secret in a cookie, and a text made of it that goes by the provider.
 */
export function providerHandlers(parts: PhoneParts): ProviderCalls {
  const { db, clock, cookies, page, contact } = parts;
  const asks = new Turns(providerAsks);
  const those = signingInOf(parts);
  return {
    welcome: () =>
      Promise.resolve(
        ok({
          // Where nobody has said at which address this page is, no provider can lead back to it.
          providers:
            page() === null ? [] : those.map(({ provider, signsIn: { app } }) => ({ provider, app })),
          contact,
        }),
      ),
    beginProvider: ({ body, request, reply }) => {
      const found = those.find(({ provider }) => provider === body.provider);
      const address = page();
      if (found === undefined || address === null)
        return Promise.resolve(fail('conflict', 'nobody signs in by this provider here'));
      const secret = newToken();
      cookies.give(request, reply, 'way', secret);
      const redirectUrl = new URL(phonePagePath + phonePlaces.provider, address).href;
      const url = found.signsIn.urlOf({ state: stateOf(secret, found.provider), redirectUrl });
      return Promise.resolve(ok({ url }));
    },
    endProvider: async (call) => {
      const { body, request, reply } = call;
      const secret = cookies.read(request, 'way');
      cookies.take(request, reply, 'way');
      const found = those.find(({ provider }) => secret !== null && stateOf(secret, provider) === body.state);
      if (found === undefined) return ok({ signedIn: false, reason: 'not_begun' });
      const { provider, signsIn } = found;
      const asked = await asks.take(() =>
        withTimeout(clock, providerTimeoutMs, signsIn.accountOf(body.code)),
      );
      if (asked === null) return tooMany(1);
      const said = asked.value.ok ? asked.value.value : ({ kind: 'unknown', message: 'no answer' } as const);
      if (said.kind === 'unknown') {
        parts.logger.warn('phone_sign_in_unknown', { provider, message: said.message });
        return ok({ signedIn: false, reason: 'provider_away' });
      }
      if (said.kind === 'declined') return ok({ signedIn: false, reason: 'declined' });
      const isTheirs = and(
        eq(providerAccount.provider, provider),
        eq(providerAccount.agreement, 'valid'),
        said.kind === 'account'
          ? eq(providerAccount.account, said.account)
          : inArray(providerAccount.payer, [...said.payers]),
      );
      const members = await db
        .select({ memberId: providerAccount.memberId })
        .from(providerAccount)
        .where(isTheirs)
        .limit(2);
      const [one] = members;
      // Of two nobody can say which.
      if (one === undefined || members.length > 1) return ok({ signedIn: false, reason: 'unknown_account' });
      return ok(await signIn(parts, call, one.memberId));
    },
  };
}

interface SigningIn {
  readonly provider: string;
  readonly signsIn: SignsIn;
}

function signingInOf({ providers }: PhoneParts): readonly SigningIn[] {
  const real: readonly (RealProvider | null)[] = providers.names.map((name) => providers.findReal(name));
  return real.flatMap((one) =>
    one?.signsIn === undefined ? [] : [{ provider: one.name, signsIn: one.signsIn }],
  );
}

/** In hex: WeChat takes letters and digits alone. Whoever sees it (a log of the provider's) cannot make another one of it, nor is it good in another browser. */
function stateOf(secret: string, provider: string): string {
  return createHmac('sha256', secret).update(`kaimen sign-in ${provider}`).digest('hex');
}
