import { FusedEstimator } from '../../core/recognition/fusion/fused-estimator.ts';
import type { FusedObservation, SilentTag } from '../../core/recognition/fusion/fused-observation.ts';
import type { FusedLayout } from '../../core/recognition/fusion/layout.ts';

/** By lane: articles and what a piece of them weighs; two of the first lane weigh the same. */
const goods = [
  { TEA: 340, COLA: 500, SODA: 500, NUTS: 90 },
  { MILK: 260, JUICE: 310, CHIP: 75, SOAP: 120 },
  { RICE: 650, BEER: 430, MINT: 45, CAKE: 150 },
] as const;
const piecesOfArticle = 4;
const roundMs = 500;
/** The chance to miss a tag that is there in a round. */
const missOfRound = 0.2;
const readingMs = 100;

interface Has {
  readonly tags?: boolean;
  readonly scales?: boolean;
  readonly cameras?: boolean;
}

/** A small cabinet without noise before a fused estimator: whatever the test does is told by every sensor there is. */
export class FusedCabinet {
  readonly estimator: FusedEstimator;
  readonly #layout: FusedLayout;
  nowMs = 0;
  /** By article: the lane of each of its pieces; null: it has left. */
  readonly #pieces = new Map<string, (number | null)[]>();
  /** Tags that are not heard, wherever their pieces are, and since when. */
  readonly #silent = new Map<string, number>();
  /** Tags that stay when their piece leaves. */
  readonly #torn = new Set<string>();
  /** Grams on a scale that are no goods. */
  readonly #otherG = [0, 0, 0];
  readonly #seen = new Map<string, { changed: number; named: number }>();
  readonly lost = new Set<string>();

  constructor({ tags = true, scales = true, cameras = true }: Has = {}) {
    this.#layout = {
      articles: goods.flatMap((of) =>
        Object.entries(of).map(([sku, weightG]) => ({ sku, weightG, spread: 0.01 })),
      ),
      lanes: goods.map((of, i) => ({
        lane: `L${i}`,
        skus: Object.keys(of),
        scale: scales ? `scale-${i}` : null,
        antennas: tags ? [`antenna-${i}`] : [],
        camera: cameras ? 'camera' : null,
      })),
    };
    this.estimator = new FusedEstimator(this.#layout);
    for (const [lane, of] of goods.entries())
      for (const sku of Object.keys(of))
        this.#pieces.set(
          sku,
          Array.from({ length: piecesOfArticle }, () => lane),
        );
    this.weigh();
    this.begin();
  }

  /** A visit begins with what lies there. */
  begin(): void {
    const stock = [...this.#pieces].map(([sku, lanes]) => ({
      sku,
      tags: lanes.flatMap((lane, i) =>
        lane === null || this.#silent.has(epcOf(sku, i)) ? [] : [epcOf(sku, i)],
      ),
      untagged: 0,
    }));
    this.#seen.clear();
    this.estimator.startVisit(stock, this.nowMs);
    this.nowMs += 1_000;
  }

  take(sku: string, options: { readonly torn?: boolean } = {}): void {
    const lanes = this.#lanesOf(sku);
    const i = lanes.findIndex((lane) => lane !== null);
    lanes[i] = null;
    if (options.torn === true) this.#torn.add(epcOf(sku, i));
    else this.silence(sku, i);
    this.#seen.set(sku, { changed: 0.97, named: 0.95 });
  }

  /** The piece that was taken last is put down: in its own lane, or in another one. */
  put(sku: string, lane = homeOf(sku)): void {
    const lanes = this.#lanesOf(sku);
    const i = lanes.lastIndexOf(null);
    lanes[i] = lane;
    this.#silent.delete(epcOf(sku, i));
    if (lane === homeOf(sku) && !lanes.includes(null)) this.#seen.delete(sku);
  }

  silence(sku: string, i: number): void {
    this.#silent.set(epcOf(sku, i), this.nowMs);
  }

  hear(sku: string, i: number): void {
    this.#silent.delete(epcOf(sku, i));
  }

  /** Something that is no goods lies, or leans, on a lane; minus: it is gone again. */
  load(lane: number, grams: number): void {
    this.#otherG[lane] = (this.#otherG[lane] ?? 0) + grams;
  }

  see(sku: string, changed: number, named: number): void {
    this.#seen.set(sku, { changed, named });
  }

  say(observation: FusedObservation): void {
    if (!this.lost.has(observation.deviceId)) this.estimator.observe(observation);
  }

  lose(deviceId: string): void {
    this.say({ kind: 'lost', deviceId, atMs: this.nowMs });
    this.lost.add(deviceId);
  }

  weigh(isStable = true): void {
    for (let i = 0; i < 4; i++, this.nowMs += readingMs)
      for (const lane of goods.keys())
        this.say({
          ...{ kind: 'weight', deviceId: `scale-${lane}`, atMs: this.nowMs, isStable },
          grams: this.#gramsOf(lane),
        });
  }

  listen(): void {
    for (const antenna of goods.keys()) {
      const silent: SilentTag[] = [];
      const strays: string[] = [];
      for (const [sku, lanes] of this.#pieces)
        for (const [i, lane] of lanes.entries()) {
          const epc = epcOf(sku, i);
          const sinceMs = this.#silent.get(epc);
          const rounds = sinceMs === undefined ? 0 : Math.floor((this.nowMs - sinceMs) / roundMs);
          const isHeardHere = this.#torn.has(epc) ? homeOf(sku) === antenna : lane === antenna;
          if (homeOf(sku) !== antenna) {
            if (isHeardHere && rounds === 0) strays.push(epc);
          } else if (!isHeardHere || rounds > 0)
            silent.push({ epc, missChance: missOfRound ** Math.max(1, rounds) });
        }
      const listenedSinceMs = this.nowMs - roundMs;
      this.say({
        kind: 'tags',
        deviceId: `antenna-${antenna}`,
        atMs: this.nowMs,
        listenedSinceMs,
        silent,
        strays,
      });
    }
  }

  look(): void {
    const views = [...this.#pieces.keys()].map((sku) => ({
      sku,
      ...(this.#seen.get(sku) ?? { changed: 0.02, named: 0.5 }),
    }));
    this.say({ kind: 'pictures', deviceId: 'camera', atMs: this.nowMs, views });
  }

  /** Everything rests for so long, and every sensor that there is says what it sees. */
  rest(ms = 4_000): void {
    const layout = this.#layout.lanes[0];
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; this.nowMs += 600) {
      if (layout?.scale !== null) this.weigh();
      if (layout?.antennas.length !== 0) this.listen();
    }
    if (layout?.camera !== null) this.look();
  }

  /** Shuts the door and reads to the end: what is billed, asked, held, as "2 TEA". */
  end(ms = 4_000): Readonly<Record<'bill' | 'ask' | 'hold', string[]>> {
    this.estimator.doorShut(this.nowMs);
    this.rest(ms);
    const of = (decision: 'bill' | 'ask' | 'hold'): string[] =>
      this.estimator
        .verdict()
        .lines.filter((line) => line.decision === decision)
        .map(({ sku, quantity }) => `${quantity} ${sku}`)
        .sort();
    return { bill: of('bill'), ask: of('ask'), hold: of('hold') };
  }

  #lanesOf(sku: string): (number | null)[] {
    const lanes = this.#pieces.get(sku);
    if (lanes === undefined) throw new Error(`no ${sku}`);
    return lanes;
  }

  #gramsOf(lane: number): number {
    let grams = this.#otherG[lane] ?? 0;
    for (const of of goods)
      for (const [sku, weightG] of Object.entries(of))
        grams += weightG * this.#lanesOf(sku).filter((at) => at === lane).length;
    return grams;
  }
}

function epcOf(sku: string, i: number): string {
  return `${sku}-${i}`;
}

function homeOf(sku: string): number {
  return goods.findIndex((of) => Object.hasOwn(of, sku));
}
