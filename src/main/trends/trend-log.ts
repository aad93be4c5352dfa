import { z } from 'zod';
import { type BandSlot, bandSeries } from '../../core/chart/band-series.ts';
import type { Clock } from '../../shared/clock.ts';
import type { SalesView, TrendsView } from '../../shared/model/trends.schema.ts';
import { type TrendName, trendNames } from '../../shared/model/trends.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';

export const trendTimes = {
  sampleEveryMs: 60_000,
  /** One line of the log: the least and the most of so long. A week of them is kept. */
  slotMs: 30 * 60_000,
  slotsKept: 7 * 24 * 2,
  /** What was sold is counted again when somebody looks, but not more often. */
  salesFreshMs: 60_000,
} as const;

const bandSchema = z.tuple([z.number().int(), z.number().int()]).nullable();
const slotSchema = z.object({ atMs: z.number(), bands: z.array(bandSchema).length(trendNames.length) });
type Slot = z.infer<typeof slotSchema>;

export interface TrendLogOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  /** Charges that are not settled, and when the oldest was opened; null: not readable. */
  readonly queue: () => { readonly count: number; readonly oldestMs: number | null } | null;
  /** How long the operator took to answer last, ms; null: not heard. */
  readonly answerMs: () => number | null;
  readonly sales: () => SalesView | null;
  readonly clock: Clock;
  /** The operator's time. */
  readonly nowMs: () => number;
}

/** How the cabinet fares over a week, for the charts of its staff: measured each minute, kept as the least and the most of half an hour. */
export class TrendLog {
  readonly #o: TrendLogOptions;
  #slots: Slot[];
  /** Reads since the last sample; null: no reader has said anything yet. */
  #reads: number | null = null;
  #sampledMs: number;
  #sales: { readonly atMs: number; readonly view: SalesView | null } | null = null;
  #cancel: () => void = () => undefined;

  constructor(options: TrendLogOptions) {
    this.#o = options;
    this.#sampledMs = options.clock.monotonicMs();
    const kept = options.meta.get('trends');
    const slots = slotSchema
      .array()
      .max(trendTimes.slotsKept)
      .safeParse(kept.ok ? fromJson(kept.value) : null);
    this.#slots = slots.success ? slots.data : [];
  }

  start(): void {
    this.#cancel = this.#o.clock.after(trendTimes.sampleEveryMs, () => {
      this.#sample();
      this.start();
    });
  }
  stop(): void {
    this.#cancel();
    this.#keep();
  }

  deviceEvent(event: DeviceEvent): void {
    if (event.type === 'tags') this.#reads = (this.#reads ?? 0) + event.reads.length;
  }

  view(withSales: boolean): TrendsView {
    const { slotMs } = trendTimes;
    const nowMs = this.#o.nowMs();
    const charts = trendNames.map((name, i) => {
      const slots = this.#slots.flatMap(({ atMs, bands }): BandSlot[] => {
        const band = bands[i] ?? null;
        return band === null ? [] : [{ atMs, low: band[0], high: band[1] }];
      });
      return {
        name,
        day: bandSeries(slots, { nowMs, stepMs: slotMs, count: 24 * 2 }),
        week: bandSeries(slots, { nowMs, stepMs: 2 * slotMs, count: 7 * 24 }),
      };
    });
    return { charts, sales: withSales ? this.#salesNow() : null };
  }

  #salesNow(): SalesView | null {
    const nowMs = this.#o.clock.monotonicMs();
    if (this.#sales === null || nowMs - this.#sales.atMs >= trendTimes.salesFreshMs)
      this.#sales = { atMs: nowMs, view: this.#o.sales() };
    return this.#sales.view;
  }

  #sample(): void {
    const { clock, nowMs, queue, answerMs } = this.#o;
    const elapsedMs = clock.monotonicMs() - this.#sampledMs;
    this.#sampledMs += elapsedMs;
    const waiting = queue();
    const ageMs = waiting === null ? null : nowMs() - (waiting.oldestMs ?? nowMs());
    const said: Record<TrendName, number | null> = {
      reads: this.#reads === null || elapsedMs <= 0 ? null : (this.#reads * 1000) / elapsedMs,
      queue: waiting?.count ?? null,
      queueAge: ageMs === null ? null : Math.max(0, ageMs / 60_000),
      answer: answerMs(),
    };
    if (this.#reads !== null) this.#reads = 0;
    this.#note(trendNames.map((name) => (said[name] === null ? null : Math.round(said[name]))));
  }

  #note(values: readonly (number | null)[]): void {
    const { slotMs, slotsKept } = trendTimes;
    const atMs = Math.floor(this.#o.nowMs() / slotMs) * slotMs;
    const last = this.#slots.at(-1);
    const isNew = last?.atMs !== atMs;
    // Once for each slot that is over.
    if (isNew) this.#keep();
    const before = isNew ? [] : last.bands;
    const bands = values.map((value, i) => {
      const band = before[i] ?? null;
      if (value === null) return band;
      return band === null
        ? ([value, value] as [number, number])
        : ([Math.min(band[0], value), Math.max(band[1], value)] as [number, number]);
    });
    this.#slots = [...(isNew ? this.#slots : this.#slots.slice(0, -1)), { atMs, bands }].slice(-slotsKept);
  }

  /** Not kept: it goes on in memory, and is tried again with the next slot. */
  #keep(): void {
    if (this.#slots.length > 0) this.#o.meta.set('trends', JSON.stringify(this.#slots));
  }
}
