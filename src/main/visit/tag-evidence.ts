import { type Evidence, type FinalReading, foreignCountMax } from '../../core/basket/basket.ts';
import { PresenceEstimator } from '../../core/basket/presence.ts';
import type { BaselineInventory } from '../../core/basket/baseline-inventory.ts';
import type { Clock } from '../../shared/clock.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';

type TagsMessage = Extract<HostMessage, { type: 'tags' }>;

/** Without a message for this long the reader is not believed to see the shelf, ms (a sweep comes every 2 s). */
const readerQuietMaxMs = 3_500;
/** A reader that was heard for less of the time after the door closed has given no final reading. */
const readingShareMin = 0.5;

/** Keeps the reader's evidence between messages and answers questions about it. Survives a restarted reader. */
export class TagEvidence {
  readonly #clock: Clock;
  readonly #estimator = new PresenceEstimator();
  #lastReceivedMs = Number.NEGATIVE_INFINITY;
  #markedMs = Number.NEGATIVE_INFINITY;
  #shutMark = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  observe(message: TagsMessage): void {
    this.#lastReceivedMs = this.#clock.monotonicMs();
    this.#estimator.observe(message.reads, message.atMs);
  }

  /** The reader has been heard lately. */
  get alive(): boolean {
    return this.#clock.monotonicMs() - this.#lastReceivedMs < readerQuietMaxMs;
  }
  /** The door has just been shut: what was heard before may have left since. */
  doorShut(): void {
    this.#shutMark = this.#estimator.listeningMs;
  }
  /** Marks a moment for `final`. */
  mark(): number {
    this.#markedMs = this.#clock.monotonicMs();
    return this.#estimator.listeningMs;
  }
  /**
   * What is on the shelf, for a baseline: only what was heard since the door was last shut. Null while some tag is
   * undecided, unless `force`: then what is undecided is left out, so that nobody pays for it.
   */
  baseline(force: boolean): string[] | null {
    const { present, settled } = this.#estimator.inventorySince(this.#shutMark);
    return this.alive && (settled || force) ? present : null;
  }

  /**
   * What differs from the baseline now. A tag that is in doubt stays as it was shown before. `skuOf`: the article on a tag, of a
   * tag that was put in.
   */
  evidence(
    baselineInventory: BaselineInventory,
    shownTaken: readonly string[],
    skuOf: (epc: string) => string | null,
  ): Evidence {
    const baseline = new Set(baselineInventory.tags.map((t) => t.epc));
    const shown = new Set(shownTaken);
    const taken = [...baseline].filter((epc) => {
      const presence = this.#estimator.presence(epc);
      return presence === 'absent' || (presence === 'unsure' && shown.has(epc));
    });
    const foreign = this.#estimator.present().filter((epc) => !baseline.has(epc));
    return { taken, foreign: foreign.slice(0, foreignCountMax).map((epc) => ({ epc, sku: skuOf(epc) })) };
  }

  /** The reading for the bill, from what was heard since `mark`; null while a tag is undecided (unless `force`). */
  final(baseline: BaselineInventory, mark: number, force: boolean): FinalReading | null {
    const absent: string[] = [];
    const unsure: string[] = [];
    for (const { epc } of baseline.tags) {
      const presence = this.#estimator.finalPresence(epc, mark);
      if (presence === 'absent') absent.push(epc);
      if (presence === 'unsure') unsure.push(epc);
    }
    if (unsure.length > 0 && !force) return null;
    // Nothing at all was heard since the door closed, or too little to tell: that is no reading.
    const listenedMs = this.#estimator.listeningMs - mark;
    const waitedMs = this.#clock.monotonicMs() - this.#markedMs;
    if (listenedMs === 0 || (unsure.length > 0 && listenedMs < waitedMs * readingShareMin)) return null;
    return { absent: absent, unsure };
  }
}
