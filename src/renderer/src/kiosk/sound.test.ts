import { describe, expect, it } from 'vitest';
import type { VisitView } from '../../../shared/model/visit.schema.ts';
import { type ViewInput, cola, receiptOf, shoppingOf, snapshotOf } from '../testing/snapshots.ts';
import { soundFor, soundOfScan } from './sound.ts';

const view = (input: ViewInput): VisitView => snapshotOf(input).visit;
const countdown = { durationMs: 3_000, elapsedMs: 0 };
const unlocking = (phase: 'preparing' | 'opening' | 'open_now' | 'stuck'): VisitView =>
  view({ screen: 'unlocking', phase, mayUnlockAgain: false, member: '', countdown });
const attract = view({ screen: 'attract' });
const refused = view({ screen: 'refused', purpose: 'visit', reason: 'network.timeout', countdown });

describe('a form that nobody touches', () => {
  it('is heard when it is about to go', () => {
    const form = (isWarned: boolean): VisitView => {
      const input = receiptOf() as Extract<ViewInput, { screen: 'receipt' }>;
      return view({ ...input, form: { chargeId: input.receipt.chargeId, skus: [], isWarned } });
    };
    expect(soundFor(form(false), form(true))).toBe('look');
    expect(soundFor(form(true), form(true))).toBeNull();
    expect(soundFor(form(true), form(false))).toBeNull();
  });
});

describe('a scan that leads nowhere', () => {
  it('is heard once, each time', () => {
    const scan = (seq: number, why: 'counting' | 'refused') => ({ seq, why, reason: null });
    expect(soundOfScan(null, scan(1, 'counting'))).toBe('look');
    expect(soundOfScan(scan(1, 'counting'), scan(1, 'counting'))).toBeNull();
    expect(soundOfScan(scan(1, 'refused'), scan(2, 'refused'))).toBe('problem');
    expect(soundOfScan(null, null)).toBeNull();
  });
});

describe('what a change of the screen sounds like', () => {
  it('is silent at the start and on the way to the scan', () => {
    expect(soundFor(null, refused)).toBeNull();
    expect(
      soundFor(
        attract,
        view({ screen: 'identifying', purpose: 'visit', cabinetCode: { state: 'none' }, countdown }),
      ),
    ).toBeNull();
  });
  it('says when the door may be pulled, when it may not, and when it is paid', () => {
    expect(soundFor(unlocking('preparing'), unlocking('open_now'))).toBe('ok');
    expect(soundFor(attract, refused)).toBe('problem');
    const checking = view({
      screen: 'checking',
      currency: 'CNY',
      basket: snapshotBasket(),
      confirmed: true,
      heldLines: [],
      backLines: [],
    });
    expect(soundFor(checking, view(receiptOf()))).toBe('ok');
    expect(soundFor(checking, view(receiptOf({ status: 'collecting', reason: 'account.declined' })))).toBe(
      'look',
    );
  });
  it('asks for a look when a doubt comes up or a confirmation is taken back', () => {
    const certain = view(shoppingOf([cola]));
    const doubtful = view(shoppingOf([{ ...cola, confidence: 'doubtful' }]));
    const confirmed = view(shoppingOf([cola], { confirmed: true }));
    expect(soundFor(certain, doubtful)).toBe('look');
    expect(soundFor(doubtful, certain)).toBeNull();
    expect(soundFor(certain, confirmed)).toBe('ok');
    expect(soundFor(confirmed, certain)).toBe('look');
  });
  it('a look at a face: asks for the eyes when a movement is wanted, and says when it is over', () => {
    type Face = Extract<ViewInput, { screen: 'face' }>['face'];
    const face = (of: Face): VisitView => view({ screen: 'face', purpose: 'visit', face: of, countdown });
    const looking = (guide: 'hold' | 'blink' | 'too_far'): VisitView =>
      face({ phase: 'looking', guide, progress: 0 });
    expect(soundFor(attract, face({ phase: 'notice' }))).toBeNull();
    expect(soundFor(looking('hold'), looking('too_far'))).toBeNull();
    expect(soundFor(looking('hold'), looking('blink'))).toBe('look');
    expect(soundFor(looking('blink'), looking('blink'))).toBeNull();
    expect(soundFor(looking('hold'), face({ phase: 'digits' }))).toBe('look');
    expect(soundFor(looking('hold'), face({ phase: 'ended', why: 'time' }))).toBe('problem');
  });
  it('account: each picture that is taken, and how it ended', () => {
    type Account = Extract<ViewInput, { screen: 'account' }>['account'];
    const account = (of: Account): VisitView =>
      view({ screen: 'account', by: 'code', member: '', account: of, countdown });
    const taken = (takenCount: number): VisitView =>
      account({ phase: 'capture', guide: 'hold', takenCount, wantedCount: 5 });
    expect(soundFor(taken(1), taken(2))).toBe('look');
    expect(soundFor(taken(2), taken(2))).toBeNull();
    expect(soundFor(taken(5), account({ phase: 'enrolled' }))).toBe('ok');
    expect(soundFor(taken(5), account({ phase: 'enrol_ended', why: 'time' }))).toBe('problem');
    expect(soundFor(account({ phase: 'withdraw' }), account({ phase: 'withdrawn' }))).toBe('ok');
    expect(soundFor(account({ phase: 'withdraw' }), account({ phase: 'withdraw_failed' }))).toBe('problem');
  });
  it('does not repeat itself when the same screen comes again', () => {
    expect(soundFor(unlocking('open_now'), unlocking('open_now'))).toBeNull();
    expect(soundFor(unlocking('preparing'), unlocking('opening'))).toBeNull();
    expect(soundFor(unlocking('opening'), unlocking('open_now'))).toBe('ok');
    expect(soundFor(unlocking('opening'), unlocking('stuck'))).toBe('problem');
    expect(soundFor(view(receiptOf()), view(receiptOf()))).toBeNull();
  });
});

function snapshotBasket(): Extract<ViewInput, { screen: 'checking' }>['basket'] {
  const shopping = shoppingOf([cola]);
  if (shopping.screen !== 'shopping') throw new Error('shopping expected');
  return shopping.basket;
}
