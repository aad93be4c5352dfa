import type { FusedObservation, SilentTag, View } from '../../core/recognition/fusion/fused-observation.ts';
import type { SeededRandom } from '../../shared/random.ts';
import {
  type Piece,
  type SimulatedCabinet,
  antennaId,
  antennasOf,
  cameraId,
  cameraOf,
  normalOf,
  scaleId,
} from './cabinet.ts';
import { type Fault, type FaultKind, antennaCount, laneCount } from './faults.ts';
import { type Physics, cameraFaults, hearing, scaleFaults, tagFaults } from './physics.ts';

const readings = 4;
const readingMs = 100;
const hourMs = 3_600_000;
/** An antenna has lost a tag once its silence is chance no more often than that. */
const lostBelow = 0.001;

/** What lies on a scale beside its goods. */
interface Load {
  leanG: number;
  contactG: number;
  ownG: number;
  driftG: number;
  crept: number;
  atMs: number;
  /** What a stuck one says. */
  stuckG: number | null;
}

/** The cabinet's sensors in one visit: what they say of what is true, by the physics and the faults of this visit. */
export class Sensing {
  readonly #cabinet: SimulatedCabinet;
  readonly #random: SeededRandom;
  readonly #physics: Physics;
  readonly #faults: readonly Fault[];
  readonly #emit: (observation: FusedObservation) => void;
  /** All that was there when the bolt moved. */
  readonly pieces: readonly Piece[];
  readonly #loads: readonly Load[];
  /** Since when a piece is gone, or its tag is silenced, and until when. */
  readonly #gone = new Map<Piece, number>();
  readonly #silenced = new Map<Piece, { readonly sinceMs: number; readonly untilMs: number }>();
  readonly #draws = new Map<number, number>();
  readonly #noPicture: ReadonlySet<number>;
  readonly #covered = new Set<number>();

  constructor(options: {
    readonly cabinet: SimulatedCabinet;
    readonly random: SeededRandom;
    readonly physics: Physics;
    readonly faults: readonly Fault[];
    readonly emit: (observation: FusedObservation) => void;
  }) {
    this.#cabinet = options.cabinet;
    this.#random = options.random;
    this.#physics = options.physics;
    this.#faults = options.faults;
    this.#emit = options.emit;
    this.pieces = this.#cabinet.pieces.filter((p) => p.lane !== null);
    this.#loads = Array.from({ length: laneCount }, () => ({
      ...{ leanG: 0, contactG: 0, ownG: 0, driftG: 0, crept: 0, atMs: 0, stuckG: null },
    }));
    const chance = cameraFaults.noPicture * this.#physics.noise;
    this.#noPicture = new Set([0, 1].filter(() => this.#random.chance(chance)));
  }

  faultsOf<K extends FaultKind>(kind: K): Extract<Fault, { kind: K }>[] {
    return this.#faults.filter((one): one is Extract<Fault, { kind: K }> => one.kind === kind);
  }

  load(lane: number): Load {
    const load = this.#loads[lane];
    if (load === undefined) throw new Error(`no lane ${lane}`);
    return load;
  }

  goneAt(piece: Piece, atMs: number): void {
    this.#gone.set(piece, atMs);
  }

  backAt(piece: Piece): void {
    this.#gone.delete(piece);
  }

  silence(piece: Piece, sinceMs: number, untilMs: number): void {
    const before = this.#silenced.get(piece);
    if (before === undefined || before.untilMs < untilMs) this.#silenced.set(piece, { sinceMs, untilMs });
  }

  cover(article: number): void {
    this.#covered.add(article);
  }

  /** Readings of a lane's scale that end now. */
  weigh(lane: number, atMs: number, isShaking = false): void {
    const random = this.#random;
    const crossed = this.faultsOf('lanes-crossed').find(({ lanes }) => lanes.includes(lane));
    const [a, b] = crossed?.lanes ?? [lane, lane];
    const truly = crossed === undefined ? lane : lane === a ? b : a;
    const load = this.load(truly);
    const { sigmaG, spikesAnHour, spikeG, driftG } = scaleFaults;
    const { noise } = this.#physics;
    // Before the visit it drifted too, and nobody has to know how much.
    const passedMs = load.atMs === 0 ? 0 : Math.max(0, atMs - load.atMs);
    load.driftG += noise * driftG * Math.sqrt(passedMs / hourMs) * normalOf(random);
    for (const fault of this.faultsOf('scale-drift'))
      if (fault.lane === truly) load.driftG += (fault.gramsPerMinute * passedMs) / 60_000;
    load.atMs = atMs;
    const more = this.faultsOf('scale-noise').find((one) => one.lane === truly)?.factor ?? 1;
    const sigma = noise * more * (load.leanG !== 0 || isShaking ? 20 : sigmaG);
    const gain = this.faultsOf('scale-gain').find((one) => one.lane === truly)?.factor ?? 1;
    const restG = gain * this.#loadG(truly) + load.driftG;
    const isStuck = this.faultsOf('scale-stuck').some((one) => one.lane === truly);
    for (let i = readings - 1; i >= 0; i--) {
      const isSpike = random.chance((noise * spikesAnHour * readingMs) / hourMs);
      const spike = isSpike ? random.between(spikeG[0], spikeG[1]) * (random.chance(0.5) ? 1 : -1) : 0;
      const saidG = restG + sigma * normalOf(random) + spike;
      load.stuckG ??= saidG;
      this.#emit({
        kind: 'weight',
        deviceId: scaleId(lane),
        atMs: atMs - i * readingMs,
        grams: isStuck ? load.stuckG : saidG,
        isStable: !isShaking,
      });
    }
  }

  #goodsG(lane: number): number {
    const { leanG, contactG, ownG } = this.load(lane);
    return this.pieces.reduce((sum, p) => (p.lane === lane ? sum + p.weightG : sum), leanG + contactG + ownG);
  }

  #loadG(lane: number): number {
    let grams = this.#goodsG(lane);
    for (const { lanes, share } of this.faultsOf('lanes-bridged')) {
      if (lane === lanes[0]) grams *= 1 - share;
      if (lane === lanes[1]) grams += share * this.#goodsG(lanes[0]);
    }
    return grams + this.load(lane).crept;
  }

  /** All antennas report; of lanes that nobody touched, only what is silenced, unless `isWhole`. */
  listen(atMs: number, touched: ReadonlySet<number>, isWhole: boolean): void {
    for (let antenna = 0; antenna < antennaCount; antenna++) {
      const silent: SilentTag[] = [];
      const strays: string[] = [];
      for (const piece of this.pieces) {
        if (piece.isTagDead) continue;
        const home = this.#cabinet.articles[piece.tagArticle]?.lane ?? 0;
        const isOwn = antennasOf(home).includes(antenna);
        const isQuiet = !isWhole && !touched.has(home) && !this.#silenced.has(piece) && piece.lane === home;
        if (isQuiet && !this.#isFaulty(antenna)) continue;
        const rounds = this.#silentRounds(piece, antenna, atMs);
        if (!isOwn && (1 - piece.hearing * hearing.next) ** rounds > lostBelow) strays.push(piece.epc);
        if (!isOwn || rounds === 0) continue;
        const believed = piece.believed * (antennasOf(home)[0] === antenna ? 1 : hearing.next);
        silent.push({ epc: piece.epc, missChance: (1 - believed) ** rounds });
      }
      const listenedSinceMs = atMs - hearing.roundMs;
      this.#emit({ kind: 'tags', deviceId: antennaId(antenna), atMs, listenedSinceMs, silent, strays });
    }
  }

  #isFaulty(antenna: number): boolean {
    return [...this.faultsOf('antenna-dead'), ...this.faultsOf('antenna-weak')].some(
      (one) => one.antenna === antenna,
    );
  }

  /** For how many rounds this antenna has not heard the tag: since it left or was silenced, and by chance before. */
  #silentRounds(piece: Piece, antenna: number, atMs: number): number {
    const lane = piece.lane ?? this.#cabinet.articles[piece.article]?.lane ?? 0;
    const [own, next] = antennasOf(lane);
    if (antenna !== own && antenna !== next) return 1_000;
    if (this.faultsOf('antenna-dead').some((one) => one.antenna === antenna)) return 1_000;
    const weak = this.faultsOf('antenna-weak').find((one) => one.antenna === antenna)?.factor ?? 1;
    const chance = piece.hearing * weak * (antenna === own ? 1 : hearing.next);
    const byChance = Math.floor(Math.log(1 - this.#random.unit()) / Math.log(1 - Math.min(0.999, chance)));
    const silenced = this.#silenced.get(piece);
    const isSilenced = silenced !== undefined && silenced.sinceMs <= atMs && atMs < silenced.untilMs;
    const sinceMs = Math.min(
      piece.isTornOff ? Infinity : (this.#gone.get(piece) ?? Infinity),
      isSilenced ? silenced.sinceMs : Infinity,
    );
    return (
      byChance + (sinceMs === Infinity ? 0 : Math.max(0, Math.floor((atMs - sinceMs) / hearing.roundMs)))
    );
  }

  /** Both cameras compare what they see with the picture before the door opened. */
  look(atMs: number): void {
    for (const camera of [0, 1]) {
      if (this.#noPicture.has(camera)) continue;
      const lanes = Array.from({ length: laneCount }, (_, lane) => lane).filter(
        (l) => cameraOf(l) === camera,
      );
      const seen = this.#cabinet.articles.flatMap((one, article) =>
        lanes.includes(one.lane) ? [article] : [],
      );
      const turned = this.faultsOf('camera-turned').find((one) => one.camera === camera)?.by ?? 0;
      const views = seen.map((article, i): View => {
        const at = seen[(i + turned) % seen.length] ?? article;
        const sku = this.#cabinet.articles[at]?.sku ?? '';
        const view = this.#viewOf(article, camera);
        return { sku, changed: view.changed, named: at === article ? view.named : 0.03 };
      });
      this.#emit({ kind: 'pictures', deviceId: cameraId(camera), atMs, views });
    }
  }

  /** A model of the recogniser's verdict, not the recogniser: its errors by the shares that were measured. */
  #viewOf(article: number, camera: number): { readonly changed: number; readonly named: number } {
    if (this.faultsOf('camera-frozen').some((one) => one.camera === camera))
      return { changed: 0.02, named: 0.5 };
    let draw = this.#draws.get(article);
    if (draw === undefined) this.#draws.set(article, (draw = this.#random.unit()));
    const { noise } = this.#physics;
    const { doubt, missed, wrong, doubtOfSame, ghost } = cameraFaults;
    const sure = { changed: 0.97, named: 0.95 };
    const unsure = { changed: 0.5, named: 0.4 };
    const other = { changed: 0.97, named: 0.03 };
    const isConfused = this.faultsOf('camera-confused').some(
      (one) => one.camera === camera && (draw * 7_919) % 1 < one.share,
    );
    if (this.#hasLeft(article)) {
      if (isConfused || draw < noise * wrong) return other;
      if (draw < noise * (wrong + missed)) return { changed: 0.02, named: 0.5 };
      return draw < noise * (wrong + missed + doubt) ? unsure : sure;
    }
    if (this.#covered.has(article)) return unsure;
    if (draw < noise * ghost) return sure;
    return draw < noise * (ghost + doubtOfSame) ? unsure : { changed: 0.02, named: 0.5 };
  }

  /** From the front of this article, whatever stands there. */
  #hasLeft(article: number): boolean {
    const exchanged = this.faultsOf('goods-exchanged').find(({ articles }) => articles.includes(article));
    const [a, b] = exchanged?.articles ?? [article, article];
    const standing = exchanged === undefined ? article : article === a ? b : a;
    const home = this.#cabinet.articles[article]?.lane;
    return this.pieces.some((p) => p.article === standing && p.lane !== home);
  }

  /** At the start of a visit: shadows that nobody made, and wet bottles. */
  beginShadows(atMs: number): void {
    const random = this.#random;
    const silenceSome = (of: readonly Piece[], count: number): void => {
      for (const piece of random.shuffled(of).slice(0, count)) this.silence(piece, atMs, Infinity);
    };
    const { shadows } = this.#physics;
    if (random.chance(shadows * tagFaults.lastingShadowAVisit)) silenceSome(this.pieces, 1);
    const wet = this.faultsOf('wet-bottles');
    const counts = wet.map(({ count }) => count);
    if (random.chance(shadows * tagFaults.wetAVisit)) counts.push(random.between(2, tagFaults.wetMax));
    for (const count of counts) {
      const lane = random.between(0, laneCount - 1);
      silenceSome(
        this.pieces.filter((p) => p.lane === lane),
        count,
      );
    }
  }
}
