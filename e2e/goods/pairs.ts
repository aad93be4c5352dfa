import { changeMapOf, changedShare } from '../../src/core/vision/change-map.ts';
import { type Article, type Gallery, article } from '../../src/core/vision/gallery.ts';
import { type Descriptor, type Head, describe } from '../../src/core/vision/head.ts';
import { type Label, judge, labelOf } from '../../src/core/vision/judgement.ts';
import type { Picture } from '../../src/core/vision/picture.ts';
import { aligned, register } from '../../src/core/vision/registration.ts';
import { type SlotVerdict, changedFrom, slotVerdict } from '../../src/core/vision/slot-verdict.ts';
import { unusableBecause, unusableBeside } from '../../src/core/vision/usable.ts';
import { SeededRandom } from '../../src/shared/random.ts';
import type { GoodsNetwork } from './network.ts';
import { type CutOut, ShelfComposer, type ShelfPair, type SlotTruth, slotRegions } from './shelf.ts';
import { median, quotient } from './tables.ts';

/** One of so many goods is never enrolled, and put in as something foreign. */
const foreignOutOf = 6;
const referencesPerSku = 5;
const emptyShelves = 2;

/** Composed pairs through the product's registration, change map, labels and verdicts. */
export class PairTally {
  readonly #network: GoodsNetwork;
  readonly #head: Head;
  readonly #counts = {
    pairs: 0,
    noPicture: 0,
    slots: 0,
    changed: 0,
    found: 0,
    right: 0,
    doubt: 0,
    wrong: 0,
    missed: 0,
    untouched: 0,
    falseClaims: 0,
    falseDoubts: 0,
    nudged: 0,
    nudgedClaimed: 0,
    nudgedDoubts: 0,
    foreign: 0,
    foreignNamed: 0,
    pairsAllRight: 0,
  };
  readonly #reasons: Record<string, number> = {};
  readonly #agreements: number[] = [];
  readonly #sharesChanged: number[] = [];
  readonly #sharesUntouched: number[] = [];
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
    const counts = this.#counts;
    counts.pairs++;
    const startMs = performance.now();
    const registered = register(before, after);
    const registeredMs = performance.now();
    const reason =
      unusableBecause(after) ??
      (registered.ok ? unusableBeside(before, after, registered.value) : 'no-match');
    if (reason !== null || !registered.ok) {
      counts.noPicture++;
      this.#reasons[reason ?? ''] = (this.#reasons[reason ?? ''] ?? 0) + 1;
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
    let isAllRight = true;
    for (const [i, truth] of slots.entries()) {
      const share = changedShare(map, slotRegions[i]!.changes);
      const verdict: SlotVerdict =
        share < changedFrom
          ? { kind: 'unchanged' }
          : slotVerdict(share, await this.#label(before, i, gallery), await this.#label(back, i, gallery));
      if (!this.#count(truth, verdict, share)) isAllRight = false;
    }
    if (isAllRight) counts.pairsAllRight++;
  }

  async #label(picture: Picture, slot: number, gallery: Gallery): Promise<Label> {
    return labelOf(judge(gallery, await this.#seen(picture, slot)));
  }

  /** Whether all of it was right, and nothing left open. */
  #count(truth: SlotTruth, verdict: SlotVerdict, share: number): boolean {
    const counts = this.#counts;
    counts.slots++;
    if (truth.before === truth.after) {
      if (truth.isNudged) {
        counts.nudged++;
        if (verdict.kind === 'changed') counts.nudgedClaimed++;
        if (verdict.kind === 'doubt') counts.nudgedDoubts++;
      } else {
        counts.untouched++;
        this.#sharesUntouched.push(share);
        if (verdict.kind === 'changed') counts.falseClaims++;
        if (verdict.kind === 'doubt') counts.falseDoubts++;
      }
      return verdict.kind === 'unchanged' || (verdict.kind === 'nudged' && verdict.sku === truth.before);
    }
    counts.changed++;
    this.#sharesChanged.push(share);
    if (truth.isForeign) {
      counts.foreign++;
      if (verdict.kind === 'changed' && verdict.after !== null) counts.foreignNamed++;
    }
    const isFound = verdict.kind === 'changed' || verdict.kind === 'doubt';
    if (isFound) counts.found++;
    else counts.missed++;
    if (verdict.kind === 'doubt') counts.doubt++;
    if (verdict.kind !== 'changed') return false;
    const isRight = verdict.before === truth.before && verdict.after === truth.after;
    if (isRight) counts.right++;
    else counts.wrong++;
    return isRight;
  }

  summary(): object {
    return {
      ...this.#counts,
      noPictureBecause: this.#reasons,
      lowestAgreement: Number(Math.min(...this.#agreements).toFixed(3)),
      foundShare: quotient(this.#counts.found, this.#counts.changed),
      rightShare: quotient(this.#counts.right, this.#counts.changed),
      lowestShareOfChanged: Number(Math.min(...this.#sharesChanged).toFixed(3)),
      untouchedAboveThreshold: this.#sharesUntouched.filter((share) => share >= changedFrom).length,
      highestShareOfUntouched: Number(Math.max(...this.#sharesUntouched).toFixed(3)),
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
