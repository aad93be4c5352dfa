import type { Visit } from '../../core/visit/visit.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';

/** Let in, and who it is; or why not, in words that the shopper can be shown. */
export type Authorisation = { readonly member: Member } | { readonly reason: ReasonCode };

/**
 * Asks the operator whether somebody may come in. Holds what the operator says of the member beyond the visit's own
 * record (the last digits of the phone, for a face that is enrolled) for as long as that visit lasts, and in memory only.
 */
export class Authoriser {
  readonly #client: {
    authorise(request: AuthoriseRequest): Promise<Result<AuthoriseReply, OperatorFailure>>;
  };
  #visitId: VisitId | null = null;
  #held: { readonly visitId: VisitId; readonly phoneDigits: string | null } | null = null;

  constructor(client: {
    authorise(request: AuthoriseRequest): Promise<Result<AuthoriseReply, OperatorFailure>>;
  }) {
    this.#client = client;
  }

  /** Call on each change of the visit: what was held for another one is forgotten. */
  onVisitChanged({ context: { visitId } }: Visit): void {
    this.#visitId = visitId;
    if (this.#held?.visitId !== visitId) this.#held = null;
  }

  /** Never rejects: a failure is a reason. */
  async authorise(request: AuthoriseRequest): Promise<Authorisation> {
    const reply = await this.#client.authorise(request);
    if (!reply.ok) return { reason: reasonOf(reply.error) };
    if (reply.value.decision === 'refused') return { reason: reply.value.reason };
    const { member, phoneDigits } = reply.value;
    // The reply may come after the visit has ended: then there is nobody to hold it for.
    if (request.visitId === this.#visitId) this.#held = { visitId: request.visitId, phoneDigits };
    return { member };
  }

  /** The last four digits of the phone of whoever was let in for this visit; null: not known. */
  phoneDigitsOf(visitId: VisitId): string | null {
    return this.#held?.visitId === visitId ? this.#held.phoneDigits : null;
  }
}

/** Why the shopper cannot be let in when the question itself failed. */
function reasonOf(failure: OperatorFailure): ReasonCode {
  if (failure.code === 'network.unreachable' || failure.code === 'network.timeout') return failure.code;
  return 'system.operator_error';
}
