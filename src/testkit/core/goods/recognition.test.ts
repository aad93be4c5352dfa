import { describe, expect, it } from 'vitest';
import type { Head, Projection, Views } from '../../../core/vision/head.ts';
import { RecognitionTally, type SeenArticle } from './recognition.ts';

/** Takes nothing off and turns nothing: a descriptor is the look itself. */
const asItIs = (size: number): Projection => ({
  mean: new Float32Array(size),
  axes: Array.from({ length: size }, (_, i) =>
    Float32Array.from({ length: size }, (_unused, k) => Number(i === k)),
  ),
});
const size = 6;
const head: Head = { version: 'as it is', network: asItIs(size), colour: asItIs(size) };
const look = (axis: number): Views => {
  const numbers = Float32Array.from({ length: size }, (_, i) => Number(i === axis));
  return [{ network: numbers, colour: numbers }];
};
const seen = (sku: string, train: number, test: number): SeenArticle => ({
  sku,
  train: Array.from({ length: 6 }, () => look(train)),
  test: [look(test)],
  val: [],
  catalogue: [look(train)],
});
const plan = { referenceCounts: [1, 5, 12], seed: 1 };

interface Summary {
  readonly top1ByReferences: Record<
    string,
    { share: number; of: number; articlesWithFewerReferences?: number }
  >;
  readonly rightAmong: Record<string, { share: number }>;
  readonly mostConfused: readonly [string, number][];
  readonly twins: readonly string[];
}
function judged(articles: readonly SeenArticle[]): Summary {
  const tally = new RecognitionTally();
  tally.add(head, articles, [], plan);
  return tally.summary() as Summary;
}

describe('RecognitionTally', () => {
  it('finds all of what looks as its references do', () => {
    const summary = judged([seen('tea', 0, 0), seen('milk', 1, 1), seen('juice', 2, 2)]);
    for (const name of ['1', '5', '12', 'catalogue']) expect(summary.top1ByReferences[name]?.share).toBe(1);
    expect(summary.rightAmong['3']?.share).toBe(1);
    expect([summary.mostConfused, summary.twins]).toEqual([[], []]);
  });

  it('names what is taken for something else, and how often', () => {
    const summary = judged([seen('tea', 0, 0), seen('milk', 1, 0), seen('juice', 2, 2)]);
    expect(summary.top1ByReferences['5']).toMatchObject({ share: 0.6667, of: 30 });
    expect(summary.mostConfused).toEqual([['milk taken for tea', 10]]);
    expect(summary.rightAmong['3']?.share).toBe(0.6667);
  });

  it('says how many articles have fewer references than asked for', () => {
    const summary = judged([seen('tea', 0, 0), seen('milk', 1, 1)]);
    expect(summary.top1ByReferences['12']?.articlesWithFewerReferences).toBe(20);
    expect(summary.top1ByReferences['5']).not.toHaveProperty('articlesWithFewerReferences');
  });

  it('has no figure among one article, of which each answer would be right', () => {
    const summary = judged([seen('tea', 0, 0), { ...seen('milk', 1, 1), train: [], catalogue: [] }]);
    expect(summary.top1ByReferences).toEqual({});
    expect(summary).toMatchObject({ galleries: [], leftOutWithFewerThanTwoArticles: 1 });
  });

  it('has the other tables for the number of references that was asked for', () => {
    const tally = new RecognitionTally();
    tally.add(head, [seen('tea', 0, 0), seen('milk', 1, 0)], [], { referenceCounts: [3], seed: 1 });
    expect(tally.summary()).toMatchObject({
      referencesOfTheTablesBelow: 3,
      mostConfused: [['milk taken for tea', 10]],
    });
  });

  it('names pairs that pictures alone must not decide between', () => {
    expect(judged([seen('tea', 0, 0), seen('green tea', 0, 0), seen('milk', 1, 1)]).twins).toEqual([
      'tea and green tea',
    ]);
  });
});
