import { changeMapOf, changedShare } from '../../src/core/vision/change-map.ts';
import { type Article, type Gallery, article } from '../../src/core/vision/gallery.ts';
import { type Descriptor, type Head, describe } from '../../src/core/vision/head.ts';
import { type Label, judge, labelOf } from '../../src/core/vision/judgement.ts';
import type { Picture } from '../../src/core/vision/picture.ts';
import { aligned, register } from '../../src/core/vision/registration.ts';
import {
  type SlotVerdict,
  accountedFor,
  changedFrom,
  slotVerdict,
} from '../../src/core/vision/slot-verdict.ts';
import { unusableBecause, unusableBeside } from '../../src/core/vision/usable.ts';
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
    const registered = register(before, after);
    const registeredMs = performance.now();
    const reason =
      unusableBecause(after) ??
      (registered.ok ? unusableBeside(before, after, registered.value) : 'no-match');
    if (reason !== null || !registered.ok) {
      this.#counts.noPicture(reason ?? '');
      return;
    }
    this.#agreements.push(registered.value.agreement);
    const judgedMs = performance.now();
    const back = aligned(after, registered.value.similarity);
    const alignedMs = performance.now();
    const map = changeMapOf(before, back);
    const mappedMs = performance.now();
    this.#milliseconds.register.push(registeredMs - startMs);
    this.#milliseconds.align.push(alignedMs - judgedMs);
    this.#milliseconds.map.push(mappedMs - alignedMs);
    this.#milliseconds.pair.push(mappedMs - startMs);
    const shares = slotRegions.map(({ changes }) => changedShare(map, changes));
    const alone: SlotVerdict[] = [];
    for (const [i, share] of shares.entries())
      alone.push(
        share < changedFrom
          ? { kind: 'unchanged' }
          : slotVerdict(share, await this.#label(before, i, gallery), await this.#label(back, i, gallery)),
      );
    const verdicts = accountedFor(alone);
    this.#counts.pair(
      slots.map((truth, i) => ({ truth, share: shares[i]!, alone: alone[i]!, verdict: verdicts[i]! })),
    );
  }

  async #label(picture: Picture, slot: number, gallery: Gallery): Promise<Label> {
    return labelOf(judge(gallery, await this.#seen(picture, slot)));
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
