import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServiceAct, type ServiceRole, serviceActs, serviceRoles } from '../../shared/model/service.ts';
import { mayDo, needsPin } from './acts.ts';
import { type ServiceSession, endOf, endsAtMs, judgeAct, sessionLimits, touched } from './session.ts';

const begun = (role: ServiceRole, atMs = 0): ServiceSession => ({
  id: 'one',
  staffNo: '4410',
  name: 'Li',
  role,
  beganMs: atMs,
  touchedMs: atMs,
  actCount: 0,
});
const role = fc.constantFrom(...serviceRoles);
const act = fc.constantFrom(...serviceActs);

describe('role × act', () => {
  const allowed: Record<ServiceRole, readonly ServiceAct[]> = {
    restocker: [
      'openDoor',
      'acceptStock',
      'addLot',
      'removeLot',
      'beginRestock',
      'nextRestock',
      'breakOffRestock',
      'moveProduct',
      'undoMove',
      'saveDifferences',
      'takePhoto',
      'undoPhoto',
      'acceptCooling',
      'changePin',
    ],
    technician: [
      'openDoor',
      'acceptStock',
      'addLot',
      'removeLot',
      'beginRestock',
      'nextRestock',
      'breakOffRestock',
      'moveProduct',
      'undoMove',
      'saveDifferences',
      'takePhoto',
      'undoPhoto',
      'acceptCooling',
      'changePin',
      'testDevice',
      'selfTest',
      'setLight',
      'supportBundle',
      ...(['findDevices', 'tryDevice', 'leaveOutDevice', 'dropProfile'] as const),
      ...(['saveProfile', 'undoProfile'] as const),
    ],
    administrator: serviceActs,
  };
  it.each(serviceRoles.flatMap((r) => serviceActs.map((a) => [r, a] as const)))('%s, %s', (r, a) => {
    expect(mayDo(r, a)).toBe(allowed[r].includes(a));
  });
});

describe('a session', () => {
  it('ends by itself when nothing is touched, and after its whole time however much is', () => {
    const { idleMaxMs, totalMaxMs } = sessionLimits;
    const session = begun('technician');
    expect(endOf(session, idleMaxMs - 1, 'technician')).toBeNull();
    expect(endOf(session, idleMaxMs, 'technician')).toBe('idle');
    let used = session;
    for (let nowMs = 0; nowMs < totalMaxMs; nowMs += idleMaxMs / 2) used = touched(used, nowMs);
    expect(endOf(used, totalMaxMs - 1, 'technician')).toBeNull();
    expect(endOf(used, totalMaxMs, 'technician')).toBe('total');
  });

  it('ends when the role has changed, or its owner is in the list no more', () => {
    const session = begun('administrator');
    expect(endOf(session, 1, 'restocker')).toBe('role_changed');
    expect(endOf(session, 1, null)).toBe('role_changed');
  });

  it('is over at the latest when it says so', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(sessionLimits.idleMaxMs - 1), { maxLength: 80 }), (pauses) => {
        let [session, nowMs] = [begun('restocker'), 0];
        for (const pause of pauses) {
          nowMs += pause;
          if (endOf(session, nowMs, 'restocker') !== null) break;
          session = touched(session, nowMs);
        }
        expect(endOf(session, endsAtMs(session), 'restocker')).not.toBeNull();
        expect(endOf(session, endsAtMs(session) - 1, 'restocker')).toBeNull();
      }),
    );
  });
});

describe('an act', () => {
  const at = (
    sessionId: string,
    what: ServiceAct,
    nowMs: number,
    roleNow: ServiceRole | null,
    hasPin = false,
  ) => ({ sessionId, act: what, nowMs, roleNow, hasPin });

  it('is refused without a session, in another one, after its end, for a lesser role, without its PIN', () => {
    const session = begun('restocker');
    const codeOf = (s: ServiceSession | null, call: ReturnType<typeof at>): string => {
      const judged = judgeAct(s, call);
      return judged.ok ? 'ok' : judged.error.code;
    };
    expect(codeOf(null, at('one', 'openDoor', 1, null))).toBe('no_session');
    expect(codeOf(session, at('two', 'openDoor', 1, 'restocker'))).toBe('no_session');
    expect(codeOf(session, at('one', 'openDoor', sessionLimits.idleMaxMs, 'restocker'))).toBe('no_session');
    expect(codeOf(session, at('one', 'sendCharges', 1, 'restocker'))).toBe('role');
    expect(codeOf(session, at('one', 'changePin', 0, 'restocker'))).toBe('pin');
    expect(codeOf(session, at('one', 'changePin', 0, 'restocker', true))).toBe('ok');
    expect(codeOf(session, at('one', 'openDoor', 1, 'restocker'))).toBe('ok');
  });

  it('is done only in the very session, in its time, by the role that the list gives now', () => {
    fc.assert(
      fc.property(
        role,
        fc.option(role),
        act,
        fc.constantFrom('one', 'two', ''),
        fc.nat(2 * sessionLimits.totalMaxMs),
        fc.nat(2 * sessionLimits.totalMaxMs),
        fc.boolean(),
        (has, roleNow, what, sessionId, touchedMs, nowMs, hasPin) => {
          const session = { ...begun(has), touchedMs };
          if (!judgeAct(session, at(sessionId, what, nowMs, roleNow, hasPin)).ok) return;
          expect(sessionId).toBe('one');
          expect(roleNow).toBe(has);
          expect(mayDo(has, what)).toBe(true);
          expect(nowMs).toBeLessThan(sessionLimits.totalMaxMs);
          expect(nowMs - touchedMs).toBeLessThan(sessionLimits.idleMaxMs);
          if (needsPin(what)) expect(hasPin).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
