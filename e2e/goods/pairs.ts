import { type Article, type Gallery, article } from '../../src/core/vision/gallery.ts';
import { type Descriptor, type Head, describe } from '../../src/core/vision/head.ts';
import type { Picture } from '../../src/core/vision/picture.ts';
import { judgePair } from '../../src/core/vision/shelf-pair.ts';
import { SeededRandom } from '../../src/shared/random.ts';
import { PairCounts } from '../../src/testkit/core/goods/pair-counts.ts';
import { median } from '../../src/testkit/core/goods/tables.ts';
import type { GoodsNetwork } from './network.ts';
import { type CutOut, ShelfComposer, type ShelfPair, slotRegions } from './shelf.ts';

/** One of so many goods is never enrolled, and put in as something foreign. */
const foreignOutOf = 6;
const referencesPerSku = 5;
const emptyShelves = 2;

/** Composed pairs through the product's registration, change map, labels and verdicts. */
export class PairTally {
  readonly #network: GoodsNetwork;
  readonly #head: Head;
  readonly #counts = new PairCounts();
  readonly #agreements: number[] = [];
  readonly #milliseconds = {
    register: [] as number[],
    align: [] as number[],
    map: [] as number[],
    pair: [] as number[],
  };

  constructor(network: GoodsNetwork, head: Head) {
    this.#network = network;
    this.#head = head;
  }

  async run(
    goods: readonly CutOut[],
    pairs: number,
    seed: number,
    said: (done: number) => void,
  ): Promise<void> {
    const shuffled = new SeededRandom(seed).shuffled(goods);
    const foreignCount = Math.floor(goods.length / foreignOutOf);
    const [foreign, sold] = [shuffled.slice(0, foreignCount), shuffled.slice(foreignCount)];
    const gallery = await this.#enrol(sold, seed);
    for (let i = 0; i < pairs; i++) {
      const pair = await new ShelfComposer(seed * 100_003 + i).pair(sold, foreign);
      await this.#judge(pair, gallery);
      said(i + 1);
    }
  }

  /** Staff put each article into several slots, at several times. */
  async #enrol(sold: readonly CutOut[], seed: number): Promise<Gallery> {
    const random = new SeededRandom(seed + 17);
    const looks = new Map<string, Descriptor[]>(sold.map(({ sku }) => [sku, []]));
    for (let round = 0; round < referencesPerSku; round++) {
      const order = random.shuffled(sold);
      for (let from = 0; from < order.length; from += slotRegions.length) {
        const shelf = order.slice(from, from + slotRegions.length);
        const picture = await new ShelfComposer(seed * 7919 + round * 101 + from).enrolment(shelf, 1);
        for (const [i, { sku }] of shelf.entries()) looks.get(sku)?.push(await this.#seen(picture, i));
      }
    }
    const empty: Descriptor[] = [];
    for (let i = 0; i < emptyShelves; i++) {
      const picture = await new ShelfComposer(seed * 104_729 + i).enrolment(
        slotRegions.map(() => null),
        1,
      );
      for (const slot of slotRegions.keys()) empty.push(await this.#seen(picture, slot));
    }
    return {
      headVersion: this.#head.version,
      articles: [...looks].map(([sku, descriptors]) => enrolled(sku, descriptors)),
      empty: enrolled('empty', empty),
    };
  }

  async #seen(picture: Picture, slot: number): Promise<Descriptor> {
    return describe(this.#head, await this.#network.look(picture, slotRegions[slot]!.crop));
  }

  async #judge({ before, after, slots }: ShelfPair, gallery: Gallery): Promise<void> {
    const startMs = performance.now();
    let doneMs = startMs;
    const findings = await judgePair({
      before,
      after,
      slots: slotRegions,
      gallery,
      see: async (picture, region) => describe(this.#head, await this.#network.look(picture, region)),
      done: (step) => {
        const nowMs = performance.now();
        this.#milliseconds[step].push(nowMs - doneMs);
        if (step === 'map') this.#milliseconds.pair.push(nowMs - startMs);
        doneMs = nowMs;
      },
    });
    if (findings.kind === 'no-picture') {
      this.#counts.noPicture(findings.why);
      return;
    }
    this.#agreements.push(findings.agreement);
    this.#counts.pair(
      findings.slots.map(({ share, alone, verdict }, i) => ({ truth: slots[i]!, share, alone, verdict })),
    );
  }

  summary(): object {
    return {
      ...this.#counts.summary(),
      lowestAgreement: median(this.#agreements, 0, 3),
      milliseconds: Object.fromEntries(
        Object.entries(this.#milliseconds).map(([step, all]) => [
          step,
          { median: median(all), p95: median(all, 0.95) },
        ]),
      ),
    };
  }
}

function enrolled(sku: string, descriptors: readonly Descriptor[]): Article {
  return article(
    sku,
    descriptors.map((descriptor) => ({ descriptor, session: 'enrolment' })),
  );
}
