import { mkdirSync } from 'node:fs';
import {
  type UpdateFacts,
  type UpdateRest,
  restOfInstalling,
  restOfSwitching,
} from '../../core/updates/update-decision.ts';
import type { Clock } from '../../shared/clock.ts';
import type { OfficeView } from '../../shared/model/service-office.schema.ts';
import type { UpdateOrder, UpdateReport } from '../../shared/model/update-order.schema.ts';
import { rollOutShare } from '../../shared/node/roll-out-share.ts';
import type { Random } from '../../shared/random.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { orderSlot } from '../../updates/release/install-release.ts';
import { UpdateError, type UpdateErrorKind } from '../../updates/tuf/update-error.ts';
import type { Quiescence } from '../quiescence.ts';
import { type BeforeSwitch, keepBefore } from './health-proof.ts';
import type { StaffWish } from './staff-wish.ts';
import { type LauncherPlace, failuresOf, isCounting, takeBackOrder, whyItFailed } from './launcher-place.ts';

const lookEveryMs = 10 * 60_000;
/** After a try that passes by itself (no network, a slow line); jitter is added, so that a fleet does not come at once. */
const retryMs = 5 * 60_000;
/** After one that somebody has to mend: what is not signed for, a full disk. */
const retrySlowlyMs = 60 * 60_000;
/** The gate is looked at so often. */
const gateEveryMs = 5_000;
/** Nobody was served for so long before a switch. */
const idleForMs = 10_000;
/** A charge that is being sent is waited for, and not for ever: it is on record, and the next start asks what became of it. */
export const chargeWaitMaxMs = 60_000;
const passing: readonly UpdateErrorKind[] = ['unreachable', 'silent', 'slow', 'busy', 'elsewhere'];

/** There is nothing to put off. */
const neverComes: readonly (UpdateRest | null)[] = ['older', 'withdrawn', 'failed_before'];

/** What the staff at the cabinet says of updates, and sees of them. */
export type UpdateStaff = Pick<UpdateController, 'now' | 'postpone' | 'view'>;

export interface UpdateControllerOptions {
  readonly place: LauncherPlace;
  /** Of what is kept between the fetching and the switch. */
  readonly folder: string;
  readonly cabinetId: string;
  readonly running: string;
  readonly order: () => UpdateOrder | null;
  /** What the staff at the cabinet wants of it. */
  readonly wish: StaffWish;
  /** Fetches a release and puts it into the slot that rests; aborted, it ends at once. Throws an UpdateError. */
  readonly install: (version: string, stop: AbortSignal) => Promise<{ readonly slot: 'a' | 'b' }>;
  readonly before: () => BeforeSwitch;
  readonly quiescence: Quiescence;
  /** By the operator. */
  readonly nowMs: () => number;
  /** Of the day, local. */
  readonly minute: () => number;
  /** In how many visits each device was of use, before and now. */
  readonly usefulness: () => NonNullable<UpdateReport['usefulness']> | null;
  readonly report: (report: UpdateReport) => void;
  readonly tellStaff: (detail: string) => void;
  /** The app is to end in order and be started again. */
  readonly restart: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Brings the wanted version into the slot that rests, and switches when that disturbs nobody. Charges that wait, or whose fate
 * is open, never hold it up: they are on record, and the next version goes on with them.
 */
export class UpdateController {
  readonly #o: UpdateControllerOptions;
  readonly #loop: RetryLoop;
  /** What is on its way. On a slow line that takes hours. */
  #installing: { readonly version: string; readonly end: AbortController } | null = null;
  #installed: { readonly version: string; readonly slot: 'a' | 'b' } | null = null;
  /** Since when nothing but a charge on its way stands in the way (monotonic, ms). */
  #chargeSinceMs: number | null = null;
  #reported = '';
  #told: UpdateReport | null = null;
  #toldStaff = '';

  constructor(options: UpdateControllerOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#turn() });
  }

  start(): void {
    this.#loop.start(this.#jitter(gateEveryMs));
  }
  stop(): Promise<void> {
    this.#installing?.end.abort();
    return this.#loop.stop();
  }
  /** There is another order, or the network is back. */
  wake(): void {
    const order = this.#o.order();
    const { version, end } = this.#installing ?? {};
    const isWanted = order?.release === version && order?.withdrawn.includes(version ?? '') === false;
    // What nobody wants any more would keep what is wanted waiting.
    if (!isWanted) end?.abort();
    this.#loop.wake();
  }

  // What the staff at the cabinet says and sees.

  /** As soon as nobody is disturbed; why not, or null. */
  now(): string | null {
    const { release, rest } = this.#waiting;
    if (release === null || rest !== null) return rest ?? 'nothing_waits';
    const isKept = this.#o.wish.now(release);
    this.#loop.wake();
    return isKept ? null : 'storage';
  }
  postpone(hours: number): string | null {
    const { release, rest } = this.#waiting;
    if (release === null || neverComes.includes(rest)) return rest ?? 'nothing_waits';
    return this.#o.wish.postpone(release, hours);
  }
  /** What was said to the operator last; null: nothing yet. */
  view(): OfficeView['update'] {
    const { place, wish } = this.#o;
    if (this.#told === null) return null;
    return {
      ...this.#told,
      slot: place.slot,
      postponedUntilMs: wish.postponedUntilMs(this.#waiting.release ?? ''),
    };
  }
  /** What is ordered and does not run; why it does not come now, its hours apart. */
  get #waiting(): { readonly release: string | null; readonly rest: UpdateRest | null } {
    const order = this.#o.order();
    const rest = restOfInstalling(order, this.#facts(order));
    if (rest === 'no_order' || order?.release == null || order.release === this.#o.running)
      return { release: null, rest: null };
    return { release: order.release, rest };
  }

  async #turn(): Promise<number> {
    // While this version is tried itself, the slot that rests holds what would be gone back to.
    if (!isCounting(this.#o.place)) {
      this.#say('trying', '');
      return gateEveryMs;
    }
    this.#takeBack();
    const order = this.#o.order();
    const rest = restOfInstalling(order, this.#facts(order));
    if (rest !== null || order?.release == null) {
      this.#say(rest === 'up_to_date' ? 'idle' : 'waiting', rest ?? 'no_order');
      return lookEveryMs;
    }
    if (this.#installed?.version !== order.release) {
      const failed = await this.#install(order.release);
      if (failed !== null || !this.#loop.running) return failed ?? lookEveryMs;
    }
    return this.#switch();
  }

  /** What was ordered and never tried (a full disk, an end that did not come) is not to be tried with whatever start comes next. */
  #takeBack(): void {
    try {
      const id = takeBackOrder(this.#o.place);
      if (id !== null) this.#o.logger.warn('update.order_taken_back', { id });
    } catch (error) {
      this.#o.logger.error('update.order_not_taken_back', { error: String(error) });
    }
  }

  /** Null: it is installed; else after how many ms to try again. */
  async #install(version: string): Promise<number | null> {
    const { install, logger, tellStaff } = this.#o;
    this.#say('fetching', '');
    const end = new AbortController();
    this.#installing = { version, end };
    try {
      const { slot } = await install(version, end.signal);
      this.#installed = { version, slot };
      logger.info('update.installed', { version, slot });
      return null;
    } catch (error) {
      if (end.signal.aborted) return lookEveryMs;
      const { kind, message } =
        error instanceof UpdateError ? error : { kind: 'disk' as const, message: String(error) };
      logger.warn('update.not_installed', { version, kind, message });
      this.#say('failed', `${kind}: ${message}`);
      if (passing.includes(kind)) return this.#jitter(retryMs);
      // Once for each kind and version: it is tried on.
      if (this.#toldStaff !== `${version} ${kind}`) tellStaff(`update_failed: ${version} ${kind}`);
      this.#toldStaff = `${version} ${kind}`;
      return this.#jitter(retrySlowlyMs);
    } finally {
      this.#installing = null;
    }
  }

  #switch(): number {
    const { place, folder, random, restart, logger, before } = this.#o;
    const order = this.#o.order();
    const rest = this.#o.wish.restOf(order?.release ?? '', restOfSwitching(order, this.#facts(order)));
    const installed = this.#installed;
    if (rest !== null || installed === null || order?.release !== installed.version) {
      this.#say('installed', rest ?? 'another order');
      return rest === 'outside_window' || rest === 'postponed' ? gateEveryMs * 6 : lookEveryMs;
    }
    const activity = this.#activity();
    if (activity !== null) {
      this.#say('installed', `disturbs: ${activity}`);
      return gateEveryMs;
    }
    try {
      mkdirSync(folder, { recursive: true });
      const id = Buffer.from(random.bytes(12)).toString('hex');
      keepBefore(folder, id, before());
      orderSlot(place.root, { id, slot: installed.slot, version: installed.version });
    } catch (error) {
      logger.warn('update.not_ordered', { error: String(error) });
      this.#say('failed', 'disk: the order was not written');
      return this.#jitter(retryMs);
    }
    logger.info('update.switch', { version: installed.version, slot: installed.slot });
    this.#say('trying', '');
    restart();
    return lookEveryMs;
  }

  /** What would be disturbed; null: nothing. */
  #activity(): string | null {
    const { quiescence, clock } = this.#o;
    const activity = quiescence.activity({ idleForMs });
    if (activity !== 'charge') {
      this.#chargeSinceMs = null;
      return activity;
    }
    this.#chargeSinceMs ??= clock.monotonicMs();
    return clock.monotonicMs() - this.#chargeSinceMs >= chargeWaitMaxMs ? null : activity;
  }

  #facts(order: UpdateOrder | null): UpdateFacts {
    const { place, running, cabinetId, nowMs, minute } = this.#o;
    const release = order?.release ?? '';
    const failures = failuresOf(place, release);
    return { running, failures, share: rollOutShare(release, cabinetId), nowMs: nowMs(), minute: minute() };
  }

  #say(state: UpdateReport['state'], detail: string): void {
    const { running, report, place, order, usefulness } = this.#o;
    const wanted = order()?.release ?? null;
    const failures = Math.min(1000, wanted === null ? 0 : failuresOf(place, wanted));
    // Why it was left here stands beside it, until something newer is to be said.
    const isOfFailure = failures > 0 && (detail === '' || detail === 'failed_before');
    const why = wanted !== null && isOfFailure ? whyItFailed(place, wanted) : null;
    const told: UpdateReport = {
      running,
      wanted,
      state,
      detail: [detail, why ?? '']
        .filter((part) => part !== '')
        .join(': ')
        .slice(0, 200),
      failures,
      usefulness: usefulness(),
    };
    if (JSON.stringify(told) === this.#reported) return;
    this.#reported = JSON.stringify(told);
    this.#told = told;
    this.#o.logger.info('update.state', { ...told });
    report(told);
  }

  #jitter(ms: number): number {
    return Math.round(ms * (1 + this.#o.random.unit()));
  }
}
