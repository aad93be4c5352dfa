import { takeBaseline } from '../../core/basket/baseline-inventory.ts';
import { type TagLookup, makeTagLookup } from '../../core/basket/tag-lookup.ts';
import type { VisitEvent, VisitStateName } from '../../core/visit/visit-model.ts';
import { type Visit, mustSurvive } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import type { DeviceStatus } from './device-status.ts';
import { TagEvidence } from './tag-evidence.ts';

/** A reading answers with what it has this long before the visit's own time-out. */
const forceBeforeMs = 200;

export interface ShelfReaderOptions {
  readonly clock: Clock;
  readonly devices: DeviceStatus;
  readonly catalog: () => Catalog | null;
  readonly visit: () => Visit;
  /** What it has to say: `baseline`, `evidence`, `finalReading`. */
  readonly dispatch: (event: VisitEvent) => void;
}

/**
 * Reads the shelf for the visit: the baseline before the bolt moves, what differs from it while the door is open, the final reading
 * after it has shut. A reading that does not settle in time answers shortly before the wait of the visit ends, with what it has.
 */
export class ShelfReader {
  readonly #options: ShelfReaderOptions;
  readonly #tags: TagEvidence;
  #isBaselineWanted = false;
  #finalMark: number | null = null;
  /** Of the catalogue at hand, made only when something was put in, which is seldom. */
  #lookup: { readonly catalog: Catalog; readonly skuOf: TagLookup } | null = null;

  constructor(options: ShelfReaderOptions) {
    this.#options = options;
    this.#tags = new TagEvidence(options.clock);
  }

  /** The reader has been received lately: what it says of the shelf is believed. */
  get isAlive(): boolean {
    return this.#tags.alive;
  }

  /** Tags were read: says what has changed for the visit. */
  onTags(message: Extract<HostMessage, { type: 'tags' }>): void {
    this.#tags.observe(message);
    this.#tryBaseline(false);
    const { baseline, taken } = this.#options.visit().context;
    if (baseline === null || !mustSurvive(this.#options.visit())) return;
    const evidence = this.#tags.evidence(baseline, taken, (epc) => this.#skuOf(epc));
    this.#options.dispatch({ type: 'evidence', ...evidence });
    this.#tryFinalReading(false);
  }

  /** The door has just been shut: what was read before may have left since. */
  onDoorShut(): void {
    this.#tags.doorShut();
  }

  /** Wanted until the visit leaves `preparing`. */
  startBaseline(): void {
    this.#isBaselineWanted = true;
    this.#beforeTimeout(() => {
      this.#tryBaseline(true);
    });
    this.#tryBaseline(false);
  }

  /** Wanted until the visit leaves `checking`. */
  startFinalReading(): void {
    const mark = this.#tags.mark();
    this.#finalMark = mark;
    this.#beforeTimeout(() => {
      if (this.#finalMark === mark) this.#tryFinalReading(true);
    });
  }

  /** Call with each state that the visit enters. */
  onStateEntered(state: VisitStateName): void {
    if (state !== 'checking') this.#finalMark = null;
    if (state !== 'preparing') this.#isBaselineWanted = false;
  }

  /** The shelf counts as read once the lock answers, the door is shut and the reader has settled every tag. */
  #tryBaseline(force: boolean): void {
    const { clock, devices, dispatch } = this.#options;
    const catalog = this.#options.catalog();
    if (!this.#isBaselineWanted || catalog === null) return;
    if (devices.door !== 'closed' || !devices.isReady('lock')) return;
    const present = this.#tags.baseline(force);
    if (present === null) return;
    this.#isBaselineWanted = false;
    dispatch({ type: 'baseline', inventory: takeBaseline(present, catalog), atMs: clock.nowMs() });
  }

  #tryFinalReading(force: boolean): void {
    const { baseline } = this.#options.visit().context;
    if (this.#finalMark === null || baseline === null) return;
    const reading = this.#tags.final(baseline, this.#finalMark, force);
    if (reading !== null) this.#options.dispatch({ type: 'finalReading', reading });
  }

  /** Calls `fn` shortly before the current wait of the visit ends, if that wait is still the current one. */
  #beforeTimeout(fn: () => void): void {
    const { timer } = this.#options.visit().context;
    if (timer === null) return;
    this.#options.clock.after(timer.durationMs - forceBeforeMs, () => {
      if (this.#options.visit().context.timer?.seq === timer.seq) fn();
    });
  }

  #skuOf(epc: string): string | null {
    const catalog = this.#options.catalog();
    if (catalog === null) return null;
    if (this.#lookup?.catalog !== catalog) this.#lookup = { catalog, skuOf: makeTagLookup(catalog) };
    return this.#lookup.skuOf(epc)?.sku ?? null;
  }
}
