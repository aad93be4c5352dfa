import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PhoneCallName, phoneCalls } from '../../shared/phone/calls.ts';
import type { PhoneParams, PhoneReply, PhoneRequest } from '../../shared/phone/routes.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { PurchasesOptions } from '../charges/purchases.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import type { AgreementEnds } from '../members/end-agreement.ts';
import type { SignUps } from '../members/sign-ups.ts';
import type { JudgeOptions } from '../visits/authorise.ts';
import type { QrSignIn } from '../visits/qr-sign-in.ts';
import type { PhoneCookies } from './cookies.ts';
import type { PhoneFailure } from './errors.ts';
import type { SignedInMember } from './sessions.ts';

/** What the calls of the page are made of. */
export interface PhoneParts extends PurchasesOptions, Pick<JudgeOptions, 'policy' | 'catalog'> {
  readonly random: Random;
  readonly logger: Logger;
  readonly memberCodes: MemberCodes;
  readonly qrSignIn: Pick<QrSignIn, 'look' | 'recordScan'>;
  readonly signUps: Pick<SignUps, 'ask' | 'listOf'>;
  readonly agreementEnds: Pick<AgreementEnds, 'end'>;
  readonly worker: Pick<DebitWorker, 'wake'>;
  readonly cookies: PhoneCookies;
  /** See `ComposeOptions.serviceContact`. */
  readonly contact: string | null;
  /** The address that phones reach this operator at; null: none is known, and nothing can lead back to it. */
  readonly page: () => string | null;
}

/** A request that has passed the gate, with what it says read. */
export interface PhoneCallMade<N extends PhoneCallName> {
  readonly params: PhoneParams<N>;
  readonly body: PhoneRequest<N>;
  /** Null: the call is for anybody. */
  readonly who: (typeof phoneCalls)[N]['access'] extends 'member' ? SignedInMember : null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What each call does; none is forgotten. */
export type PhoneHandlers = {
  readonly [N in PhoneCallName]: (call: PhoneCallMade<N>) => Promise<Result<PhoneReply<N>, PhoneFailure>>;
};
