import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import type { WeightState } from '../../shared/model/scale.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { decodeScaleWeight, encodeScaleCommand } from '../protocol/scale-hid.ts';
import type { ScaleStatus, ScaleWeight } from '../protocol/scale-hid.ts';
import { Conversation, reportDecoder } from './conversation.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverTransport } from './driver.ts';
import { UselessRun } from './useless-run.ts';
import { weightOfReport } from './weight-bounds.ts';
import { unknownWeight, WeightReporter } from './weight-reporter.ts';
import type { ScaleDriver, ScaleEvents, Weight } from './weight-reporter.ts';

export type HidScaleSpec = Extract<DeviceSpec, { protocol: 'scale-hid' }>;

/** A scale that is on reports several times a second. */
export const silentMs = 3000;
/** Silence after which the connection is made anew. */
export const silentReconnectMs = 8000;
/** A scale waits for the load to come to rest before it zeroes. */
export const zeroTimeoutMs = 3000;

/** What each status means for the figure; null: it has none. */
const stateOf: Readonly<Record<ScaleStatus, WeightState>> = {
  fault: 'fault',
  zero: 'ok',
  in_motion: 'ok',
  stable: 'ok',
  under_zero: 'under_zero',
  over_limit: 'over_limit',
  needs_calibration: 'needs_calibration',
  needs_zeroing: 'needs_zeroing',
  zero_scale: 'ok',
  enforced_zero_return: 'needs_zeroing',
};

/** A USB HID scale: it reports by itself, and knows one command. */
export class HidScale implements ScaleDriver {
  readonly kind = 'scale';
  readonly #spec: HidScaleSpec;
  readonly #clock: Clock;
  readonly #reporter: WeightReporter;
  readonly #conversation: Conversation<ScaleWeight>;
  #useless = new UselessRun();
  #isFirstReport = true;
  #isZeroing = false;
  /** Whether a report has come since the last zero command. */
  #hasReported = false;
  #cancelSilence: () => void = () => undefined;

  constructor(spec: HidScaleSpec, clock: Clock, events: ScaleEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#reporter = new WeightReporter(spec.lane, clock, (reading) => {
      events.weight(reading);
    });
    this.#conversation = new Conversation({
      name: 'the scale',
      clock,
      decoder: reportDecoder(decodeScaleWeight),
      isHalfDuplex: false,
      classify: () => 'push',
      received: (report) => {
        this.#receivedReport(report);
      },
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  start(transport: DriverTransport): void {
    this.#isFirstReport = true;
    this.#useless = new UselessRun();
    this.#conversation.start(transport);
    this.#watchSilence();
  }

  stop(): void {
    if (!this.#conversation.isOpen) return;
    this.#cancelSilence();
    this.#conversation.stop();
    this.#reporter.report(unknownWeight);
  }

  health(): DriverHealth {
    return this.#conversation.health();
  }

  hasLane(lane: number): boolean {
    return lane === this.#spec.lane;
  }

  receive(bytes: Uint8Array): void {
    this.#conversation.receive(bytes);
  }

  #receivedReport(report: ScaleWeight): void {
    this.#watchSilence();
    // What the system has kept since the last reader closed the device may be old.
    if (this.#isFirstReport) {
      this.#isFirstReport = false;
      return;
    }
    this.#hasReported = true;
    const weight = this.#weightOf(report);
    this.#useless.note(isDefinite(weight));
    const said =
      stateOf[report.status] === 'ok' && weight.state !== 'ok'
        ? 'a weight that its lane cannot bear'
        : report.status;
    this.#conversation.setState(
      this.#useless.isError ? 'error' : 'ready',
      weight.state === 'ok' ? '' : `the scale says ${said}`,
    );
    this.#reporter.report(weight);
  }

  /** Done when a stable zero is reported: the command itself is not answered. */
  async zero(): Promise<Result<void, DeviceFailure>> {
    if (!this.#conversation.isOpen) return this.#conversation.disconnected();
    if (this.#isZeroing) return deviceFail('device.busy', 'it is being zeroed');
    this.#isZeroing = true;
    this.#hasReported = false;
    const zeroed = await this.#conversation.exchange({
      frame: encodeScaleCommand({ type: 'command', zero: true, enforcedZeroReturn: false }),
      timeoutMs: zeroTimeoutMs,
      matchReply: (report) => (!this.#isFirstReport && isStableZero(this.#weightOf(report)) ? ok() : null),
    });
    this.#isZeroing = false;
    return !zeroed.ok && zeroed.error.code !== 'device.disconnected' && this.#reportedSinceZeroing()
      ? deviceFail('device.refused', 'the scale did not go to zero')
      : zeroed;
  }

  /** A method, because the compiler takes the flag for what `zero` has just set it to. */
  #reportedSinceZeroing(): boolean {
    return this.#hasReported;
  }

  tare(): Promise<Result<void, DeviceFailure>> {
    return Promise.resolve(deviceFail('device.refused', 'this kind of scale has no tare command'));
  }

  #weightOf(report: ScaleWeight): Weight {
    const state = stateOf[report.status];
    if (state !== 'ok' && state !== 'under_zero') return { milligrams: null, stable: false, state };
    const milligrams = weightOfReport(report, this.#spec.bounds);
    if (milligrams === null) return { milligrams, stable: false, state: 'fault' };
    return { milligrams, stable: report.status === 'stable' || report.status === 'zero', state };
  }

  #watchSilence(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#clock.after(silentMs, () => {
      this.#conversation.setState('silent', 'the scale does not report');
      this.#reporter.report(unknownWeight);
      this.#cancelSilence = this.#clock.after(silentReconnectMs - silentMs, () => {
        this.#conversation.abort('no report');
      });
    });
  }
}

/** Whether it says something of what lies there: a weight, or that it is too much or too little. */
function isDefinite({ state }: Weight): boolean {
  return state === 'ok' || state === 'under_zero' || state === 'over_limit';
}

function isStableZero(weight: Weight): boolean {
  return weight.stable && weight.milligrams === 0;
}
