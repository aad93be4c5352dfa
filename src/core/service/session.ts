import type { ServiceAct, ServiceRole } from '../../shared/model/service.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import { mayDo, needsPin } from './acts.ts';

export const sessionLimits = {
  /** Without a touch for so long it ends: whoever went for a box has to type the PIN again. */
  idleMaxMs: 120_000,
  /** And after so long however much is touched. */
  totalMaxMs: 3_600_000,
  /** Nobody needs more acts than that; a page that was taken over would push everything else off the record. */
  actCountMax: 300,
} as const;

/** Somebody of the staff is signed in at the cabinet. All times are monotonic, ms. */
export interface ServiceSession {
  /** Of this session alone: what was meant for another one does nothing in it. */
  readonly id: string;
  readonly staffNo: string;
  readonly name: string;
  readonly role: ServiceRole;
  readonly beganMs: number;
  readonly touchedMs: number;
  /** That were begun in it. */
  readonly actCount: number;
}

export type SessionEnd = 'idle' | 'total' | 'acts' | 'role_changed';

/** Why it is over; null: it is not. `roleNow`: as the staff list says now; null: not in it any more. */
export function endOf(
  session: ServiceSession,
  nowMs: number,
  roleNow: ServiceRole | null,
): SessionEnd | null {
  if (nowMs - session.beganMs >= sessionLimits.totalMaxMs) return 'total';
  if (nowMs - session.touchedMs >= sessionLimits.idleMaxMs) return 'idle';
  if (session.actCount >= sessionLimits.actCountMax) return 'acts';
  return roleNow === session.role ? null : 'role_changed';
}

/** When it is over at the latest if nothing is touched, ms. */
export function endsAtMs({ beganMs, touchedMs }: ServiceSession): number {
  return Math.min(beganMs + sessionLimits.totalMaxMs, touchedMs + sessionLimits.idleMaxMs);
}

/** Somebody touches it: its idle time begins anew, and nothing else. */
export function touched(session: ServiceSession, nowMs: number): ServiceSession {
  return { ...session, touchedMs: nowMs };
}

/** `no_session`: nobody is signed in, or no longer, or somebody else than the caller means. */
export type ActRefusal = Failure<'no_session' | 'role' | 'pin'>;

/** Whether this may be done now, by whoever says to be in the session `sessionId`. */
export function judgeAct(
  session: ServiceSession | null,
  call: {
    readonly sessionId: string;
    readonly act: ServiceAct;
    readonly nowMs: number;
    readonly roleNow: ServiceRole | null;
    /** The PIN was typed for this very call. */
    readonly hasPin: boolean;
  },
): Result<ServiceSession, ActRefusal> {
  const { sessionId, act, nowMs, roleNow, hasPin } = call;
  if (session?.id !== sessionId || endOf(session, nowMs, roleNow) !== null)
    return fail('no_session', 'nobody is signed in for this');
  if (!mayDo(session.role, act)) return fail('role', `not for a ${session.role}`);
  if (needsPin(act) && !hasPin) return fail('pin', 'the PIN is to be typed for it');
  return ok({ ...touched(session, nowMs), actCount: session.actCount + 1 });
}
