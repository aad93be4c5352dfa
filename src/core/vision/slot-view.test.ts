import { describe, expect, it } from 'vitest';
import type { Judgement } from './judgement.ts';
import type { SlotFinding } from './shelf-pair.ts';
import { viewsOfSlots } from './slot-view.ts';

const judged = (chances: Record<string, number>): Judgement => {
  const matches = Object.entries(chances).map(([sku, probability]) => ({ sku, probability, score: 0.5 }));
  return { matches, none: 0.02, empty: 0, emptyScore: -1, known: 0.5 };
};
const finding = (verdict: SlotFinding['verdict'], before = {}, after = {}): SlotFinding => ({
  ...{ share: 0.6, alone: verdict, verdict },
  looks: verdict.kind === 'unchanged' ? null : { before: judged(before), after: judged(after) },
});
const unchanged = finding({ kind: 'unchanged' });
const doubt = finding({ kind: 'doubt' });
const nudged = finding({ kind: 'nudged', sku: 'COLA' }, { COLA: 0.9 }, { COLA: 0.9 });
const colaGone = finding({ kind: 'changed', before: 'COLA', after: null }, { COLA: 0.95, TEA: 0.03 }, {});
const [cola, tea] = [{ sku: 'COLA' }, { sku: 'TEA' }];

describe('viewsOfSlots', () => {
  it('what stayed as it was has most likely not left, what changed has, as likely as it was named', () => {
    expect(viewsOfSlots([cola, tea], [colaGone, unchanged])).toEqual([
      { sku: 'COLA', changed: 1, named: 0.95 },
      { sku: 'TEA', changed: 0.02, named: 0.5 },
    ]);
  });
  it('a nudge says nothing, and doubt neither for nor against', () => {
    expect(viewsOfSlots([cola, tea], [nudged, doubt])).toEqual([{ sku: 'TEA', changed: 0.5, named: 0.4 }]);
  });
  it('something that was put into an empty slot says nothing of what stands there', () => {
    const came = finding({ kind: 'changed', before: null, after: 'COLA' }, {}, { COLA: 0.9 });
    expect(viewsOfSlots([cola], [came])).toEqual([]);
  });
  it('of several fronts the one from which most has left counts', () => {
    expect(viewsOfSlots([cola, cola], [unchanged, colaGone])).toMatchObject([{ sku: 'COLA', named: 0.95 }]);
    expect(viewsOfSlots([cola, cola], [unchanged, nudged]), 'one of them may be gone').toEqual([]);
    expect(viewsOfSlots([cola, cola], [unchanged, doubt])).toMatchObject([{ changed: 0.5 }]);
  });
  it('what stood in the place of another is what left, and the other is not', () => {
    expect(viewsOfSlots([tea, cola], [colaGone, unchanged])).toEqual([
      { sku: 'COLA', changed: 1, named: 0.95 },
      { sku: 'TEA', changed: 1, named: 0.03 },
    ]);
  });
});
