import type { Visit } from '../../core/visit/visit.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import type { EnrolmentId, VisitId } from '../../shared/ids.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { Minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';

/** Let in, and who it is; or why not, in words that the shopper can be shown. */
/** `maxMinor`: what the visit may cost, as the operator says. */
export type Authorisation =
  { readonly member: Member; readonly maxMinor?: Minor } | { readonly reason: ReasonCode };

interface AuthoriserClient {
  authorise(request: AuthoriseRequest): Promise<Result<AuthoriseReply, OperatorFailure>>;
}

export interface AuthoriserFaces {
  /** Of the face that this cabinet has of a member; null: it has none, or one from before there were any. */
  enrolmentOf(memberId: string): EnrolmentId | null;
  /** The operator knows of no face of that member here any more, so none is kept. */
  forget(memberId: string): void;
}
const noFaces: AuthoriserFaces = { enrolmentOf: () => null, forget: () => undefined };

/** What the operator has said of whoever was let in for a visit. */
interface Held {
  readonly visitId: VisitId;
  readonly phoneDigits: string | null;
  readonly mayEnrol: boolean;
}

/**
 * Asks the operator whether somebody may come in. Holds what the operator says of the member beyond the visit's own
 * record (the last digits of the phone, for a face that is enrolled) for as long as that visit lasts, and in memory only.
 */
export class Authoriser {
  readonly #client: AuthoriserClient;
  readonly #faces: AuthoriserFaces;
  #visitId: VisitId | null = null;
  #held: Held | null = null;

  constructor(client: AuthoriserClient, faces: AuthoriserFaces = noFaces) {
    this.#client = client;
    this.#faces = faces;
  }

  /** Call on each change of the visit: what was held for another one is forgotten. */
  onVisitChanged({ context: { visitId } }: Visit): void {
    this.#visitId = visitId;
    if (this.#held?.visitId !== visitId) this.#held = null;
  }

  /** Never rejects: a failure is a reason. */
  async authorise(request: AuthoriseRequest): Promise<Authorisation> {
    const reply = await this.#client.authorise(this.#withEnrolment(request));
    if (!reply.ok) return { reason: reasonOf(reply.error) };
    if (reply.value.decision === 'refused') {
      const { reason } = reply.value;
      if ('faceOf' in request && reason === 'account.face_not_enrolled') this.#faces.forget(request.faceOf);
      return { reason };
    }
    const { member, visitMaxMinor: maxMinor, phoneDigits, mayEnrol = false } = reply.value;
    // The reply may come after the visit has ended: then there is nobody to hold it for.
    if (request.visitId === this.#visitId) this.#held = { visitId: request.visitId, phoneDigits, mayEnrol };
    return { member, maxMinor };
  }

  /** The last four digits of the phone of whoever was let in for this visit; null: not known. */
  phoneDigitsOf(visitId: VisitId): string | null {
    return this.#held?.visitId === visitId ? this.#held.phoneDigits : null;
  }

  /** Whoever was let in for this visit has shown an enrolment code. */
  mayEnrolIn(visitId: VisitId): boolean {
    return this.#held?.visitId === visitId && this.#held.mayEnrol;
  }

  #withEnrolment(request: AuthoriseRequest): AuthoriseRequest {
    if (!('faceOf' in request)) return request;
    const enrolmentId = this.#faces.enrolmentOf(request.faceOf);
    return enrolmentId === null ? request : { ...request, enrolmentId };
  }
}

/** Why the shopper cannot be let in when the question itself failed. */
function reasonOf(failure: OperatorFailure): ReasonCode {
  if (failure.code === 'network.unreachable' || failure.code === 'network.timeout') return failure.code;
  return 'system.operator_error';
}
