import { isUnheard } from '../../core/identity/offline-admission.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import type { EnrolmentId, VisitId } from '../../shared/ids.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { OfflineAdmission } from '../../shared/model/offline-policy.schema.ts';
import type { Minor } from '../../shared/money.ts';
import { type Result, ok } from '../../shared/result.ts';
import { type Logger, silentLogger } from '../../shared/util/logger.ts';
import type { VisitClosings } from '../charges/visit-closings.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import type { OfflineEntry } from './offline-entry.ts';

/** Let in, and who it is; or why not, in words that the shopper can be shown. */
/** `maxMinor`: what the visit may cost, as the operator says. `admission`: the cabinet has decided by itself, offline. */
export type Authorisation =
  | { readonly member: Member; readonly maxMinor?: Minor; readonly admission?: OfflineAdmission }
  | { readonly reason: ReasonCode };

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

/** Who decides while nobody can ask the operator. */
export type AuthoriserOffline = Pick<
  OfflineEntry,
  'isCutOff' | 'hasPolicy' | 'admit' | 'asking' | 'notAsked' | 'heard' | 'isUsedUp'
>;

/** Where it is put down which visits the operator is asked about, so that it hears how each has ended. */
export type AuthoriserClosings = Pick<VisitClosings, 'expect' | 'forget' | 'present'>;
const noClosings: AuthoriserClosings = { expect: () => ok(), forget: () => ok(), present: () => ok() };

/** What the operator has said of whoever was let in for a visit. */
interface Held {
  readonly visitId: VisitId;
  readonly phoneDigits: string | null;
  readonly mayEnrol: boolean;
}

/**
 * Asks the operator whether somebody may come in; the cabinet's own judgement while nobody who is known to be the operator
 * answers. A question that got no answer may have arrived all the same: what is decided here is about the same visit, so that
 * whatever the operator has decided there, it is one. Holds what the operator says of the member beyond the visit's own
 * record (the last digits of the phone, for a face that is enrolled) for as long as that visit lasts, and in memory only.
 */
export class Authoriser {
  readonly #client: AuthoriserClient;
  readonly #faces: AuthoriserFaces;
  readonly #offline: AuthoriserOffline | null;
  readonly #closings: AuthoriserClosings;
  readonly #logger: Logger;
  #visitId: VisitId | null = null;
  #held: Held | null = null;

  constructor(
    client: AuthoriserClient,
    faces: AuthoriserFaces = noFaces,
    offline: AuthoriserOffline | null = null,
    closings: AuthoriserClosings = noClosings,
    logger: Logger = silentLogger,
  ) {
    this.#client = client;
    this.#faces = faces;
    this.#offline = offline;
    this.#closings = closings;
    this.#logger = logger;
  }

  /** Call on each change of the visit: what was held for another one is forgotten. */
  onVisitChanged({ context: { visitId } }: Visit): void {
    this.#visitId = visitId;
    if (this.#held?.visitId !== visitId) this.#held = null;
    this.#note(this.#closings.present(visitId));
  }

  /** Never rejects: a failure is a reason. */
  async authorise(asked: AuthoriseRequest): Promise<Authorisation> {
    const request = this.#withEnrolment(asked);
    const { visitId, chargeId } = request;
    // The operator need not know yet whom the code has let in here while it could not be asked: it is not asked by another visit.
    const used = this.#offline?.isUsedUp(request) ?? ok(false);
    if (!used.ok) return { reason: 'system.storage_fault' };
    if (used.value) return { reason: 'account.code_replayed' };
    const offline = this.#offlineFor(request);
    // Known already: nobody waits for an answer that does not come. But the network may be back, and this the first to notice:
    // who is refused without it is asked about all the same.
    const alone = offline?.isCutOff === true ? offline.admit(request) : null;
    if (alone !== null && !('reason' in alone)) return alone;
    if (chargeId !== undefined) this.#note(this.#closings.expect(visitId, chargeId));
    this.#offline?.asking(request);
    const reply = await this.#client.authorise(request);
    if (!reply.ok) {
      const { code } = reply.error;
      // Anything else may have been allowed all the same.
      if (code === 'network.unreachable') {
        this.#offline?.notAsked(request);
        this.#note(this.#closings.forget(visitId));
      }
      return offline !== null && isUnheard(code) ? offline.admit(request) : { reason: reasonOf(reply.error) };
    }
    this.#offline?.heard(request, reply.value);
    if (reply.value.decision === 'refused') {
      this.#note(this.#closings.forget(visitId));
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

  /** Null: nobody but the operator decides; "my data" is the operator's alone. */
  #offlineFor(request: AuthoriseRequest): AuthoriserOffline | null {
    const isForDoor = 'faceOf' in request || request.purpose === 'visit';
    return isForDoor && this.#offline?.hasPolicy === true ? this.#offline : null;
  }

  /** A disk that takes nothing lets no bolt move either; what is missing here the operator finds by the silence. */
  #note(result: Result<unknown, { readonly code: string }>): void {
    if (!result.ok) this.#logger.error('closing.not_noted', { error: result.error });
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
