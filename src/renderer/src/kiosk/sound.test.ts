import { describe, expect, it } from 'vitest';
import type { VisitView } from '../../../shared/model/visit.ts';
import { type ViewInput, cola, receiptOf, shoppingOf, snapshotOf } from '../testing/snapshots.ts';
import { soundFor } from './sound.ts';

const view = (input: ViewInput): VisitView => snapshotOf(input).visit;
const countdown = { durationMs: 3_000, elapsedMs: 0 };
const unlocking = (phase: 'preparing' | 'open_now'): VisitView =>
  view({ screen: 'unlocking', phase, member: '', countdown });
const attract = view({ screen: 'attract' });

describe('what a change of the screen sounds like', () => {
  it('is silent at the start and on the way to the scan', () => {
    expect(soundFor(null, view({ screen: 'refused', reason: 'network.timeout', countdown }))).toBeNull();
    expect(
      soundFor(
        attract,
        view({ screen: 'identifying', purpose: 'visit', cabinetCode: { state: 'none' }, countdown }),
      ),
    ).toBeNull();
  });
  it('says when the door may be pulled, when it may not, and when it is paid', () => {
    expect(soundFor(unlocking('preparing'), unlocking('open_now'))).toBe('ok');
    expect(soundFor(attract, view({ screen: 'refused', reason: 'network.timeout', countdown }))).toBe(
      'problem',
    );
    const checking = view({
      screen: 'checking',
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
  it('does not repeat itself when the same screen comes again', () => {
    expect(soundFor(unlocking('open_now'), unlocking('open_now'))).toBeNull();
    expect(soundFor(view(receiptOf()), view(receiptOf()))).toBeNull();
  });
});

function snapshotBasket(): Extract<ViewInput, { screen: 'checking' }>['basket'] {
  const shopping = shoppingOf([cola]);
  if (shopping.screen !== 'shopping') throw new Error('shopping expected');
  return shopping.basket;
}
