import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import type { WeightState } from '../../shared/model/scale.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { decodeScaleWeight, encodeScaleCommand, milligramsOf } from '../protocol/scale-hid.ts';
import type { ScaleStatus, ScaleWeight } from '../protocol/scale-hid.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverTransport } from './driver.ts';
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

interface Zeroing {
  /** Whether a report has come since the command was written. */
  hasReported: boolean;
  settle(result: Result<void, DeviceFailure>): void;
}

/** A USB HID scale: it reports by itself, and knows one command. */
export class HidScale implements ScaleDriver {
  readonly kind = 'scale';
  readonly #spec: HidScaleSpec;
  readonly #clock: Clock;
  readonly #events: ScaleEvents;
  readonly #reporter: WeightReporter;
  #transport: DriverTransport | null = null;
  #isFirstReport = true;
  #zeroing: Zeroing | null = null;
  #cancelSilence: () => void = () => undefined;
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #lastSeenMs: number | null = null;
  #errorCount = 0;

  constructor(spec: HidScaleSpec, clock: Clock, events: ScaleEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
    this.#reporter = new WeightReporter(spec.lane, clock, (reading) => {
      events.weight(reading);
    });
  }

  start(transport: DriverTransport): void {
    assert(this.#transport === null, 'a scale is started once per connection');
    this.#transport = transport;
    this.#isFirstReport = true;
    this.#setState('connecting', '');
    this.#watchSilence();
  }

  stop(): void {
    if (this.#transport === null) return;
    this.#transport = null;
    this.#cancelSilence();
    this.#zeroing?.settle(deviceFail('device.disconnected', 'the scale went away'));
    this.#reporter.report(unknownWeight);
    this.#setState('connecting', '');
  }

  health(): DriverHealth {
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#errorCount,
      resetCount: 0,
      detail: this.#detail,
    };
  }

  hasLane(lane: number): boolean {
    return lane === this.#spec.lane;
  }

  receive(bytes: Uint8Array): void {
    const report = decodeScaleWeight(bytes);
    if (!report.ok) {
      this.#errorCount++;
      return;
    }
    this.#lastSeenMs = this.#clock.monotonicMs();
    this.#watchSilence();
    // What the system has kept since the last reader closed the device may be old.
    if (this.#isFirstReport) {
      this.#isFirstReport = false;
      return;
    }
    const weight = weightOf(report.value);
    this.#setState('ready', weight.state === 'ok' ? '' : `the scale says ${report.value.status}`);
    this.#reporter.report(weight);
    if (this.#zeroing === null) return;
    this.#zeroing.hasReported = true;
    if (weight.stable && weight.milligrams === 0) this.#zeroing.settle(ok());
  }

  /** Done when a stable zero is reported: the command itself is not answered. */
  zero(): Promise<Result<void, DeviceFailure>> {
    const transport = this.#transport;
    if (transport === null)
      return Promise.resolve(deviceFail('device.disconnected', 'the scale is not connected'));
    if (this.#zeroing !== null) return Promise.resolve(deviceFail('device.busy', 'it is being zeroed'));
    return new Promise((resolve) => {
      let isWritten = false;
      const zeroing: Zeroing = {
        hasReported: false,
        settle: (result) => {
          if (this.#zeroing !== zeroing) return;
          this.#zeroing = null;
          cancelTimer();
          if (!result.ok) this.#errorCount++;
          resolve(result);
        },
      };
      this.#zeroing = zeroing;
      const cancelTimer = this.#clock.after(zeroTimeoutMs, () => {
        zeroing.settle(zeroFailure(isWritten, zeroing.hasReported));
        if (!isWritten) transport.abort('a write has stalled');
      });
      void transport
        .write(encodeScaleCommand({ type: 'command', zero: true, enforcedZeroReturn: false }))
        .then((written) => {
          isWritten = written.ok;
          if (written.ok) return;
          zeroing.settle(deviceFail('device.disconnected', `not written: ${written.error.message}`));
          transport.abort(written.error.message);
        });
    });
  }

  tare(): Promise<Result<void, DeviceFailure>> {
    return Promise.resolve(deviceFail('device.refused', 'this kind of scale has no tare command'));
  }

  #watchSilence(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#clock.after(silentMs, () => {
      this.#setState('silent', 'the scale does not report');
      this.#reporter.report(unknownWeight);
      this.#cancelSilence = this.#clock.after(silentReconnectMs - silentMs, () => {
        this.#transport?.abort('no report');
      });
    });
  }

  #setState(state: DriverHealth['state'], detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#events.healthChanged();
  }
}

function weightOf(report: ScaleWeight): Weight {
  const state = stateOf[report.status];
  if (state !== 'ok' && state !== 'under_zero') return { milligrams: null, stable: false, state };
  const milligrams = milligramsOf(report);
  if (milligrams === null) return { milligrams, stable: false, state: 'fault' };
  return { milligrams, stable: report.status === 'stable' || report.status === 'zero', state };
}

function zeroFailure(isWritten: boolean, hasReported: boolean): ReturnType<typeof deviceFail> {
  if (!isWritten) return deviceFail('device.disconnected', 'the command could not be written');
  return hasReported
    ? deviceFail('device.refused', 'the scale did not go to zero')
    : deviceFail('device.timeout', 'the scale does not report');
}
