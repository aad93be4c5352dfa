import type { Availability } from '../../core/availability/availability.ts';
import type { Clock } from '../../shared/clock.ts';
import type { CoolingView } from '../../shared/model/service.schema.ts';
import {
  type StateReport,
  reportedDevicesMax,
  stateReportEveryMs,
} from '../../shared/model/state-report.schema.ts';
import type { LatestReportSender } from './latest-report-sender.ts';

/** It is looked so often whether anything is another than was said. */
export const lookEveryMs = 5_000;
/** A device that comes and goes is told of no more often than this. */
export const changeAgainMs = 30_000;
/** Readings that differ by less are the same. */
const temperatureStepMilliC = 500;

export interface StateReporterOptions {
  readonly reports: Pick<LatestReportSender<StateReport>, 'report'>;
  readonly version: string;
  readonly availability: () => Availability;
  readonly devices: () => StateReport['devices'];
  readonly cooling: () => CoolingView | null;
  /** Read with each word that is said, not with each look. */
  readonly undelivered: () => StateReport['undelivered'];
  readonly clock: Clock;
  /** The operator's time. */
  readonly nowMs: () => number;
}

type Looked = Omit<StateReport, 'sinceMs' | 'undelivered'>;

/** Says to the operator how the cabinet is: when it changes, and every ten minutes so that silence means something. */
export class StateReporter {
  readonly #o: StateReporterOptions;
  /** What was said last, and when (monotonic, ms). */
  #said: { readonly json: string; readonly atMs: number } | null = null;
  /** Since when it is as it is, by the operator's time: a wall clock that is wrong says nothing. */
  #since: { readonly of: string; readonly ms: number } | null = null;
  #cancelLook: () => void = () => undefined;

  constructor(options: StateReporterOptions) {
    this.#o = options;
  }

  start(): void {
    this.#cancelLook = this.#o.clock.after(lookEveryMs, () => {
      this.#look();
      this.start();
    });
  }
  stop(): void {
    this.#cancelLook();
  }

  #look(): void {
    const { reports, undelivered, clock, nowMs } = this.#o;
    const looked = this.#now();
    const of = `${looked.state} ${looked.reason ?? ''}`;
    if (this.#since?.of !== of) this.#since = { of, ms: Math.round(nowMs()) };
    const json = JSON.stringify(looked);
    const agoMs = this.#said === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - this.#said.atMs;
    if (agoMs < (json === this.#said?.json ? stateReportEveryMs : changeAgainMs)) return;
    this.#said = { json, atMs: clock.monotonicMs() };
    reports.report({ ...looked, sinceMs: this.#since.ms, undelivered: undelivered() });
  }

  #now(): Looked {
    const availability = this.#o.availability();
    const cooling = this.#o.cooling();
    return {
      version: this.#o.version,
      state: availability.state,
      reason: availability.state === 'outOfService' ? availability.reason : null,
      devices: this.#o.devices().slice(0, reportedDevicesMax),
      temperature:
        cooling === null
          ? null
          : {
              milliC: stepped(cooling.milliC),
              maxMilliC: cooling.maxMilliC,
              isSpoilt: cooling.isSpoilt,
              dayMinMilliC: stepped(cooling.dayMinMilliC),
              dayMaxMilliC: stepped(cooling.dayMaxMilliC),
            },
    };
  }
}

function stepped(milliC: number | null): number | null {
  return milliC === null ? null : Math.round(milliC / temperatureStepMilliC) * temperatureStepMilliC;
}
