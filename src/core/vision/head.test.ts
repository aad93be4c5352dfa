import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../shared/random.ts';
import { type Lesson, fitHead } from './fit-head.ts';
import { readHead, writeHead } from './head-file.ts';
import { type Look, describe as described, networkLook } from './head.ts';
import { dot, unit } from './linear.ts';

const size = 12;

/** An article is a place in the last numbers; the first ones are light, which is stronger and says nothing. */
function looksOf(article: number, count: number, seed: number): Look[] {
  const random = new SeededRandom(seed * 1000 + article);
  const own = new SeededRandom(article + 1);
  const middle = Array.from({ length: size }, (_, i) => (i < 4 ? 0 : own.unit() - 0.5));
  const draw = (): Float32Array =>
    Float32Array.from(middle, (value, i) => value + (random.unit() - 0.5) * (i < 4 ? 8 : 0.1));
  return Array.from({ length: count }, () => ({ network: draw(), colour: draw() }));
}

const lessonsOf = (articles: readonly number[]): Lesson[] =>
  articles.flatMap((article) =>
    looksOf(article, 12, 1).map((look) => ({ views: [look], sku: `sku-${article}` })),
  );

function learned(articles: readonly number[]): ReturnType<typeof fitHead> & { ok: true } {
  const head = fitHead(lessonsOf(articles), 'drawn');
  if (!head.ok) throw new Error(head.error.message);
  return head;
}

describe('fitHead', () => {
  it('makes articles alike in all light that it never saw', () => {
    const head = learned([1, 2, 3, 4, 5, 6]).value;
    const rightBy = (describe: (look: Look) => Float32Array): number => {
      const judged = [11, 12, 13, 14];
      const references = judged.map((article) => describe(looksOf(article, 1, 7)[0]!));
      return judged.reduce((right, article, i) => {
        const scores = looksOf(article, 25, 8).map((look) =>
          references.map((one) => dot(one, describe(look))),
        );
        return right + scores.filter((all) => all.indexOf(Math.max(...all)) === i).length;
      }, 0);
    };
    const asSeen = rightBy(({ network }) => unit(network));
    const byHead = rightBy((look) => described(head, [look]));
    expect(asSeen).toBeLessThan(50);
    expect(byHead).toBeGreaterThan(75);
  });

  it('says when there is too little to learn from', () => {
    const one = fitHead(lessonsOf([1]), 'drawn');
    expect(one.ok ? '' : one.error.code).toBe('vision.too_few_lessons');
    const nobodyKnows = fitHead(
      lessonsOf([1, 2]).map(({ views }) => ({ views, sku: null })),
      'drawn',
    );
    expect(nobodyKnows.ok).toBe(false);
  });

  it('learns the same from the same', () => {
    expect(learned([1, 2, 3])).toEqual(learned([1, 2, 3]));
  });

  it('gives numbers when all pictures are one', () => {
    const look = looksOf(1, 1, 1)[0]!;
    const head = fitHead(
      ['a', 'a', 'b', 'b'].map((sku) => ({ views: [look], sku })),
      'drawn',
    );
    expect(head.ok && described(head.value, [look]).every(Number.isFinite)).toBe(true);
  });
});

describe('describe', () => {
  it('says of two looks what lies between what it says of each', () => {
    const head = learned([1, 2, 3, 4]).value;
    const [one, other] = [looksOf(1, 1, 5)[0]!, looksOf(3, 1, 6)[0]!];
    const [first, second] = [described(head, [one]), described(head, [other])];
    const both = described(head, [one, other]);
    expect(dot(both, both)).toBeCloseTo(1, 5);
    expect(dot(both, first)).toBeCloseTo(dot(both, second), 5);
    expect(dot(both, first)).toBeGreaterThan(dot(first, second));
  });

  it('takes every look of a lesson', () => {
    const lessons = lessonsOf([1, 2, 3]);
    const paired = Array.from({ length: lessons.length / 2 }, (_, i) => ({
      views: [...lessons[2 * i]!.views, ...lessons[2 * i + 1]!.views],
      sku: lessons[2 * i]!.sku,
    }));
    expect(fitHead(paired, 'drawn')).toEqual(fitHead(lessons, 'drawn'));
  });
});

describe('networkLook', () => {
  it('makes each layer as heavy as the others', () => {
    expect([...networkLook([[4, 0], [9]])]).toEqual([1, 0, 1]);
    expect([...networkLook([[0, 0], [-1]])]).toEqual([0, 0, 0]);
  });
});

describe('the file of a head', () => {
  const file = writeHead({ head: learned([1, 2, 3]).value, learnedFrom: ['a', '茶 🍵'] });

  it('says the same of a picture when it is read again', () => {
    const read = readHead(file);
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.learnedFrom).toEqual(['a', '茶 🍵']);
    for (const look of looksOf(9, 5, 3))
      expect(
        dot(described(read.value.head, [look]), described(learned([1, 2, 3]).value, [look])),
      ).toBeCloseTo(1, 5);
  });

  it('is refused when it is cut short, or is something else', () => {
    for (const bytes of [file.slice(0, -1), new Uint8Array(0), new TextEncoder().encode('{}\n')]) {
      const read = readHead(bytes);
      expect(read.ok ? '' : read.error.code).toBe('vision.head_corrupt');
    }
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !readHead(bytes).ok));
  });
});
