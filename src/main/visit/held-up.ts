import { type InventoryLine, leastOf } from '../../core/recognition/inventory.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';

/** The main process shows by a beat so often that it goes on, ms. */
const beatEveryMs = 250;
/** After so many more beats that are no later than this, ms, all that was held up has been told. */
const beatsInTime = 3;
const beatLateMs = 100;
/** After so many, however late, nothing waits any more that came in it: else a machine that is always slow would let nobody in. */
const beatsTooLate = 4;
/** Of more in a row than this the first two count as one. */
const holdUpsMax = 16;
/** What falls due while it is being told of is put off so often at most, by a beat each: about ten seconds. */
const putOffMax = 40;

type Lines = readonly InventoryLine[];

/** It was held up once, and that is still being told of. */
interface HoldUp {
  /** For so long, ms. */
  readonly ms: number;
  /** What was in the number meanwhile; null: there was no visit. */
  readonly lines: Lines | null;
  readonly beatsLeft: number;
  readonly beatsSince: number;
}

export interface HeldUpOptions {
  readonly clock: Clock;
  /** It was held up for so long that nobody was watched. */
  readonly onUnwatched: () => void;
}

/**
 * The main process while something holds it up (a disk that blocks, whatever is written to it): nothing that happens stands on
 * the screen, and all of it is told at once afterwards. Told, it must mean what it meant when it happened.
 */
export class HeldUp {
  readonly #o: HeldUpOptions;
  /** The clock by which what decides about the visit waits: see `#after`. */
  readonly clock: Clock;
  #cancelBeat: () => void = () => undefined;
  #isVisit = false;
  /** Of the last beat; null: there is none yet. */
  #beatMs: number | null = null;
  /** What was in the number on the screen since the last beat, and since when, the newest last. */
  #shown: { readonly atMs: number; readonly lines: Lines }[] = [];
  /** What was in it whenever it was held up, as long as that is still being told of. */
  #holdUps: HoldUp[] = [];

  constructor(options: HeldUpOptions) {
    this.#o = options;
    const { clock } = options;
    this.clock = {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, fn) => this.#after(delayMs, fn),
    };
  }

  start(): void {
    this.#beat();
  }

  stop(): void {
    this.#cancelBeat();
    this.#holdUps = [];
  }

  /** The bolt may be out from now on, or is in again. */
  watch(isVisit: boolean): void {
    this.#isVisit = isVisit;
  }

  /** These goods are in the number on the screen from now on. */
  show(lines: Lines): void {
    const shown = { atMs: this.#o.clock.monotonicMs(), lines };
    if (this.#isVisit) this.#shown.push(shown);
    else this.#shown = [shown];
  }

  /** Before anything that is told from outside: was it held up? */
  look(): void {
    const { clock, onUnwatched } = this.#o;
    if (this.#beatMs === null) return;
    const nowMs = clock.monotonicMs();
    const dueMs = this.#beatMs + beatEveryMs;
    const heldUpMs = nowMs - dueMs;
    if (heldUpMs <= visitLimits.heldUpMs) return;
    // Until the beat was due it went on, and so did the screen.
    const last = this.#shown.findLast(({ atMs }) => atMs <= dueMs) ?? this.#shown[0];
    const lines = this.#isVisit ? (last?.lines ?? []) : null;
    this.#holdUps.push({ ms: heldUpMs, lines, beatsLeft: beatsInTime, beatsSince: 0 });
    const [first, second, ...others] = this.#holdUps;
    if (first !== undefined && second !== undefined && others.length > holdUpsMax - 2)
      this.#holdUps = [asOne(first, second), ...others];
    this.#beatMs = nowMs;
    if (isUnwatched({ ms: heldUpMs, lines })) onUnwatched();
  }

  /** The least that was in the number as that happened which is told now; null: what stands there now. */
  get shown(): Lines | null {
    return this.#holdUps.reduce<Lines | null>((least, { lines }) => leastOfBoth(least, lines), null);
  }

  /** A door that is said to be open now was so while nobody was watched. */
  get isUnwatched(): boolean {
    return this.#holdUps.some(isUnwatched);
  }

  /** What is told now may have come so long ago that it moves no bolt any more: somebody else may stand there. */
  get isTooLate(): boolean {
    this.look();
    const { entryLateMs } = visitLimits;
    return this.#holdUps.some(({ ms, beatsSince }) => ms > entryLateMs && beatsSince < beatsTooLate);
  }

  #beat(): void {
    this.#beatMs = this.#o.clock.monotonicMs();
    const dueMs = this.#beatMs + beatEveryMs;
    this.#cancelBeat = this.#o.clock.after(beatEveryMs, () => {
      const isInTime = this.#o.clock.monotonicMs() - dueMs <= beatLateMs;
      this.#holdUps = this.#holdUps.map((holdUp) => afterBeat(holdUp, isInTime)).filter(isToldOf);
      this.look();
      this.#shown = this.#shown.slice(-1);
      this.#beat();
    });
  }

  /**
   * As `Clock.after`. But once it goes on, all timers that fell due meanwhile run before the first message from another
   * process is heard (measured, ADR 0104): a wait that decides about a visit is put off until what happened meanwhile has been told. Before the bolt is out it ends
   * at once, and with it whatever was to let somebody in.
   */
  #after(delayMs: number, fn: () => void): () => void {
    const { clock } = this.#o;
    let [putOffs, cancel] = [0, (): void => undefined];
    const due = (): void => {
      this.look();
      if (!this.#isVisit || this.#holdUps.length === 0 || ++putOffs > putOffMax) fn();
      else cancel = clock.after(beatEveryMs, due);
    };
    cancel = clock.after(delayMs, due);
    return () => {
      cancel();
    };
  }
}

function afterBeat(holdUp: HoldUp, isInTime: boolean): HoldUp {
  const { beatsLeft, beatsSince } = holdUp;
  return { ...holdUp, beatsLeft: isInTime ? beatsLeft - 1 : beatsLeft, beatsSince: beatsSince + 1 };
}

function isToldOf({ beatsLeft }: HoldUp): boolean {
  return beatsLeft > 0;
}

function isUnwatched({ ms, lines }: Pick<HoldUp, 'ms' | 'lines'>): boolean {
  return lines !== null && ms > visitLimits.commitLateMs;
}

function leastOfBoth(a: Lines | null, b: Lines | null): Lines | null {
  return a === null || b === null ? (a ?? b) : leastOf(a, b);
}

/** Two that came one after the other count as one, which was as long as the longer, with the least that was in the number. */
function asOne(first: HoldUp, second: HoldUp): HoldUp {
  return {
    ms: Math.max(first.ms, second.ms),
    lines: leastOfBoth(first.lines, second.lines),
    beatsLeft: Math.max(first.beatsLeft, second.beatsLeft),
    beatsSince: Math.min(first.beatsSince, second.beatsSince),
  };
}
