import type { Clock } from '../../shared/clock.ts';

/** What is away for less (a restart, a cable put back) is no news, nor what is well for less. */
export const faultAfterMs = 60_000;
/** At most one report of a thing in this time, however it flaps. */
export const reportEveryMs = 600_000;
/** A fault that lasts is said again. */
export const repeatAfterMs = 86_400_000;
/** How often it is looked whether one lasts long enough. */
const checkEveryMs = 10_000;
/** What falls so often in the course of a day is a fault of its own, however short each fall is … */
export const fallsMax = 60;
const fallsWithinMs = 86_400_000;
/** … until it has stood for so long. */
export const steadyAfterMs = 3_600_000;

interface Watched {
  /** For people; empty: it is well. */
  trouble: string;
  sinceMs: number;
  /** What was reported last, and when; empty: that it is well, or nothing. */
  reported: string;
  reportedMs: number;
  /** When it fell, the latest `fallsMax` of the last day, and what it said then. */
  fallsMs: number[];
  lastFall: string;
  /** It was told that it comes and goes, at this time; null: it does not. */
  unsteadyMs: number | null;
}

/**
 * Tells staff of trouble that lasts, and of what comes and goes without end; each once, and when it is over. Bounded by the
 * things that are watched and by `reportEveryMs`.
 */
export class TroubleReporter {
  readonly #clock: Clock;
  readonly #report: (detail: string) => void;
  readonly #watched = new Map<string, Watched>();
  #cancelCheck: () => void = () => undefined;
  #isStopped = false;

  constructor(options: { readonly clock: Clock; readonly report: (detail: string) => void }) {
    this.#clock = options.clock;
    this.#report = options.report;
    this.#checkLater();
  }

  /** What is known of this thing now, for people; empty: it is well. */
  note(id: string, trouble: string): void {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#watched.get(id);
    if (known === undefined) {
      const never = { reported: '', reportedMs: Number.NEGATIVE_INFINITY };
      const steady = { fallsMs: [], lastFall: trouble, unsteadyMs: null };
      this.#watched.set(id, { trouble, sinceMs: nowMs, ...never, ...steady });
      return;
    }
    // Another word for the same trouble does not begin it anew.
    if ((known.trouble === '') !== (trouble === '')) {
      known.sinceMs = nowMs;
      if (trouble !== '') known.fallsMs = [...known.fallsMs, nowMs].slice(-fallsMax);
    }
    if (trouble !== '') known.lastFall = trouble;
    known.trouble = trouble;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelCheck();
  }

  #checkLater(): void {
    this.#cancelCheck = this.#clock.after(checkEveryMs, () => {
      const nowMs = this.#clock.monotonicMs();
      for (const [id, one] of this.#watched) {
        this.#checkSteady(id, one, nowMs);
        this.#check(id, one, nowMs);
      }
      if (!this.#isStopped) this.#checkLater();
    });
  }

  #check(id: string, one: Watched, nowMs: number): void {
    const { trouble, sinceMs, reported, reportedMs } = one;
    const isNews = trouble !== reported || (trouble !== '' && nowMs - reportedMs >= repeatAfterMs);
    // Of what comes and goes it is known that it does: only what stays so is news.
    const newsAfterMs = one.unsteadyMs === null ? faultAfterMs : steadyAfterMs;
    if (!isNews || nowMs - sinceMs < newsAfterMs || nowMs - reportedMs < reportEveryMs) return;
    one.reported = trouble;
    one.reportedMs = nowMs;
    this.#report(trouble === '' ? `${id}: well again` : `${id}: ${trouble}`);
  }

  #checkSteady(id: string, one: Watched, nowMs: number): void {
    one.fallsMs = one.fallsMs.filter((atMs) => nowMs - atMs < fallsWithinMs);
    const { fallsMs, unsteadyMs, lastFall } = one;
    if (unsteadyMs === null || nowMs - unsteadyMs >= repeatAfterMs) {
      const [firstMs] = fallsMs;
      if (firstMs === undefined || fallsMs.length < fallsMax) return;
      one.unsteadyMs = nowMs;
      const minutes = Math.ceil((nowMs - firstMs) / 60_000);
      this.#report(`${id}: comes and goes, ${fallsMax} times in ${minutes} min; last: ${lastFall}`);
      return;
    }
    if (nowMs - one.sinceMs < steadyAfterMs) return;
    one.unsteadyMs = null;
    one.fallsMs = [];
    this.#report(`${id}: comes and goes no more`);
  }
}
