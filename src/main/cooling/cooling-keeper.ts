import { z } from 'zod';
import { bandSeries, rangeOf } from '../../core/chart/band-series.ts';
import {
  type Cooling,
  type CoolingLimit,
  acceptedAfter,
  coolAtFirst,
  stepCooling,
} from '../../core/cooling/cooling.ts';
import type { Clock } from '../../shared/clock.ts';
import type { CoolingView } from '../../shared/model/service.schema.ts';
import { type Result, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import type { StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';

export const coolingTimes = {
  /** One line of the log: the coldest and the warmest of so long. A week of them is kept. */
  slotMs: 10 * 60_000,
  slotsKept: 7 * 24 * 6,
  /** A thermometer that is silent for longer says nothing of now. */
  freshMs: 2 * 60_000,
  lookEveryMs: 60_000,
  /** So many looks in a row without a reading, and the operator is told: a profile may have no thermometer at all. */
  unreadLooks: 10,
  /** The operator is told at this share of the time, so that somebody may come before it is over. */
  warnShare: 0.5,
} as const;

const slotSchema = z.object({ atMs: z.number(), minMilliC: z.number().int(), maxMilliC: z.number().int() });
type Slot = z.infer<typeof slotSchema>;
const coolingSchema = z.object({ aboveSinceMs: z.number().nullable(), isSpoilt: z.boolean() });

export interface CoolingKeeperOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  /** Null: this cabinet has goods that need no cold. */
  readonly limit: CoolingLimit | null;
  readonly clock: Clock;
  /** Operating time: nobody sets it, and it goes on after a restart. */
  readonly operatingClock: Pick<Clock, 'nowMs'>;
  /** The operator's time, for the log. */
  readonly nowMs: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * How warm it is inside: the log, the alarm, and that nothing is sold once it was too warm for too long. That is on the disk; cold
 * again, or a restart, does not undo it, only somebody of the staff who has looked at the goods.
 */
export class CoolingKeeper {
  readonly #o: CoolingKeeperOptions;
  readonly #listeners: Listeners;
  readonly #readings = new Map<string, { milliC: number; readMs: number }>();
  #cooling: Cooling;
  /** As it is on the disk. */
  #kept: string | null;
  #slots: Slot[];
  #isWarned = false;
  #unreadCount = 0;
  #cancelLook: () => void = () => undefined;

  constructor(options: CoolingKeeperOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    const kept = options.meta.get('cooling');
    this.#kept = kept.ok ? kept.value : null;
    const cooling = coolingSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    // What is there and cannot be read does not say that all is well, where goods need it cold.
    const isUnreadable = options.limit !== null && (!kept.ok || (kept.value !== null && !cooling.success));
    this.#cooling = cooling.success ? cooling.data : { ...coolAtFirst, isSpoilt: isUnreadable };
    const log = options.meta.get('temperature_log');
    const slots = slotSchema.array().safeParse(log.ok ? fromJson(log.value) : null);
    this.#slots = slots.success ? slots.data : [];
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    this.#cancelLook = this.#o.clock.after(coolingTimes.lookEveryMs, () => {
      this.#noteUnread();
      this.#step();
      this.start();
    });
  }
  stop(): void {
    this.#cancelLook();
  }

  /** Nothing may be sold. Other settings make no goods good again. */
  get isTooWarm(): boolean {
    return this.#cooling.isSpoilt;
  }

  deviceEvent(event: DeviceEvent): void {
    if (event.type !== 'temperature') return;
    const { deviceId, milliCelsius: milliC } = event;
    this.#readings.set(deviceId, { milliC, readMs: this.#o.clock.monotonicMs() });
    this.#log(milliC);
    this.#step();
  }

  /** The staff has looked at the goods. False: it is too warm still, or cannot be put on record. */
  accept(): boolean {
    const accepted = this.#o.limit === null ? coolAtFirst : acceptedAfter(this.#cooling);
    if (accepted === null || !this.#keep(accepted).ok) return false;
    this.#listeners.emit();
    return true;
  }

  /** Null: there is no thermometer, no limit, and nothing to be looked at. */
  view(): CoolingView | null {
    const { limit } = this.#o;
    const milliC = this.#warmest(coolingTimes.freshMs);
    if (limit === null && this.#readings.size === 0 && !this.isTooWarm) return null;
    const { slotMs } = coolingTimes;
    const nowMs = this.#o.nowMs();
    const slots = this.#slots.map(({ atMs, minMilliC, maxMilliC }) => ({
      ...{ atMs, low: minMilliC, high: maxMilliC },
    }));
    const day = bandSeries(slots, { nowMs, stepMs: slotMs, count: 24 * 6 });
    const week = bandSeries(slots, { nowMs, stepMs: 6 * slotMs, count: 7 * 24 });
    const range = rangeOf(day);
    return {
      milliC,
      maxMilliC: limit?.maxMilliC ?? null,
      forMinutes: limit === null ? null : Math.round(limit.forMs / 60_000),
      isAbove: limit !== null && this.#cooling.aboveSinceMs !== null,
      isSpoilt: this.isTooWarm,
      dayMinMilliC: range?.low ?? null,
      dayMaxMilliC: range?.high ?? null,
      day,
      week,
    };
  }

  /** A limit that nobody watches protects nothing. Told once for each spell. */
  #noteUnread(): void {
    const { limit, tellStaff } = this.#o;
    if (limit === null) return;
    this.#unreadCount = this.#warmest(coolingTimes.freshMs) === null ? this.#unreadCount + 1 : 0;
    if (this.#unreadCount === coolingTimes.unreadLooks)
      tellStaff('temperature_not_read: there is a limit, and no thermometer that says anything');
  }

  #warmest(maxAgeMs: number): number | null {
    const nowMs = this.#o.clock.monotonicMs();
    const fresh = [...this.#readings.values()].filter(({ readMs }) => nowMs - readMs <= maxAgeMs);
    return fresh.length === 0 ? null : Math.max(...fresh.map((one) => one.milliC));
  }

  /** Unread counts as it was read last, whatever others say: a thermometer that is torn off makes nothing cold. */
  #step(): void {
    const { limit, operatingClock, tellStaff } = this.#o;
    if (limit === null) return;
    const milliC = this.#warmest(Number.POSITIVE_INFINITY);
    const before = this.#cooling;
    const nowMs = operatingClock.nowMs();
    const after = stepCooling(before, { milliC, nowMs }, limit);
    const degrees = milliC === null ? 'not read' : `${(milliC / 1000).toFixed(1)} C`;
    if (after.aboveSinceMs === null) this.#isWarned = false;
    else if (!this.#isWarned && nowMs - after.aboveSinceMs >= limit.forMs * coolingTimes.warnShare) {
      this.#isWarned = true;
      tellStaff(`temperature_high: ${degrees}`);
    }
    // Not kept: it is so all the same, and kept with the next reading.
    this.#keep(after);
    if (after === before) return;
    this.#cooling = after;
    if (after.isSpoilt && !before.isSpoilt) tellStaff(`goods_too_warm: ${degrees}`);
    if (after.isSpoilt !== before.isSpoilt) this.#listeners.emit();
  }

  #keep(cooling: Cooling): Result<void, StorageFailure> {
    const text = JSON.stringify(cooling);
    if (text === this.#kept) return ok();
    const kept = this.#o.meta.set('cooling', text);
    if (kept.ok) [this.#cooling, this.#kept] = [cooling, text];
    else this.#o.logger.error('cooling.not_kept', { error: kept.error });
    return kept;
  }

  #log(milliC: number): void {
    const { slotMs, slotsKept } = coolingTimes;
    const atMs = Math.floor(this.#o.nowMs() / slotMs) * slotMs;
    const last = this.#slots.at(-1);
    if (last?.atMs === atMs) {
      last.minMilliC = Math.min(last.minMilliC, milliC);
      last.maxMilliC = Math.max(last.maxMilliC, milliC);
      return;
    }
    // Once for each slot that is over: not with each reading.
    if (last !== undefined) this.#o.meta.set('temperature_log', JSON.stringify(this.#slots));
    this.#slots = [...this.#slots, { atMs, minMilliC: milliC, maxMilliC: milliC }].slice(-slotsKept);
  }
}
