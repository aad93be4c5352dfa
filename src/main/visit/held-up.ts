import { type InventoryLine, leastOf } from '../../core/recognition/inventory.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';

/** While it is looked after, the main process shows by a beat so often that it goes on, ms. */
const beatEveryMs = 250;
/** After so many more beats that are no later than this, ms, all that was held up has been told. */
const beatsInTime = 3;
const beatLateMs = 100;
/** Of more in a row than this the first two count as one. */
const holdUpsMax = 16;
/** What falls due while it is being told of is put off so often at most, by a beat each: about ten seconds. */
const putOffMax = 40;

type Lines = readonly InventoryLine[];

/** It was held up once, and that is still being told of. */
interface HoldUp {
  readonly lines: Lines;
  readonly isUnwatched: boolean;
  readonly beatsLeft: number;
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
  #cancelBeat: (() => void) | null = null;
  #beatMs = 0;
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

  /** Looks after it from now on, or no longer. */
  watch(isOn: boolean): void {
    if (isOn === (this.#cancelBeat !== null)) return;
    if (!isOn) {
      this.stop();
      return;
    }
    this.#beatMs = this.#o.clock.monotonicMs();
    this.#beatLater();
  }

  stop(): void {
    this.#cancelBeat?.();
    [this.#cancelBeat, this.#holdUps] = [null, []];
  }

  /** These goods are in the number on the screen from now on. */
  show(lines: Lines): void {
    const shown = { atMs: this.#o.clock.monotonicMs(), lines };
    if (this.#cancelBeat === null) this.#shown = [shown];
    else this.#shown.push(shown);
  }

  /** Before anything that is told from outside: was it held up? */
  look(): void {
    const { clock, onUnwatched } = this.#o;
    const nowMs = clock.monotonicMs();
    const dueMs = this.#beatMs + beatEveryMs;
    const heldUpMs = nowMs - dueMs;
    if (this.#cancelBeat === null || heldUpMs <= visitLimits.heldUpMs) return;
    // Until the beat was due it went on, and so did the screen.
    const last = this.#shown.findLast(({ atMs }) => atMs <= dueMs) ?? this.#shown[0];
    const isUnwatched = heldUpMs > visitLimits.commitLateMs;
    this.#holdUps.push({ lines: last?.lines ?? [], isUnwatched, beatsLeft: beatsInTime });
    const [first, second, ...others] = this.#holdUps;
    if (first !== undefined && second !== undefined && others.length > holdUpsMax - 2)
      this.#holdUps = [asOne(first, second), ...others];
    this.#beatMs = nowMs;
    if (isUnwatched) onUnwatched();
  }

  /** The least that was in the number as that happened which is told now; null: what stands there now. */
  get shown(): Lines | null {
    const [first, ...others] = this.#holdUps;
    return first === undefined
      ? null
      : others.reduce<Lines>((least, { lines }) => leastOf(least, lines), first.lines);
  }

  /** A door that is said to be open now was so while nobody was watched. */
  get isUnwatched(): boolean {
    return this.#holdUps.some(({ isUnwatched }) => isUnwatched);
  }

  #beatLater(): void {
    this.#cancelBeat = this.#o.clock.after(beatEveryMs, () => {
      const lateMs = this.#o.clock.monotonicMs() - this.#beatMs - beatEveryMs;
      this.look();
      if (lateMs <= beatLateMs) this.#beatInTime();
      this.#shown = this.#shown.slice(-1);
      this.#beatMs = this.#o.clock.monotonicMs();
      this.#beatLater();
    });
  }

  #beatInTime(): void {
    this.#holdUps = this.#holdUps
      .map((holdUp) => ({ ...holdUp, beatsLeft: holdUp.beatsLeft - 1 }))
      .filter(({ beatsLeft }) => beatsLeft > 0);
  }

  /**
   * As `Clock.after`. But once it goes on, all timers that fell due meanwhile run before the first message from another
   * process is heard (measured, ADR 0104): a wait that decides is put off until what happened meanwhile has been told.
   */
  #after(delayMs: number, fn: () => void): () => void {
    const { clock } = this.#o;
    let [putOffs, cancel] = [0, (): void => undefined];
    const due = (): void => {
      this.look();
      if (this.#holdUps.length === 0 || ++putOffs > putOffMax) fn();
      else cancel = clock.after(beatEveryMs, due);
    };
    cancel = clock.after(delayMs, due);
    return () => {
      cancel();
    };
  }
}

/** Two that came one after the other: the least that was in the number in both of them. */
function asOne(first: HoldUp, second: HoldUp): HoldUp {
  return {
    lines: leastOf(first.lines, second.lines),
    isUnwatched: first.isUnwatched || second.isUnwatched,
    beatsLeft: Math.max(first.beatsLeft, second.beatsLeft),
  };
}
