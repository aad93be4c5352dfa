import { type Gallery, article, twinsOf } from '../../../core/vision/gallery.ts';
import { type Descriptor, type Head, type Views, describe } from '../../../core/vision/head.ts';
import { type Judgement, judge } from '../../../core/vision/judgement.ts';
import { SeededRandom } from '../../../shared/random.ts';
import { calibrationTable, openSetTable, quotient } from './tables.ts';

/** The looks of one article, by take: references come from `train`, questions from `test`. */
export interface SeenArticle {
  readonly sku: string;
  readonly train: readonly Views[];
  readonly test: readonly Views[];
  readonly val: readonly Views[];
  readonly catalogue: readonly Views[];
}

export interface RecognitionPlan {
  readonly referenceCounts: readonly number[];
  readonly seed: number;
}

interface Described {
  readonly sku: string;
  readonly train: readonly Descriptor[];
  readonly test: readonly Descriptor[];
  readonly catalogue: readonly Descriptor[];
}

/** One question: who it was, and what was judged. */
interface Answer {
  readonly sku: string;
  readonly judgement: Judgement;
}

/** References are drawn so many times. */
const draws = 10;
/** The figures beside top-1 are with so many references, where top-1 is; else with as many as it has first. */
const usualReferences = 5;
const candidateCounts = [2, 3, 5];
/** One article of so many is left out of the gallery for the open set, and then is unknown. */
const leftOutOf = 3;

/** Answers of several judgings (the halves of the articles) taken together. */
export class RecognitionTally {
  readonly #byCount = new Map<string, { right: number; of: number; short: number }>();
  readonly #among = new Map<number, { right: number; of: number }>();
  readonly #answers: { probability: number; isRight: boolean }[] = [];
  readonly #known: { known: number; isRight: boolean }[] = [];
  readonly #unknownAlike: number[] = [];
  readonly #unknownOther: number[] = [];
  readonly #confusions = new Map<string, number>();
  readonly #twins = new Set<string>();
  readonly #galleries: number[] = [];
  #references = usualReferences;
  #tooFew = 0;

  /** Judges these articles by this head, which must not have been learned from them. */
  add(head: Head, articles: readonly SeenArticle[], unknown: readonly Views[], plan: RecognitionPlan): void {
    const random = new SeededRandom(plan.seed);
    const described = articles
      .map((seen): Described => ({
        sku: seen.sku,
        train: seen.train.map((views) => describe(head, views)),
        test: seen.test.map((views) => describe(head, views)),
        catalogue: seen.catalogue.map((views) => describe(head, views)),
      }))
      .filter(({ train, catalogue }) => train.length + catalogue.length > 0);
    // Among one article each answer is right.
    if (described.length < 2) {
      this.#tooFew++;
      return;
    }
    const strangers = unknown.map((views) => describe(head, views));
    this.#galleries.push(described.length);
    const [first = usualReferences] = plan.referenceCounts;
    this.#references = plan.referenceCounts.includes(usualReferences) ? usualReferences : first;
    for (let draw = 0; draw < draws; draw++) {
      for (const count of plan.referenceCounts) this.#judgeAll(head, described, count, random);
      this.#openSet(head, described, strangers, random);
    }
    this.#byCatalogue(head, described);
  }

  #judgeAll(head: Head, articles: readonly Described[], count: number, random: SeededRandom): void {
    const gallery = galleryOf(head, articles, count, random);
    const row = this.#row(String(count));
    row.short += articles.filter(({ train }) => train.length < count).length;
    for (const answer of answersOf(gallery, articles)) {
      row.of++;
      const isRight = answer.judgement.matches[0]?.sku === answer.sku;
      if (isRight) row.right++;
      if (count !== this.#references) continue;
      // It is one of them: what "none of these" and "empty" were given is not in question here.
      const { matches, none, empty } = answer.judgement;
      this.#answers.push({ probability: (matches[0]?.probability ?? 0) / (1 - none - empty), isRight });
      this.#amongFew(answer, random);
      if (isRight) continue;
      const pair = `${answer.sku} taken for ${answer.judgement.matches[0]?.sku ?? 'nothing'}`;
      this.#confusions.set(pair, (this.#confusions.get(pair) ?? 0) + 1);
    }
    if (count === this.#references) for (const pair of twinsOf(gallery)) this.#twins.add(pair.join(' and '));
  }

  /** The right one and others that are drawn: as when weight or tags leave only these. */
  #amongFew({ sku, judgement }: Answer, random: SeededRandom): void {
    const others = judgement.matches.map((match) => match.sku).filter((other) => other !== sku);
    for (const count of candidateCounts) {
      if (others.length < count - 1) continue;
      const left = new Set([sku, ...random.shuffled(others).slice(0, count - 1)]);
      const row = this.#among.get(count) ?? { right: 0, of: 0 };
      row.of++;
      if (judgement.matches.find((match) => left.has(match.sku))?.sku === sku) row.right++;
      this.#among.set(count, row);
    }
  }

  #openSet(
    head: Head,
    articles: readonly Described[],
    strangers: readonly Descriptor[],
    random: SeededRandom,
  ): void {
    const shuffled = random.shuffled(articles);
    const left = Math.floor(articles.length / leftOutOf);
    const [out, kept] = [shuffled.slice(0, left), shuffled.slice(left)];
    if (kept.length < 2) return;
    const gallery = galleryOf(head, kept, this.#references, random);
    for (const { sku, judgement } of answersOf(gallery, kept))
      this.#known.push({ known: judgement.known, isRight: judgement.matches[0]?.sku === sku });
    for (const { judgement } of answersOf(gallery, out)) this.#unknownAlike.push(judgement.known);
    for (const stranger of strangers) this.#unknownOther.push(judge(gallery, stranger).known);
  }

  #byCatalogue(head: Head, articles: readonly Described[]): void {
    const listed = articles.filter(({ catalogue }) => catalogue.length > 0);
    if (listed.length < 2) return;
    const gallery = galleryFrom(
      head,
      listed.map(({ sku, catalogue }) => ({ sku, references: catalogue })),
    );
    const row = this.#row('catalogue');
    for (const { sku, judgement } of answersOf(gallery, listed)) {
      row.of++;
      if (judgement.matches[0]?.sku === sku) row.right++;
    }
  }

  #row(name: string): { right: number; of: number; short: number } {
    const row = this.#byCount.get(name) ?? { right: 0, of: 0, short: 0 };
    this.#byCount.set(name, row);
    return row;
  }

  summary(): object {
    return {
      galleries: this.#galleries,
      ...(this.#tooFew > 0 && { leftOutWithFewerThanTwoArticles: this.#tooFew }),
      referencesOfTheTablesBelow: this.#references,
      top1ByReferences: Object.fromEntries(
        [...this.#byCount].map(([name, { right, of, short }]) => [
          name,
          { share: quotient(right, of), right, of, ...(short > 0 && { articlesWithFewerReferences: short }) },
        ]),
      ),
      rightAmong: Object.fromEntries(
        [...this.#among].map(([count, { right, of }]) => [count, { share: quotient(right, of), right, of }]),
      ),
      calibrationWhenItIsOneOfThem: calibrationTable(this.#answers),
      openSet: {
        againstOtherPackagedGoods: openSetTable(this.#known, this.#unknownAlike),
        againstOtherThings: openSetTable(this.#known, this.#unknownOther),
      },
      mostConfused: [...this.#confusions].sort((a, b) => b[1] - a[1]).slice(0, 8),
      twins: [...this.#twins],
    };
  }
}

function galleryOf(head: Head, articles: readonly Described[], count: number, random: SeededRandom): Gallery {
  return galleryFrom(
    head,
    articles.map(({ sku, train, catalogue }) => ({
      sku,
      references: train.length > 0 ? random.shuffled(train).slice(0, count) : catalogue,
    })),
  );
}

function galleryFrom(
  head: Head,
  listed: readonly { sku: string; references: readonly Descriptor[] }[],
): Gallery {
  return {
    headVersion: head.version,
    articles: listed.map(({ sku, references }) =>
      article(
        sku,
        references.map((descriptor) => ({ descriptor, session: 'train' })),
      ),
    ),
    empty: null,
  };
}

function answersOf(gallery: Gallery, articles: readonly Described[]): Answer[] {
  return articles.flatMap(({ sku, test }) =>
    test.map((descriptor) => ({ sku, judgement: judge(gallery, descriptor) })),
  );
}
