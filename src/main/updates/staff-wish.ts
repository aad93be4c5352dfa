import { z } from 'zod';
import type { UpdateRest } from '../../core/updates/update-decision.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';

/** A release is put off for so long at most, from the first time, ms: what mends a fault must come. */
export const postponeMaxMs = 7 * 86_400_000;
const hourMs = 3_600_000;

const postponedSchema = z.object({ release: z.string(), sinceMs: z.number(), untilMs: z.number() });

/**
 * What the staff at the cabinet wants of an update: at once (then its hours do not matter), or later. Whether it comes at all,
 * and whether it disturbs anybody, they do not decide. Times are the operator's.
 */
export class StaffWish {
  readonly #meta: Pick<MetaStore, 'get' | 'set'>;
  readonly #nowMs: () => number;
  /** Of this run of the program alone: a start looks anew. */
  #now: string | null = null;

  constructor(meta: Pick<MetaStore, 'get' | 'set'>, nowMs: () => number) {
    this.#meta = meta;
    this.#nowMs = nowMs;
  }

  /** False: it cannot be put on record. */
  now(release: string): boolean {
    this.#now = release;
    // Since when it was put off stays: "later" after it begins no new week.
    const sinceMs = this.#postponed(release)?.sinceMs;
    const ended = sinceMs === undefined ? null : { release, sinceMs, untilMs: sinceMs };
    return this.#meta.set('update_postponed', JSON.stringify(ended)).ok;
  }

  /** Why not; null: it is put off. */
  postpone(release: string, hours: number): 'postponed_enough' | 'storage' | null {
    const nowMs = this.#nowMs();
    const before = this.#postponed(release);
    const sinceMs = before?.sinceMs ?? nowMs;
    const untilMs = Math.min(nowMs + hours * hourMs, sinceMs + postponeMaxMs);
    if (untilMs <= nowMs) return 'postponed_enough';
    this.#now = null;
    return this.#meta.set('update_postponed', JSON.stringify({ release, sinceMs, untilMs })).ok
      ? null
      : 'storage';
  }

  /** Null: it is not put off. */
  postponedUntilMs(release: string): number | null {
    const untilMs = this.#postponed(release)?.untilMs ?? 0;
    return untilMs > this.#nowMs() ? untilMs : null;
  }

  /** What stands in the way of switching, after what its order says. */
  restOf(release: string, rest: UpdateRest | null): UpdateRest | 'postponed' | null {
    const isNow = this.#now === release;
    const left = rest === 'outside_window' && isNow ? null : rest;
    return left === null && this.postponedUntilMs(release) !== null ? 'postponed' : left;
  }

  /** One that a clock has put further off than anybody may is none. */
  #postponed(release: string): z.infer<typeof postponedSchema> | null {
    const kept = this.#meta.get('update_postponed');
    const parsed = postponedSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    if (!parsed.success || parsed.data.release !== release) return null;
    const { sinceMs, untilMs } = parsed.data;
    const isPossible = sinceMs <= this.#nowMs() && untilMs - sinceMs <= postponeMaxMs;
    return isPossible ? parsed.data : null;
  }
}
