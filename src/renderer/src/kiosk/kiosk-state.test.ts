import { describe, expect, it } from 'vitest';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import {
  type ViewInput,
  basketOf,
  cola,
  receiptOf,
  shoppingOf,
  snapshotOf,
  tea,
} from '../testing/snapshots.ts';
import { type KioskState, initialKioskState, isForAnybody, newestFirst, reduceKiosk } from './kiosk-state.ts';

function after(...views: ViewInput[]): KioskState {
  return views.reduce(
    (state, visit, i) => take(state, snapshotOf(visit, { seq: i + 1 }), i),
    initialKioskState,
  );
}
function take(state: KioskState, snapshot: KioskSnapshot, atMs = 0): KioskState {
  return reduceKiosk(state, { type: 'snapshot', snapshot, atMs });
}
const attract: ViewInput = { screen: 'attract' };
const recovering: ViewInput = { screen: 'recovering' };

describe('a scan that leads nowhere', () => {
  const scanned = (seq: number) => ({ seq, why: 'door_open', reason: null }) as const;
  it('is answered, each one, also when the basket changes with it', () => {
    let state = after(shoppingOf([cola]));
    state = take(state, snapshotOf(shoppingOf([]), { seq: 2, scanAnswer: scanned(1) }));
    expect(state.notice).toEqual({ kind: 'scan', answer: scanned(1) });
    const first = state.noticeSeq;
    state = take(state, snapshotOf(shoppingOf([]), { seq: 3, scanAnswer: scanned(1) }));
    expect(state.noticeSeq).toBe(first);
    state = take(state, snapshotOf(shoppingOf([]), { seq: 4, scanAnswer: scanned(2) }));
    expect(state.noticeSeq).toBe(first + 1);
  });
  it('is answered on the screen that comes up in the same moment, never by a page that has just begun', () => {
    const state = after(attract);
    const next = snapshotOf(shoppingOf([cola]), { seq: 2, scanAnswer: scanned(1) });
    expect(take(state, next).notice).toMatchObject({ kind: 'scan' });
    expect(take(initialKioskState, next).notice).toBeNull();
  });
});

describe('a door that did not catch', () => {
  it('is said to whoever has just shut it', () => {
    const checking: ViewInput = {
      ...{ screen: 'checking', currency: 'CNY', basket: basketOf([cola]), confirmed: false },
      ...{ heldLines: [], backLines: [] },
    };
    expect(after(checking, shoppingOf([cola])).notice).toEqual({ kind: 'not_shut' });
    expect(after(attract, shoppingOf([cola])).notice).toBeNull();
  });
});

describe('the order of the list', () => {
  const names = (before: string[], from: [string, number][], to: [string, number][]): string[] =>
    newestFirst(before, new Map(from), new Map(to));
  it('what was taken last is on top, what was put back leaves, the rest stays', () => {
    expect(
      names(
        [],
        [],
        [
          ['a', 1],
          ['b', 1],
        ],
      ),
    ).toEqual(['a', 'b']);
    expect(
      names(
        ['a', 'b'],
        [
          ['a', 1],
          ['b', 1],
        ],
        [
          ['a', 1],
          ['b', 2],
        ],
      ),
    ).toEqual(['b', 'a']);
    expect(
      names(
        ['b', 'a'],
        [
          ['a', 1],
          ['b', 2],
        ],
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
      ),
    ).toEqual(['c', 'b', 'a']);
    expect(
      names(
        ['c', 'b', 'a'],
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
        [
          ['a', 1],
          ['c', 1],
        ],
      ),
    ).toEqual(['c', 'a']);
  });
});

describe('what the renderer keeps', () => {
  it('forgets language and text size when a visit ends, and only then', () => {
    let state = after(attract);
    state = reduceKiosk(reduceKiosk(state, { type: 'language' }), { type: 'textSize' });
    state = take(state, snapshotOf(attract, { seq: 2 }));
    expect([state.language, state.largeText]).toEqual(['en', true]);
    state = take(state, snapshotOf(shoppingOf([cola]), { seq: 3 }));
    expect([state.language, state.largeText]).toEqual(['en', true]);
    state = take(state, snapshotOf(attract, { seq: 4 }));
    expect([state.language, state.largeText]).toEqual(['zh', false]);
  });
  it('forgets them when a code is shown on the receipt of the one before', () => {
    let state = after(receiptOf());
    state = reduceKiosk(reduceKiosk(state, { type: 'language' }), { type: 'textSize' });
    const countdown = { durationMs: 3_000, elapsedMs: 0 };
    state = take(state, snapshotOf({ screen: 'authorising', purpose: 'visit', countdown }, { seq: 2 }));
    expect([state.language, state.largeText]).toEqual(['zh', false]);
  });
  it('forgets them too when nobody touches the screen', () => {
    let state = reduceKiosk(reduceKiosk(after(attract), { type: 'language' }), { type: 'textSize' });
    state = reduceKiosk(state, { type: 'idle' });
    expect([state.language, state.largeText]).toEqual(['zh', false]);
  });
  const closed = { screen: 'out_of_service', reason: 'reader_unreachable', sinceMs: 1 } as const;
  it.each<[boolean, string, ViewInput]>([
    [true, 'the start screen', attract],
    [true, 'out of service, for days maybe', closed],
    [true, 'a start that takes long', { screen: 'recovering', hasVisit: false }],
    [false, 'somebody shops', shoppingOf([cola])],
    [false, 'a visit that is taken up again', { screen: 'recovering', hasVisit: true }],
    [false, 'a receipt', receiptOf()],
  ])('waits for that: %s, %s', (waits, _, view) => {
    expect(isForAnybody(snapshotOf(view).visit)).toBe(waits);
  });
  it('keeps them for whoever chose them when the cabinet goes out of service: they read on', () => {
    const state = reduceKiosk(after(attract), { type: 'language' });
    expect(take(state, snapshotOf(closed, { seq: 2 })).language).toBe('en');
  });
});

describe('what a change of the basket says', () => {
  it('thanks for what was put back, by name', () => {
    const state = after(shoppingOf([cola, tea]), shoppingOf([{ ...cola, count: 1, amountMinor: 350 }]));
    expect(state.notice).toEqual({ kind: 'put_back', names: [cola.name, tea.name] });
  });
  it('says nothing when something is taken', () => {
    expect(after(shoppingOf([cola]), shoppingOf([cola, tea])).notice).toBeNull();
  });
  it('says that a confirmation was taken back, even when something was put back', () => {
    const state = after(shoppingOf([cola, tea], { confirmed: true }), shoppingOf([cola]));
    expect(state.notice).toEqual({ kind: 'taken_back' });
  });
  it('a timer ends its own sentence, never a later one', () => {
    const first = after(shoppingOf([cola, tea]), shoppingOf([cola]));
    const second = reduceKiosk(first, { type: 'notice', notice: { kind: 'stale' } });
    expect(reduceKiosk(second, { type: 'noticeOver', seq: first.noticeSeq }).notice).toEqual({
      kind: 'stale',
    });
    expect(reduceKiosk(second, { type: 'noticeOver', seq: second.noticeSeq }).notice).toBeNull();
  });
  it('another screen takes the sentence away', () => {
    const state = after(shoppingOf([cola, tea]), shoppingOf([cola]), recovering);
    expect(state.notice).toBeNull();
  });
});
