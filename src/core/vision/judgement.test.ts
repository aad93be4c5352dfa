import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Gallery, article, referencesMax, twinsOf, withReference } from './gallery.ts';
import { judge, labelOf } from './judgement.ts';
import { unit } from './linear.ts';
import { type SlotVerdict, accountedFor, changedFrom, slotVerdict } from './slot-verdict.ts';

const at = (...numbers: number[]): Float32Array => unit(Float32Array.from(numbers));
const of = (sku: string, ...numbers: number[]): ReturnType<typeof article> =>
  article(sku, [{ descriptor: at(...numbers), session: 'one' }]);
const gallery: Gallery = {
  headVersion: 'drawn',
  articles: [of('tea', 1, 0, 0, 0), of('milk', 0, 1, 0, 0), of('juice', 0, 0, 1, 0)],
  empty: of('empty', 0, 0, 0, 1),
};
const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });

describe('judge', () => {
  it('shares certainty among the goods, an empty slot and something else', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { matches, none, empty } = judge(gallery, at(...values));
        const sum = matches.reduce((all, { probability }) => all + probability, none + empty);
        expect(sum).toBeCloseTo(1, 9);
        const scores = matches.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  it('knows what it has seen, and says that it does not know the rest', () => {
    expect(judge(gallery, at(0.1, 1, 0, 0)).matches[0]).toMatchObject({ sku: 'milk' });
    expect(judge(gallery, at(0.1, 1, 0, 0)).matches[0]?.probability).toBeGreaterThan(0.95);
    expect(judge(gallery, at(-1, -1, -1, -1)).none).toBeGreaterThan(0.95);
    expect(judge(gallery, at(0, 0, 0.1, 1)).empty).toBeGreaterThan(0.95);
  });

  it('looks only at what is possible', () => {
    const { matches } = judge(gallery, at(1, 0.9, 0, 0), undefined, new Set(['milk', 'juice']));
    expect(matches.map(({ sku }) => sku)).toEqual(['milk', 'juice']);
  });

  it('knows something of two goods less than of one', () => {
    expect(judge(gallery, at(1, 0, 0, 0)).known).toBeGreaterThan(judge(gallery, at(1, 1, 0, 0)).known);
  });

  it('says nothing of an empty gallery', () => {
    const judged = judge({ ...gallery, articles: [], empty: null }, at(1, 0, 0, 0));
    expect(judged).toMatchObject({ matches: [], none: 1 });
    expect(labelOf(judged).isSure).toBe(false);
  });
});

describe('slotVerdict', () => {
  const labels = numbers.map((values) => labelOf(judge(gallery, at(...values))));
  const shares = fc.double({ min: 0, max: 1, noNaN: true });

  it('claims a change only when both looks are sure, and never calls doubt "no change"', () => {
    fc.assert(
      fc.property(shares, labels, labels, (share, before, after) => {
        const verdict = slotVerdict(share, before, after);
        if (share < changedFrom) expect(verdict.kind).toBe('unchanged');
        else if (!before.isSure || !after.isSure) expect(verdict.kind).toBe('doubt');
        else expect(verdict.kind).toBe(before.sku === after.sku ? 'nudged' : 'changed');
      }),
    );
  });

  it('is not sure between two goods that are about as near', () => {
    expect(labelOf(judge(gallery, at(1, 0.95, 0, 0)))).toEqual({ sku: 'tea', isSure: false });
    expect(labelOf(judge(gallery, at(1, 0.2, 0, 0)))).toEqual({ sku: 'tea', isSure: true });
    expect(labelOf(judge(gallery, at(0.1, 0, 0, 1)))).toEqual({ sku: null, isSure: true });
  });
});

describe('accountedFor', () => {
  const moved = (before: string | null, after: string | null): SlotVerdict => ({
    kind: 'changed',
    before,
    after,
  });
  const doubt: SlotVerdict = { kind: 'doubt' };

  it('believes that something was moved, swapped or put back', () => {
    const swap = [moved('tea', 'milk'), moved('milk', 'tea'), moved('juice', null)];
    expect(accountedFor(swap)).toEqual(swap);
    expect(accountedFor([moved(null, 'tea')], ['tea'])).toEqual([moved(null, 'tea')]);
  });

  it('does not take for ours what nobody took before', () => {
    expect(accountedFor([moved(null, 'tea'), moved('milk', null)])).toEqual([doubt, moved('milk', null)]);
    expect(accountedFor([moved('milk', 'tea')])).toEqual([doubt]);
  });

  it('does not choose which of two is the one that was taken', () => {
    expect(accountedFor([moved(null, 'tea'), moved(null, 'tea')], ['tea'])).toEqual([doubt, doubt]);
  });

  it('never claims that more has come than has gone', () => {
    const skus = fc.constantFrom('tea', 'milk', 'juice', null);
    const verdicts = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('changed' as const), before: skus, after: skus }),
        fc.constant(doubt),
      ),
    );
    fc.assert(
      fc.property(verdicts, fc.array(fc.constantFrom('tea', 'milk')), (all, taken) => {
        const left = new Map<string, number>();
        for (const sku of taken) left.set(sku, (left.get(sku) ?? 0) + 1);
        const believed = accountedFor(all, taken);
        for (const verdict of all)
          if (verdict.kind === 'changed' && verdict.before !== null)
            left.set(verdict.before, (left.get(verdict.before) ?? 0) + 1);
        for (const verdict of believed)
          if (verdict.kind === 'changed' && verdict.after !== null)
            left.set(verdict.after, (left.get(verdict.after) ?? 0) - 1);
        expect([...left.values()].every((count) => count >= 0)).toBe(true);
      }),
    );
  });
});

describe('withReference', () => {
  const near = (i: number, session: string): { descriptor: Float32Array; session: string } => ({
    descriptor: at(1, 0.01 * i, 0, 0),
    session,
  });

  it('keeps the newest, and something of each session', () => {
    let known = article('tea', [near(0, 'first')]);
    for (let i = 1; i <= 30; i++) known = withReference(known, near(i, 'second'));
    expect(known.references.length).toBe(referencesMax);
    expect(known.references.filter(({ session }) => session === 'first').length).toBe(1);
    expect(known.references.at(-1)?.descriptor).toEqual(near(30, 'second').descriptor);
  });

  it('takes nothing that the others contradict', () => {
    let known = article('tea', [near(0, 'first')]);
    for (let i = 1; i < 4; i++) known = withReference(known, near(i, 'first'));
    expect(withReference(known, { descriptor: at(0, 0, 1, 0), session: 'second' })).toBe(known);
  });
});

describe('twinsOf', () => {
  it('names what must not be told apart by pictures alone', () => {
    const alike = { ...gallery, articles: [...gallery.articles, of('green tea', 1, 0.5, 0, 0)] };
    expect(twinsOf(alike)).toEqual([['tea', 'green tea']]);
  });
});
