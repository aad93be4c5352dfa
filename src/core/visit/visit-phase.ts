import { assert, unreachable } from '../../shared/assert.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { VisitPurpose } from '../../shared/model/visit.ts';
import type { BaselineInventory } from '../recognition/inventory.ts';
import type { Credential, Visit, VisitContext } from './visit-model.ts';

type Bill = NonNullable<VisitContext['bill']>;
export type NothingChargedReason = NonNullable<VisitContext['nothingChargedReason']>;

/** A visit that the operator has allowed. */
interface AllowedVisit {
  readonly visitId: VisitId;
  readonly chargeId: ChargeId;
  readonly member: Member;
}

/** What a visit is about, by phase: each field is there where it has a meaning, and nowhere else. */
export type VisitPhase =
  /** Nobody is here, or not known yet. */
  | { readonly phase: 'none' }
  | { readonly phase: 'identifying'; readonly purpose: VisitPurpose }
  | { readonly phase: 'refused'; readonly purpose: VisitPurpose; readonly reason: ReasonCode }
  /** The operator is asked. */
  | {
      readonly phase: 'authorising';
      readonly visitId: VisitId;
      readonly chargeId: ChargeId;
      readonly credential: Credential;
    }
  /** "My data" of whom the operator named, or of whom the cabinet itself recognised while there is no network. */
  | ({ readonly phase: 'account' } & (
      | { readonly by: 'code'; readonly visitId: VisitId; readonly member: Member }
      | { readonly by: 'face'; readonly memberId: string }
    ))
  /** Allowed; the bolt has not moved. */
  | ({ readonly phase: 'preparing' } & AllowedVisit)
  /** The shelf is read as well: the shopper says which door. */
  | ({
      readonly phase: 'choosingDoor';
      readonly doorCount: number;
      readonly stuckDoors: readonly number[];
    } & AllowedVisit)
  /** The bolt may have moved: goods may leave, by this baseline. */
  | ({ readonly phase: 'inVisit'; readonly baseline: BaselineInventory } & AllowedVisit)
  | ({ readonly phase: 'charged'; readonly bill: Bill; readonly baseline: BaselineInventory } & AllowedVisit)
  | ({ readonly phase: 'nothingCharged'; readonly reason: NothingChargedReason } & AllowedVisit);
export type VisitPhaseOf<P extends VisitPhase['phase']> = Extract<VisitPhase, { phase: P }>;

/**
 * The phase of a visit. The statechart's context is one flat record (ADR 0078); this is the only place that knows which
 * of its fields belong to which state. Null: the fields do not fit the state, which the chart itself never brings about;
 * a stored visit of that kind is unreadable.
 */
export function readPhase({ state, context: c }: Visit): VisitPhase | null {
  switch (state) {
    case 'outOfService':
    case 'attract':
      return { phase: 'none' };
    case 'recovering':
      return c.visitId === null ? { phase: 'none' } : inVisit(c);
    case 'identifyingByCode':
    case 'identifyingByFace':
      return { phase: 'identifying', purpose: c.purpose };
    case 'refused':
      return c.refusedReason && { phase: 'refused', purpose: c.purpose, reason: c.refusedReason };
    case 'authorising':
      return authorising(c);
    case 'account':
      return account(c);
    case 'preparing': {
      const allowed = allowedVisit(c);
      return allowed && { phase: 'preparing', ...allowed };
    }
    case 'choosingDoor': {
      const allowed = allowedVisit(c);
      return (
        allowed &&
        c.baseline && { phase: 'choosingDoor', doorCount: c.doorCount, stuckDoors: c.stuckDoors, ...allowed }
      );
    }
    case 'unlocking':
    case 'shopping':
    case 'confirmed':
    case 'ajar':
    case 'checking':
      return inVisit(c);
    case 'receipt': {
      const allowed = allowedVisit(c);
      const { bill, baseline } = c;
      return allowed && bill && baseline && { phase: 'charged', bill, baseline, ...allowed };
    }
    case 'nothingCharged': {
      const allowed = allowedVisit(c);
      const { nothingChargedReason: reason } = c;
      return allowed && reason && { phase: 'nothingCharged', reason, ...allowed };
    }
    default:
      return unreachable(state);
  }
}

/** As `readPhase`, of a visit that the chart has brought about. */
export function phaseOf(visit: Visit): VisitPhase {
  const phase = readPhase(visit);
  assert(phase !== null, `what the visit knows does not fit the state ${visit.state}`);
  return phase;
}

/** The visit that the operator has allowed, which has a charge; null: there is none. */
export function allowedVisit({ visitId, chargeId, member }: VisitContext): AllowedVisit | null {
  return visitId !== null && chargeId !== null && member !== null ? { visitId, chargeId, member } : null;
}

function authorising({
  visitId,
  chargeId,
  code,
  recognisedMemberId,
  purpose,
}: VisitContext): VisitPhaseOf<'authorising'> | null {
  if (visitId === null || chargeId === null) return null;
  if (recognisedMemberId !== null) {
    return { phase: 'authorising', visitId, chargeId, credential: { recognisedMemberId } };
  }
  return code === null ? null : { phase: 'authorising', visitId, chargeId, credential: { code, purpose } };
}

function account({ visitId, member, recognisedMemberId }: VisitContext): VisitPhaseOf<'account'> | null {
  if (recognisedMemberId !== null) return { phase: 'account', by: 'face', memberId: recognisedMemberId };
  return visitId === null || member === null ? null : { phase: 'account', by: 'code', visitId, member };
}

function inVisit(c: VisitContext): VisitPhaseOf<'inVisit'> | null {
  const allowed = allowedVisit(c);
  return allowed && c.baseline && { phase: 'inVisit', baseline: c.baseline, ...allowed };
}
