import { describe, expect, it } from 'vitest';
import {
  visitId,
  linesOf,
  memory,
  chart,
  ready,
  scan,
  allowed,
  recognised,
  account,
  baseline,
  opened,
  closed,
  evidence,
  finalReading,
  play,
  timer,
  toShopping,
  confirmNow,
} from '../../testkit/core/visit-script.ts';
import type { VisitEvent } from './visit-model.ts';
import { toStoredVisit } from './stored-visit.ts';
import { type Visit, mustSurvive } from './visit.ts';

const trouble: VisitEvent = { type: 'availabilityChanged', available: false, isDoorForced: false };
const doorIsForced: VisitEvent = { ...trouble, isDoorForced: true };

describe('visit', () => {
  it('goes from a code to a receipt, with the charge on record before the bolt moves', () => {
    const { visit, effects } = play(toShopping);
    expect(visit.state).toBe('shopping');
    expect(effects).toEqual([
      { type: 'authorise', credential: { code: 'KM1.x', purpose: 'visit' } },
      { type: 'takeBaseline' },
      { type: 'openCharge' },
      { type: 'unlock' },
    ]);
    const taken = play([evidence(['A001', 'B001'])], visit).visit;
    const confirmed = play([confirmNow(taken)], taken).visit;
    expect(confirmed.state).toBe('confirmed');
    const end = play([closed, finalReading(['A001', 'B001'])], confirmed);
    expect(end.visit.state).toBe('receipt');
    expect(end.visit.context.bill).toMatchObject({ totalMinor: 350 + 780, heldLines: [], review: [] });
    expect(end.effects).toEqual([{ type: 'takeFinalReading' }, { type: 'settleCharge' }]);
  });

  it('goes from a face to an open door the same way, and only from the face screen', () => {
    expect(play([ready, recognised]).visit.state).toBe('attract');
    const { visit, effects } = play([ready, { type: 'chooseFace' }, recognised, allowed, baseline, opened]);
    expect(visit.state).toBe('shopping');
    expect(effects[0]).toEqual({ type: 'authorise', credential: { recognisedMemberId: 'M-1' } });
    // The next shopper is not the one before.
    const next = play([ready, { type: 'chooseFace' }, recognised, { type: 'cancel' }, scan]);
    expect(next.effects.at(-1)).toEqual({
      type: 'authorise',
      credential: { code: 'KM1.x', purpose: 'visit' },
    });
  });

  it('opens "my data" with a code and no door, and the next code opens a door again', () => {
    const { visit, effects } = play([ready, account('code'), scan, allowed]);
    expect(visit).toMatchObject({ state: 'account', context: { member: { memberId: 'M-1' } } });
    expect(effects).toEqual([{ type: 'authorise', credential: { code: 'KM1.x', purpose: 'account' } }]);
    expect(play([baseline, opened, scan], visit)).toMatchObject({ visit: { state: 'account' }, effects: [] });
    expect(play([timer(visit)], visit).visit).toMatchObject({ state: 'attract', context: { member: null } });
    const active = play([{ type: 'active' }], visit).visit;
    expect(play([timer(visit)], active).visit.state).toBe('account');
    const changed = play([ready, account('code'), { type: 'cancel' }, { type: 'chooseCode' }, scan]);
    expect(changed.effects).toEqual([{ type: 'authorise', credential: { code: 'KM1.x', purpose: 'visit' } }]);
  });

  it('takes the code once more from "my data", when it was shown too long ago: a new visit, still no door', () => {
    const form: VisitEvent = { type: 'formChanged', chargeId: scan.chargeId, skus: [] };
    const there = play([ready, account('code'), scan, allowed]).visit;
    const again = play([account('code')], there).visit;
    expect(again).toMatchObject({
      state: 'identifyingByCode',
      context: { purpose: 'account', member: null, visitId: null },
    });
    const { visit, effects } = play([scan, allowed, baseline, opened], again);
    expect(effects).toEqual([{ type: 'authorise', credential: { code: 'KM1.x', purpose: 'account' } }]);
    expect(visit).toMatchObject({ state: 'account', context: { visitId: scan.visitId } });
    // A report that is being filled in is not lost by it.
    for (const event of [account('face'), form, account('code')])
      expect(play([event, account('code')], play([form], there).visit).visit.state).toBe('account');
  });

  it('leads an enrolment code to "my data" from anywhere before the door, also from there, and to no door', () => {
    const enrolment: VisitEvent = { ...scan, code: 'KE1.x' };
    const asksForAccount = { type: 'authorise', credential: { code: 'KE1.x', purpose: 'account' } };
    for (const before of [[], [{ type: 'chooseCode' }], [account('code'), scan, allowed]] as VisitEvent[][]) {
      const { visit, effects } = play([ready, ...before, enrolment, allowed, baseline, opened]);
      expect(effects.at(-1)).toEqual(asksForAccount);
      expect(visit.state).toBe('account');
    }
  });

  it('opens "my data" with a face where nobody can be asked: no visit, no question, no door', () => {
    const { visit, effects } = play([ready, account('face'), recognised]);
    expect(visit).toMatchObject({
      state: 'account',
      context: { recognisedMemberId: 'M-1', member: null, visitId: null, chargeId: null },
    });
    expect(effects).toEqual([]);
    expect(mustSurvive(visit)).toBe(false);
    expect(chart.restore(JSON.parse(JSON.stringify(toStoredVisit(visit, memory)))).ok).toBe(false);
    for (const event of [scan, allowed, recognised, baseline, opened, account('face')])
      expect(chart.step(visit, event), event.type).toMatchObject({ handled: false, effects: [] });
    for (const event of [timer(visit), { type: 'cancel' }, { type: 'finish' }] as const)
      expect(play([event], visit).visit).toMatchObject({
        state: 'attract',
        context: { recognisedMemberId: null },
      });
    // The next face is for the door again.
    const next = play([{ type: 'cancel' }, { type: 'chooseFace' }, recognised], visit);
    expect(next).toMatchObject({
      visit: { state: 'authorising' },
      effects: [{ type: 'authorise', credential: { recognisedMemberId: 'M-1' } }],
    });
  });

  it.each<[string, VisitEvent[], Partial<Visit['context']> & { state: string }]>([
    ['the code in its place', [{ type: 'chooseCode' }], { state: 'identifyingByCode', purpose: 'account' }],
    ['a code is scanned', [scan], { state: 'authorising', purpose: 'account' }],
    ['and is good', [scan, allowed], { state: 'account', recognisedMemberId: null, visitId }],
    ['and is not', [{ type: 'codeRefused', reason: 'account.code_expired' }], { state: 'refused' }],
    ['back', [{ type: 'cancel' }], { state: 'attract', purpose: 'visit' }],
    ['a forced door', [doorIsForced], { state: 'outOfService', purpose: 'visit' }],
  ])('a look for "my data", %s', (_, events, { state, ...context }) => {
    const { visit, effects } = play([ready, account('face'), ...events]);
    expect(visit).toMatchObject({ state, context });
    expect(effects.filter(({ type }) => type !== 'authorise')).toEqual([]);
  });

  it.each<[string, VisitEvent[]]>([
    ['a code for "my data"', [account('code'), scan]],
    ['an enrolment code', [{ ...scan, code: 'KE1.x' }]],
  ])('%s is refused: the next code before that screen is for the same, and opens no door', (_, asked) => {
    const refused = play([ready, ...asked, { type: 'refused', reason: 'account.code_expired' }]).visit;
    expect(play([scan], refused).effects).toEqual([
      { type: 'authorise', credential: { code: scan.code, purpose: 'account' } },
    ]);
    expect(play([scan, allowed, baseline, opened], refused).visit.state).toBe('account');
    // Once that screen has gone the next one is a shopper again.
    for (const gone of [timer(refused), { type: 'cancel' }] as const)
      expect(play([gone, scan], refused).visit).toMatchObject({
        state: 'authorising',
        context: { purpose: 'visit' },
      });
  });

  it('a look for "my data" that nobody goes on with ends, and a touch keeps it', () => {
    const looking = play([ready, account('face')]).visit;
    expect(play([timer(looking)], looking).visit).toMatchObject({ state: 'attract' });
    const active = play([{ type: 'active' }], looking).visit;
    expect(play([timer(looking)], active).visit).toMatchObject({ state: 'identifyingByFace' });
  });

  it('goes from the code for "my data" to the face when the network has gone, before or after the scan', () => {
    const choosing = play([ready, account('code')]).visit;
    const lost = play([scan, { type: 'refused', reason: 'network.unreachable' }], choosing).visit;
    for (const from of [choosing, lost])
      expect(play([account('face')], from).visit).toMatchObject({
        state: 'identifyingByFace',
        context: { purpose: 'account', visitId: null, refusedReason: null },
      });
    // A code again, while it is there, and the wait for it goes on.
    const still = chart.step(choosing, account('code'));
    expect(still.handled).toBe(false);
    expect(play([account('code')], lost).visit).toMatchObject({
      state: 'identifyingByCode',
      context: { purpose: 'account' },
    });
  });

  it('takes the confirmation back on any change, and refuses to confirm an older revision', () => {
    const taken = play([...toShopping, evidence(['A001'])]).visit;
    const confirmed = play([confirmNow(taken)], taken).visit;
    const more = play([evidence(['A001', 'A002'])], confirmed).visit;
    expect(more).toMatchObject({ state: 'shopping', context: { confirmed: null } });
    expect(play([confirmNow(taken)], more).visit.state).toBe('shopping');
    const back = play([evidence(['A001', 'A002'])], more).visit;
    expect(back.context.basket.revision).toBe(more.context.basket.revision);
  });

  it('bills nothing that was put in, that was missing before, or that is in no catalogue', () => {
    const { visit } = play([
      ...toShopping,
      evidence(['A001', 'CCCC', 'DDDD'], ['F001']),
      closed,
      finalReading(['A001', 'CCCC', 'DDDD']),
    ]);
    expect(visit.context.bill).toMatchObject({ totalMinor: 350, heldLines: [] });
    expect(visit.context.basket).toMatchObject({ itemCount: 1, unknownTakenCount: 1 });
    expect(visit.context.basket.foreign).toEqual(linesOf(['F001']));
  });

  it('holds what left after the confirmation, and never bills more than was confirmed', () => {
    const taken = play([...toShopping, evidence(['A001'])]).visit;
    const { visit } = play([confirmNow(taken), closed, finalReading(['A001', 'B001'])], taken);
    expect(visit.context.bill).toMatchObject({
      totalMinor: 350,
      heldLines: [{ sku: 'CHIP', count: 1 }],
      review: ['recognition.differs_from_confirmed'],
    });
  });

  it('bills what is certain when nobody confirmed', () => {
    // In doubt, and never shown as taken.
    const { visit } = play([...toShopping, evidence(['A001']), closed, finalReading(['A001'], ['B001'])]);
    expect(visit.context.bill).toMatchObject({ totalMinor: 350, heldLines: [], review: [] });
  });

  it('gives time on the receipt to the one who reports a problem, and on no other screen', () => {
    const held: VisitEvent = { type: 'holdReceipt' };
    const paid = play([...[...toShopping, evidence(['A001']), closed, finalReading(['A001'])]]).visit;
    expect(paid).toMatchObject({ state: 'receipt', context: { timer: { durationMs: 12_000 } } });
    const old = timer(paid);
    const longer = play([held], paid).visit;
    expect(longer.context.timer?.durationMs).toBe(60_000);
    expect(play([old], longer).visit.state).toBe('receipt');
    const said = play([{ type: 'disputed' }], longer).visit;
    expect(said.context.timer?.durationMs).toBe(12_000);
    expect(play([timer(said)], said).visit.state).toBe('attract');
    for (const events of [[ready], [ready, scan], toShopping]) {
      const { visit } = play(events);
      expect(chart.step(visit, held).handled).toBe(false);
      expect(chart.step(visit, { type: 'disputed' }).handled).toBe(false);
    }
  });
  it('holds a line that the shopper reported', () => {
    const { visit } = play([
      ...toShopping,
      evidence(['A001', 'B001']),
      { type: 'report', sku: 'CHIP', wrong: true },
      closed,
      finalReading(['A001', 'B001']),
    ]);
    expect(visit.context.bill).toMatchObject({ totalMinor: 350, review: ['recognition.line_reported'] });
  });

  it('charges nothing when the door was never pulled', () => {
    const unlocked = play([ready, scan, allowed, baseline]).visit;
    const { visit } = play([timer(unlocked), finalReading([])], unlocked);
    expect(visit).toMatchObject({ state: 'nothingCharged', context: { nothingChargedReason: 'not_opened' } });
  });

  it('unlocks again in the same visit for whoever cannot pull the door, twice, once the lock has answered', () => {
    const again: VisitEvent = { type: 'unlockAgain' };
    const unlocked: VisitEvent = { type: 'unlocked' };
    const asked = play([ready, scan, allowed, baseline]).visit;
    expect(chart.step(asked, again).handled).toBe(false);
    const unlocks = (events: VisitEvent[]) =>
      play(events, asked).effects.filter(({ type }) => type === 'unlock').length;
    expect(unlocks([unlocked, again])).toBe(1);
    expect(unlocks([unlocked, again, again])).toBe(1);
    expect(unlocks([unlocked, again, { type: 'unlockFailed' }, again])).toBe(2);
    expect(unlocks([unlocked, again, unlocked, again, unlocked, again])).toBe(2);
    // The charge was opened once, and the wait begins again.
    const twice = play([unlocked, again], asked);
    expect(twice.effects.map(({ type }) => type)).toEqual(['unlock']);
    expect(twice.visit.context.timer?.seq).not.toBe(asked.context.timer?.seq);
    // A bolt that holds all the same did not open: it was not the shopper who did not pull.
    const { visit } = play([timer(twice.visit), finalReading([])], twice.visit);
    expect(visit).toMatchObject({
      state: 'nothingCharged',
      context: { nothingChargedReason: 'unlock_failed' },
    });
    const pulled = play([opened], twice.visit).visit;
    expect(pulled.state).toBe('shopping');
    expect(chart.step(pulled, again).handled).toBe(false);
  });

  it('looks at the shelf even when the door was not seen to open, and holds what is missing', () => {
    const unlocked = play([ready, scan, allowed, baseline]).visit;
    const { visit } = play([timer(unlocked), finalReading(['B001'])], unlocked);
    expect(visit.context.bill).toMatchObject({
      totalMinor: 0,
      heldLines: [{ count: 1 }],
      review: ['recognition.door_left_open'],
    });
  });

  it('does not take an unacknowledged unlock for "did not open"', () => {
    const failed = play([ready, scan, allowed, baseline, { type: 'unlockFailed' }]).visit;
    expect(failed.state).toBe('unlocking');
    expect(play([opened], failed).visit.state).toBe('shopping');
    const { visit } = play([timer(failed), finalReading([])], failed);
    expect(visit).toMatchObject({
      state: 'nothingCharged',
      context: { nothingChargedReason: 'unlock_failed' },
    });
  });

  it('waits for a hand as long as the latch does, counted from the last time the board was asked', () => {
    const unlocked = play([ready, scan, allowed, baseline]).visit;
    for (const answer of [{ type: 'unlocked' }, { type: 'unlockFailed' }] as const) {
      const answered = play([answer], unlocked).visit;
      expect(answered.context.timer?.seq).not.toBe(unlocked.context.timer?.seq);
      expect(play([timer(unlocked)], answered).visit.state).toBe('unlocking');
      expect(play([timer(answered)], answered).visit.state).toBe('checking');
    }
  });

  it('takes a door that the lock has lost for open until it is seen shut', () => {
    const lost = play([ready, scan, allowed, baseline, { type: 'door', door: 'unknown', atMs: 11 }]).visit;
    const kept = play([timer(lost), evidence(['A001'])], lost).visit;
    expect(kept).toMatchObject({ state: 'shopping', context: { basket: { totalMinor: 350 } } });
    expect(play([closed], kept).visit.state).toBe('checking');
    const found = play([closed], lost).visit;
    expect(play([timer(found)], found).visit.state).toBe('checking');
  });

  it('leaves an open door without any reading to a human, though no goods can be named', () => {
    const check = play([...toShopping, closed]).visit;
    const { visit } = play([timer(check)], check);
    expect(visit.context.bill).toMatchObject({
      lines: [],
      heldLines: [],
      review: ['recognition.reader_lost'],
    });
    expect(visit.state).toBe('receipt');
  });

  it('keeps a visit whose door stays open, tells the staff, and holds what leaves after that', () => {
    let { visit } = play([...toShopping, evidence(['A001'])]);
    visit = play([timer(visit)], visit).visit;
    expect(visit).toMatchObject({ state: 'ajar', context: { ajarLevel: 1 } });
    visit = play([timer(visit)], visit).visit;
    const told = play([timer(visit)], visit);
    expect(told.effects).toEqual([{ type: 'raiseAlarm', alarm: 'door_left_open' }]);
    const { visit: end } = play(
      [evidence(['A001', 'B001']), closed, finalReading(['A001', 'B001'])],
      told.visit,
    );
    expect(end.context.bill).toMatchObject({
      totalMinor: 350,
      heldLines: [{ sku: 'CHIP' }],
      review: ['recognition.door_left_open'],
    });
  });

  it('asks a human when the reader gave no final reading', () => {
    const shopping = play([...toShopping, evidence(['A001']), closed]).visit;
    const { visit } = play([timer(shopping)], shopping);
    expect(visit.state).toBe('receipt');
    expect(visit.context.bill).toMatchObject({ totalMinor: 350, review: ['recognition.reader_lost'] });
  });

  it('goes on shopping when the door opens again while the shelf is checked', () => {
    expect(play([...toShopping, closed, opened]).visit.state).toBe('shopping');
  });

  it('refuses with a reason when the operator does not answer, and lets the next code in', () => {
    const asking = play([ready, scan]).visit;
    const refused = play([timer(asking)], asking).visit;
    expect(refused).toMatchObject({ state: 'refused', context: { refusedReason: 'network.timeout' } });
    expect(play([scan], refused).visit.state).toBe('authorising');
  });

  it('ignores a timer that belongs to an earlier wait', () => {
    const choosing = play([ready, { type: 'chooseCode' }]).visit;
    const stale = timer(choosing);
    const asking = play([scan], choosing).visit;
    expect(play([stale], asking).visit.state).toBe('authorising');
  });

  it('goes out of service for a forced door, and back', () => {
    const { visit, effects } = play([ready, doorIsForced, doorIsForced]);
    expect(visit.state).toBe('outOfService');
    expect(effects).toEqual([]);
    expect(play([ready], visit).visit.state).toBe('attract');
  });

  it('lets nobody in from the receipt while the cabinet is out of service, and everybody once it is back', () => {
    const entries: readonly [VisitEvent, string][] = [
      [scan, 'authorising'],
      [{ type: 'chooseCode' }, 'identifyingByCode'],
      [{ type: 'chooseFace' }, 'identifyingByFace'],
      [account('code'), 'identifyingByCode'],
      [account('face'), 'identifyingByFace'],
    ];
    for (const taken of [['A001'], []]) {
      const over = play([...toShopping, evidence(taken), closed, finalReading(taken)]).visit;
      expect(over.state).toBe(taken.length > 0 ? 'receipt' : 'nothingCharged');
      for (const [entry, state] of entries) {
        const next = play([entry], over).visit;
        expect(next.state, entry.type).toBe(state);
        // Nothing of the visit before comes along.
        expect(next.context).toMatchObject({ member: null, bill: null, taken: [], doorWasOpen: false });
        // A scan that lets nobody in takes no receipt away (next-shopper.test.ts); the account needs no door.
        const stays = entry === scan && over.state === 'receipt' ? 'receipt' : 'outOfService';
        const expected = entry.type === 'chooseAccount' ? state : stays;
        expect(play([trouble, entry], over).visit.state, entry.type).toBe(expected);
      }
    }
  });

  it('keeps selling to the one inside when the cabinet falls out of service, and closes afterwards', () => {
    const { visit } = play([...toShopping, trouble]);
    expect(visit.state).toBe('shopping');
    const end = play([closed, finalReading(['A001']), { type: 'finish' }], visit).visit;
    expect(end).toMatchObject({
      state: 'outOfService',
      context: { available: false },
    });
  });
});
