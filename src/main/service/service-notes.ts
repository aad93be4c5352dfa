import type { Clock } from '../../shared/clock.ts';
import type { SignInRefusal } from '../../shared/model/service.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { SlicedCheck } from '../storage/sliced-check.ts';
import type { LetIn } from './service-access.ts';
import type { ServiceLog, ServiceLogAudit } from './service-log.ts';

const refusedNotedAgainMs = 60_000;

export interface ServiceNotesOptions {
  readonly log: ServiceLog;
  readonly clock: Clock;
  /** The operator's time, for the record. */
  readonly nowMs: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** What service mode puts on its sealed record besides acts, what staff is told of it, and whether the record is whole. */
export class ServiceNotes {
  readonly #o: ServiceNotesOptions;
  /** Of each kind of refusal that costs nobody anything: when one was put on record last. */
  readonly #refusedNotedMs = new Map<string, number>();
  readonly #check: SlicedCheck<ServiceLogAudit>;
  #isBrokenTold = false;

  constructor(options: ServiceNotesOptions) {
    this.#o = options;
    this.#check = new SlicedCheck({
      clock: options.clock,
      begin: () => options.log.audit(),
      onEnd: ({ brokenSeq }) => {
        if (brokenSeq !== null) this.#broken(String(brokenSeq));
      },
      onFailure: (error) => {
        options.logger.error('service.log_not_checked', { error });
      },
    });
  }

  start(): void {
    // Before anything is added, which would hide it; the rest is looked at while the cabinet works.
    const isWhole = this.#o.log.isEndWhole();
    if (isWhole.ok && !isWhole.value) this.#broken('end');
    this.#check.start();
  }

  stop(): void {
    this.#check.stop();
  }

  /** False: it could not be put on record. */
  note(actor: string, act: string, data: Readonly<Record<string, unknown>>): boolean {
    const noted = this.#o.log.append({ atMs: this.#o.nowMs(), actor, act, data });
    if (!noted.ok) this.#o.logger.error('service.not_logged', { act, error: noted.error });
    this.#o.logger.info(`service.${act}`, { actor });
    return noted.ok;
  }

  /** Once a minute at most: a page that calls without end must not push out what was done. */
  refused(actor: string, what: string, data: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs < (this.#refusedNotedMs.get(what) ?? -Infinity) + refusedNotedAgainMs) return;
    this.#refusedNotedMs.set(what, nowMs);
    this.note(actor, what, data);
  }

  signInRefused(staffNo: string, why: SignInRefusal): void {
    // Waits are many, and say nothing new.
    if (why === 'wait') return;
    // Without a list nothing is a try, and no wait makes them few.
    if (why === 'no_list' || why === 'list_old') this.refused('-', 'sign_in_refused', { staffNo, why });
    else this.note('-', 'sign_in_refused', { staffNo, why });
  }

  /** To whoever forces them it looks as it always does. */
  tellDuress({ member, how }: LetIn): void {
    if (how === 'duress') this.#o.tellStaff(`service_duress: ${member.staffNo}`);
  }

  /** Once in each run of the program. */
  #broken(where: string): void {
    if (!this.#isBrokenTold) this.#o.tellStaff(`service_log_broken: ${where}`);
    this.#isBrokenTold = true;
  }
}
