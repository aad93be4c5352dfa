import { type InventoryLine, leastOf } from '../../core/recognition/inventory.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';

/** While it is looked after, the main process shows by a beat so often that it goes on, ms. */
const beatEveryMs = 250;
/** After so many more beats that are no later than this, ms, all that was held up has been told. */
const beatsInTime = 3;
const beatLateMs = 100;
/** Of more in a row than this the first have long been told of. */
const holdUpsMax = 16;

type Lines = readonly InventoryLine[];

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
  #cancelBeat: (() => void) | null = null;
  #beatMs = 0;
  /** What was in the number on the screen since the last beat, and since when, the newest last. */
  #shown: { readonly atMs: number; readonly lines: Lines }[] = [];
  /** What was in it whenever it was held up, as long as that is still being told of. */
  #holdUps: { readonly lines: Lines; readonly isUnwatched: boolean; beatsLeft: number }[] = [];

  constructor(options: HeldUpOptions) {
    this.#o = options;
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
    const holdUp = { lines: last?.lines ?? [], isUnwatched, beatsLeft: beatsInTime };
    this.#holdUps = [...this.#holdUps, holdUp].slice(-holdUpsMax);
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
    for (const holdUp of this.#holdUps) holdUp.beatsLeft--;
    this.#holdUps = this.#holdUps.filter(({ beatsLeft }) => beatsLeft > 0);
  }
}
