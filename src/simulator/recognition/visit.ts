import type { FusedObservation } from '../../core/recognition/fusion/fused-observation.ts';
import type { SeededRandom } from '../../shared/random.ts';
import type { Piece, SimulatedCabinet } from './cabinet.ts';
import { type Fault, laneCount } from './faults.ts';
import { type Physics, cameraFaults, scaleFaults, shoppers, tagFaults } from './physics.ts';
import { Sensing } from './sensing.ts';
import { type Act, frontBeside, planVisit } from './shopper.ts';

/** Who watches a visit: the estimator under test with its bookkeeping. */
export interface Watcher {
  /** The bolt moves. */
  begin(nowMs: number): void;
  observe(observation: FusedObservation): void;
  /** Something was taken or put back: right from now on is `truth`. */
  changed(truth: ReadonlyMap<string, number>, atMs: number): void;
  /** What the screen shows may be looked at; everything until now was reported. */
  glance(atMs: number): void;
  /** The shopper looks at the list before they shut the door: whether they confirm a list that is right, or one that is wrong. */
  review(ifRight: boolean, ifWrong: boolean): void;
  shut(atMs: number): void;
  /** False: it wants to read on. */
  isDone(isLast: boolean): boolean;
}

/** After the start of a visit: it is prepared, the bolt moves. */
const [beginMs, openMs] = [1_000, 2_000] as const;
/** After a touch: scales have rested, the next rounds of the reader are over, a camera has looked. */
const afterTouchMs = [450, 900, 1_400, 2_000, 2_600] as const;
/** After the door was shut. */
const finalMs = [1_500, 3_000, 5_000, 8_000, 11_500, 15_000] as const;

/** Plays one visit; the pieces know afterwards which of them left. Returns how many of each article did. */
export function playVisit(options: {
  readonly cabinet: SimulatedCabinet;
  readonly random: SeededRandom;
  readonly physics: Physics;
  readonly faults: readonly Fault[];
  readonly watcher: Watcher;
  readonly startMs: number;
}): ReadonlyMap<string, number> {
  const { cabinet, random, watcher, startMs } = options;
  const sensing = new Sensing({
    ...options,
    emit: (observation) => {
      watcher.observe(observation);
    },
  });
  const all = Array.from({ length: laneCount }, (_, lane) => lane);
  for (const lane of all) sensing.weigh(lane, startMs + beginMs - 100);
  sensing.listen(startMs + beginMs - 50, new Set(), false);
  watcher.begin(startMs + beginMs);
  sensing.beginShadows(startMs + openMs);
  const plan = planVisit(cabinet, random, startMs + openMs);
  const touched = new Set<number>();
  for (const [i, act] of plan.acts.entries()) {
    for (const lane of perform(act, sensing, options)) touched.add(lane);
    watcher.changed(truthOf(cabinet, sensing), act.atMs);
    const untilMs = plan.acts[i + 1]?.atMs ?? plan.shutMs;
    report(sensing, watcher, {
      act,
      touched,
      untilMs,
      isShaking: random.chance(scaleFaults.shakeAVisit / 4),
    });
  }
  if (!plan.isQuick)
    watcher.review(random.chance(shoppers.confirmsRight), random.chance(shoppers.confirmsWrong));
  for (const lane of all) sensing.load(lane).leanG = 0;
  watcher.shut(plan.shutMs);
  for (const fault of sensing.faultsOf('tags-at-the-glass'))
    for (const piece of sensing.pieces)
      if (piece.lane === null && random.chance(fault.share)) piece.isTornOff = true;
  for (const [i, afterMs] of finalMs.entries()) {
    const atMs = plan.shutMs + afterMs;
    for (const lane of all) sensing.weigh(lane, atMs);
    sensing.listen(atMs, touched, true);
    if (i === 0) sensing.look(atMs);
    if (watcher.isDone(i === finalMs.length - 1)) break;
  }
  return truthOf(cabinet, sensing);
}

function truthOf(cabinet: SimulatedCabinet, { pieces }: Sensing): Map<string, number> {
  const truth = new Map<string, number>();
  for (const piece of pieces) {
    const sku = cabinet.articles[piece.article]?.sku;
    if (piece.lane === null && sku !== undefined) truth.set(sku, (truth.get(sku) ?? 0) + 1);
  }
  return truth;
}

/** Returns the lanes that were touched. */
function perform(
  act: Act,
  sensing: Sensing,
  options: { readonly cabinet: SimulatedCabinet; readonly random: SeededRandom; readonly physics: Physics },
): number[] {
  const { random, physics } = options;
  const { atMs } = act;
  if (act.kind === 'own') {
    sensing.load(act.lane).ownG += act.grams;
    return [act.lane];
  }
  const { piece } = act;
  const lane = act.kind === 'put' ? act.lane : (piece.lane ?? 0);
  const load = sensing.load(lane);
  const grams = act.kind === 'put' ? piece.weightG : -piece.weightG;
  load.crept += grams * scaleFaults.creepShare;
  if (random.chance(scaleFaults.contactAnAction)) {
    const [min, max] = scaleFaults.contactG;
    load.contactG += random.between(min, max) * (random.chance(0.5) ? 1 : -1);
  }
  if (act.kind === 'put') {
    const isHome = options.cabinet.articles[piece.article]?.lane === lane;
    piece.lane = lane;
    sensing.backAt(piece);
    if (!isHome) coverFront(sensing, random, lane);
  } else {
    const torn = sensing
      .faultsOf('tags-torn')
      .reduce<number>((sum, { share }) => sum + share, tagFaults.tornOff);
    if (random.chance(torn)) piece.isTornOff = true;
    sensing.goneAt(piece, atMs);
    piece.lane = null;
  }
  const isLeaning = sensing.faultsOf('hand-shadow').length > 0 || random.chance(scaleFaults.leanAnAction);
  if (isLeaning) load.leanG = random.between(...scaleFaults.leanG);
  shadowByHand(sensing, lane, atMs, random, physics);
  return [lane];
}

function coverFront(sensing: Sensing, random: SeededRandom, lane: number): void {
  if (random.chance(cameraFaults.covered)) sensing.cover(frontBeside(random, lane));
}

/** A hand over a lane silences what lies there for a while; now and then something stays turned away. */
function shadowByHand(
  sensing: Sensing,
  lane: number,
  atMs: number,
  random: SeededRandom,
  { shadows }: Physics,
): void {
  const named = sensing.faultsOf('hand-shadow')[0];
  if (named === undefined && !random.chance(tagFaults.handAnAction)) return;
  const untilMs = atMs + random.between(...tagFaults.handMs);
  const there = sensing.pieces.filter((p: Piece) => p.lane === lane);
  for (const piece of there) if (random.chance(0.6)) sensing.silence(piece, atMs - 200, untilMs);
  const stays = named?.stays ?? shadows * tagFaults.handLeavesShadow;
  const [first] = random.shuffled(there);
  if (first !== undefined && random.chance(stays)) sensing.silence(first, atMs, Infinity);
}

/** What the sensors say until the next touch. */
function report(
  sensing: Sensing,
  watcher: Watcher,
  after: {
    readonly act: Act;
    readonly touched: ReadonlySet<number>;
    readonly untilMs: number;
    readonly isShaking: boolean;
  },
): void {
  const { act, touched, untilMs, isShaking } = after;
  for (const [i, afterMs] of afterTouchMs.entries()) {
    const atMs = act.atMs + afterMs;
    if (atMs >= untilMs) return;
    for (const lane of touched) {
      // The hand leaves the shelf after the first look at the scale.
      if (i === 1) sensing.load(lane).leanG = 0;
      if (i <= 1) sensing.weigh(lane, atMs, isShaking && i === 0);
    }
    sensing.listen(atMs, touched, false);
    if (i === 1) sensing.look(atMs);
    watcher.glance(atMs);
  }
}
