import { describe, expect, it } from 'vitest';
import type { SlotVerdict } from '../../../core/vision/slot-verdict.ts';
import { type JudgedSlot, PairCounts, type SlotTruth } from './pair-counts.ts';

const truth = (before: string | null, after: string | null, more: Partial<SlotTruth> = {}): SlotTruth => ({
  before,
  after,
  isForeign: false,
  isNudged: false,
  ...more,
});
const moved = (before: string | null, after: string | null): SlotVerdict => ({
  kind: 'changed',
  before,
  after,
});
const judged = (
  slot: SlotTruth,
  verdict: SlotVerdict,
  more: Partial<Pick<JudgedSlot, 'alone' | 'share'>> = {},
): JudgedSlot => ({ truth: slot, verdict, alone: verdict, share: 0.9, ...more });
const doubt: SlotVerdict = { kind: 'doubt' };
const unchanged: SlotVerdict = { kind: 'unchanged' };

function counted(...slots: JudgedSlot[]): object {
  const counts = new PairCounts();
  counts.pair(slots);
  return counts.summary();
}

describe('PairCounts', () => {
  it('calls right only what is right before and after', () => {
    expect(counted(judged(truth('tea', null), moved('tea', null)))).toMatchObject({ right: 1, wrong: 0 });
    expect(counted(judged(truth('tea', null), moved('milk', null)))).toMatchObject({ right: 0, wrong: 1 });
    expect(counted(judged(truth('tea', 'milk'), moved('tea', null)))).toMatchObject({ right: 0, wrong: 1 });
  });

  it('calls a changed slot missed when nothing was said of it, also when it was called nudged', () => {
    for (const said of [unchanged, { kind: 'nudged', sku: 'tea' } as const])
      expect(counted(judged(truth('tea', null), said))).toMatchObject({ missed: 1, found: 0, right: 0 });
    expect(counted(judged(truth('tea', null), doubt))).toMatchObject({ missed: 0, found: 1, doubt: 1 });
  });

  it('knows a claim of an untouched slot from a doubt, and nudged goods from untouched ones', () => {
    expect(counted(judged(truth('tea', 'tea'), moved('tea', null)))).toMatchObject({
      falseClaims: 1,
      untouched: 1,
      pairsAllRight: 0,
    });
    const nudged = truth('tea', 'tea', { isNudged: true });
    expect(counted(judged(nudged, doubt))).toMatchObject({ nudged: 1, nudgedDoubts: 1, untouched: 0 });
    expect(counted(judged(nudged, { kind: 'nudged', sku: 'milk' }))).toMatchObject({ pairsAllRight: 0 });
    expect(counted(judged(nudged, { kind: 'nudged', sku: 'tea' }))).toMatchObject({ pairsAllRight: 1 });
  });

  it('counts a foreign thing as named when it is claimed to be ours, and as wrong', () => {
    const foreign = truth(null, 'foreign', { isForeign: true });
    expect(counted(judged(foreign, moved(null, 'tea')))).toMatchObject({
      foreign: 1,
      foreignNamed: 1,
      wrong: 1,
    });
    expect(counted(judged(foreign, doubt, { alone: moved(null, 'tea') }))).toMatchObject({
      foreignNamed: 0,
      foreignNamedByLookAlone: 1,
      doubtOfWhatCameFromNowhere: 1,
      wrong: 0,
    });
  });

  it('keeps the extremes of what decides whether anybody looks', () => {
    const summary = counted(
      judged(truth('tea', null), doubt, { share: 0.4 }),
      judged(truth('tea', null), doubt, { share: 0.7 }),
      judged(truth('milk', 'milk'), unchanged, { share: 0.1 }),
      judged(truth('milk', 'milk'), doubt, { share: 0.3 }),
    );
    expect(summary).toMatchObject({
      lowestShareOfChanged: 0.4,
      highestShareOfUntouched: 0.3,
      untouchedAboveThreshold: 1,
      rightShare: 0,
    });
  });

  it('tells a pair without a picture, and why', () => {
    const counts = new PairCounts();
    counts.noPicture('dark');
    counts.noPicture('dark');
    expect(counts.summary()).toMatchObject({
      pairs: 2,
      noPicture: 2,
      noPictureBecause: { dark: 2 },
      lowestShareOfChanged: null,
      foundShare: null,
    });
  });
});
