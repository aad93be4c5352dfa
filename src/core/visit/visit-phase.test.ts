import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { readStoredVisit, toStoredVisit } from './stored-visit.ts';
import { type VisitContext, type VisitEvent, type VisitStateName, visitStateNames } from './visit-model.ts';
import { type VisitPhase, readPhase } from './visit-phase.ts';
import { type Visit, VisitChart } from './visit.ts';

const random = new Uint8Array(10).fill(7);
const ids = { visitId: makeVisitId(1, random), chargeId: makeChargeId(1, random) };
const chart = new VisitChart();

const phaseOfState: Readonly<Record<VisitStateName, VisitPhase['phase']>> = {
  recovering: 'inVisit',
  outOfService: 'none',
  attract: 'none',
  identifyingByCode: 'identifying',
  identifyingByFace: 'identifying',
  authorising: 'authorising',
  account: 'account',
  refused: 'refused',
  preparing: 'preparing',
  choosingDoor: 'choosingDoor',
  unlocking: 'inVisit',
  shopping: 'inVisit',
  confirmed: 'inVisit',
  ajar: 'inVisit',
  checking: 'inVisit',
  receipt: 'charged',
  nothingCharged: 'nothingCharged',
};

/** Whatever can happen to a visit, so that every state is reached within a few events. */
const anyEvent = fc.constantFrom<VisitEvent>(
  { type: 'availabilityChanged', available: true, isDoorForced: false },
  { type: 'availabilityChanged', available: false, isDoorForced: true },
  { type: 'resumed' },
  { type: 'chooseCode' },
  { type: 'chooseFace' },
  { type: 'chooseAccount', by: 'code' },
  { type: 'chooseAccount', by: 'face' },
  { type: 'codeScanned', code: 'KM1.x', ...ids },
  { type: 'faceAccepted', memberId: 'M-1', ...ids },
  { type: 'codeRefused', reason: 'account.code_expired' },
  { type: 'cancel' },
  { type: 'finish' },
  { type: 'authorised', member: { memberId: 'M-1', display: '王*' } },
  { type: 'refused', reason: 'network.timeout' },
  {
    type: 'baseline',
    inventory: {
      catalogVersion: 'v1',
      currency: 'CNY',
      products: [],
      lines: [{ sku: null, quantity: 1, confidence: 1, sources: ['tags'] }],
    },
    atMs: 1,
  },
  { type: 'unlocked' },
  { type: 'unlockFailed' },
  { type: 'door', door: 'open', atMs: 2 },
  { type: 'door', door: 'closed', atMs: 3 },
  { type: 'door', door: 'unknown', atMs: 3 },
  { type: 'finalReading', reading: { absent: [], unsure: [] } },
);
const timerOf = (visit: Visit): VisitEvent => ({ type: 'timer', seq: visit.context.timer?.seq ?? -1 });

describe('the phase of a visit', () => {
  test.each(visitStateNames)('%s', (state) => {
    expect(readPhase(visitAt(state))?.phase).toBe(phaseOfState[state]);
  });

  test('whatever happens, what a visit knows fits its state', () => {
    const reached = new Set<VisitStateName>();
    const step = fc.oneof({ weight: 5, arbitrary: anyEvent }, fc.constant('timer' as const));
    // The usual way first: what then comes may come anywhere on it.
    const way: VisitEvent[] = [
      { type: 'availabilityChanged', available: true, isDoorForced: false },
      { type: 'codeScanned', code: 'KM1.x', ...ids },
      { type: 'authorised', member: { memberId: 'M-1', display: '王*' } },
      {
        type: 'baseline',
        inventory: {
          catalogVersion: 'v1',
          currency: 'CNY',
          products: [],
          lines: [{ sku: null, quantity: 1, confidence: 1, sources: ['tags'] }],
        },
        atMs: 1,
      },
      { type: 'door', door: 'open', atMs: 2 },
      { type: 'door', door: 'closed', atMs: 3 },
    ];
    fc.assert(
      fc.property(fc.nat(way.length), fc.array(step, { maxLength: 30 }), (count, events) => {
        let visit = chart.start();
        for (const event of [...way.slice(0, count), ...events]) {
          visit = chart.step(visit, event === 'timer' ? timerOf(visit) : event).visit;
          reached.add(visit.state);
          expect(readPhase(visit), visit.state).not.toBeNull();
        }
      }),
      { numRuns: 500 },
    );
    expect(reached.size).toBeGreaterThan(8);
  });

  test.each<[VisitStateName, Partial<VisitContext>]>([
    ['shopping', { member: null }],
    ['unlocking', { chargeId: null }],
    ['checking', { baseline: null }],
    ['recovering', { member: null }],
    ['receipt', { bill: null }],
    ['nothingCharged', { nothingChargedReason: null }],
    ['authorising', { code: null }],
  ])(
    'a stored visit in %s without %o is unreadable: it is put aside, and nothing is made of it',
    (state, over) => {
      expect(readStoredVisit(toStoredVisit(visitAt(state), null)).ok).toBe(true);
      expect(readStoredVisit(toStoredVisit(visitAt(state, over), null))).toMatchObject({
        ok: false,
        error: { code: 'visit.unreadable' },
      });
    },
  );
});
