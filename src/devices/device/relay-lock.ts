import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec, DoorState } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { decodeRelayState, encodeRelayHostMessage, relayReportBytes } from '../protocol/relay-dcttech.ts';
import type { RelayDeviceMessage, RelayHostMessage } from '../protocol/relay-dcttech.ts';
import type { TransportFailure } from '../transport/transport.ts';
import { CallQueue } from './call-queue.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverLink } from './driver.ts';
import type { LockDriver } from './lock.ts';

export type RelayLockSpec = Extract<DeviceSpec, { kind: 'lock'; protocol: 'relay-dcttech' }>;

/** A feature report of a low-speed device takes some ms; a link that needs longer than this is given up. */
export const featureMaxMs = 500;
/** How often the relay is read while nothing happens. */
export const relayPollMs = 500;
/** Pause before all is switched off again when the last try could not be confirmed. */
export const offRetryMs = 200;
/** Tries to switch off in one go, each read back. */
export const offTryMax = 3;
/** Silence after which the connection is made anew. */
const silentReconnectMs = 5000;
/** No HID relay has report ids. */
const reportId = 0;

/**
 * A lock on a USB relay (dcttech). The board has no pulse of its own, so this one times it, and everything here serves one
 * aim: the relay is never left on. All off before anything else on each new connection, after each failure, and as the
 * last word of each connection; what cannot be read back as off is an error and is tried again. An unlock switches on
 * once and never again, on the connection that was up when it was called. It sees no door.
 */
export class RelayLock implements LockDriver {
  readonly kind = 'lock';
  readonly door: DoorState = 'unknown';
  readonly #spec: RelayLockSpec;
  readonly #clock: Clock;
  readonly #healthChanged: () => void;
  readonly #calls = new CallQueue();
  #link: DriverLink | null = null;
  #connection = 0;
  /** Whether the relays were read as off and nothing was switched on since. */
  #isOff = false;
  /** Whether this board may be switched at all: the configuration names no id, or its id was read on this connection. */
  #isOurs = false;
  /** An unlock runs or waits. A second one would be a second pulse at a time when nobody waits for it any more. */
  #isUnlocking = false;
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #lastSeenMs: number | null = null;
  #startedMs = 0;
  #failureCount = 0;
  #cancelPoll: () => void = () => undefined;
  #endPulse: () => void = () => undefined;

  constructor(spec: RelayLockSpec, clock: Clock, events: { healthChanged(): void }) {
    this.#spec = spec;
    this.#clock = clock;
    this.#healthChanged = () => {
      events.healthChanged();
    };
  }

  start(link: DriverLink): void {
    assert(this.#link === null, 'a relay is started once per connection');
    this.#link = link;
    this.#connection++;
    this.#isOff = false;
    this.#isOurs = this.#spec.relayId === undefined;
    this.#startedMs = this.#clock.monotonicMs();
    this.#setState('connecting', '');
    this.#watch(0);
  }

  stop(): void {
    if (this.#link === null) return;
    this.#link = null;
    this.#isOff = false;
    this.#cancelPoll();
    this.#endPulse();
    this.#setState('connecting', '');
  }

  /** It sends no input reports. */
  receive(): void {
    return;
  }

  farewell(): null {
    return null;
  }

  farewellFeature(): Uint8Array | null {
    return this.#isOurs ? encodeRelayHostMessage({ type: 'allOff' }) : null;
  }

  /** A relay is read for its own sake only: there is no door to be quick for. */
  setPace(): void {
    return;
  }

  health(): DriverHealth {
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#failureCount,
      resetCount: 0,
      detail: this.#detail,
    };
  }

  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return Promise.resolve(deviceFail('device.missing', 'a relay sees no door'));
  }

  /**
   * One pulse of `pulseMs`. Ok: the relay was read as on. Whether it went off again is in the health: `error` until it has.
   * Errors: `device.disconnected`, `device.timeout`, `device.protocol`, `device.refused`, `device.busy`.
   */
  async unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const connection = this.#connection;
    if (this.#link === null) return lost();
    if (this.#isUnlocking) return deviceFail('device.busy', 'the relay is being pulsed');
    this.#isUnlocking = true;
    try {
      return await this.#calls.run(() => this.#pulse(connection));
    } finally {
      this.#isUnlocking = false;
    }
  }

  async #pulse(connection: number): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    if (!this.#isUp(connection)) return lost();
    if (!this.#isOff) return deviceFail('device.refused', `not known to be off: ${this.#detail}`);
    this.#cancelPoll();
    this.#isOff = false;
    const pulse = this.#timer(this.#spec.pulseMs);
    this.#endPulse = pulse.end;
    const { channel } = this.#spec;
    const state = await this.#sendAndRead({ type: 'on', relay: channel });
    const isOn = state.ok && state.value.on.includes(channel);
    const result = state.ok && !isOn ? deviceFail('device.refused', 'the relay did not switch on') : state;
    if (result.ok) await pulse.over;
    pulse.cancel();
    if (!this.#isUp(connection)) return lost();
    await this.#switchOff(connection);
    if (this.#isUp(connection)) this.#watch();
    return result.ok ? ok({ door: this.door }) : result;
  }

  /** All off, read back as off; several tries. Leaves `#isOff` and the health as they are then. */
  async #switchOff(connection: number): Promise<void> {
    for (let left = offTryMax; left > 0 && this.#isUp(connection); left--) {
      const state = await this.#sendAndRead({ type: 'allOff' });
      if (!this.#isUp(connection)) return;
      if (state.ok && state.value.on.length === 0) {
        this.#isOff = true;
        this.#setState('ready', '');
        return;
      }
      const why = state.ok ? `relays ${state.value.on.join(', ')} stay on` : state.error.message;
      this.#failureCount++;
      this.#setState('error', `the lock's relay could not be confirmed off: ${why}`);
    }
  }

  /** Looks at the relay now and then; whatever is on without a pulse is switched off. */
  #watch(delayMs = this.#isOff ? relayPollMs : offRetryMs): void {
    const connection = this.#connection;
    this.#cancelPoll();
    this.#cancelPoll = this.#clock.after(delayMs, () => {
      void this.#calls.run(async () => {
        if (this.#isUp(connection)) await this.#look(connection);
        if (!this.#isUp(connection)) return lost();
        this.#giveUpWhenSilent();
        this.#watch();
        return ok();
      });
    });
  }

  async #look(connection: number): Promise<void> {
    const state = await this.#read();
    if (!this.#isUp(connection)) return;
    // Not answering is not being off: it is switched off blindly, and used again only when it was read.
    if (!state.ok) this.#isOff = false;
    else if (this.#isOff && state.value.on.includes(this.#spec.channel)) {
      this.#failureCount++;
      this.#isOff = false;
    }
    if (!this.#isOff && this.#isOurs) await this.#switchOff(connection);
  }

  #giveUpWhenSilent(): void {
    const sinceMs = Math.max(this.#lastSeenMs ?? 0, this.#startedMs);
    if (this.#clock.monotonicMs() - sinceMs >= silentReconnectMs) this.#link?.giveUp('no answer');
  }

  async #read(): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const got = await this.#bounded((link) => link.getFeature(reportId, relayReportBytes));
    if (!got.ok) return this.#failed(got);
    const state = decodeRelayState(got.value);
    if (!state.ok)
      return this.#failed(deviceFail('device.protocol', `no relay state: ${state.error.message}`));
    this.#lastSeenMs = this.#clock.monotonicMs();
    const { relayId } = this.#spec;
    this.#isOurs = relayId === undefined || state.value.id === relayId;
    if (this.#isOurs) return state;
    // Nothing is switched on another board, not even off.
    this.#setState('error', `another relay board: its id is ${state.value.id}, not ${relayId ?? ''}`);
    return this.#failed(deviceFail('device.refused', this.#detail));
  }

  /** What the relays are after it. */
  async #sendAndRead(message: RelayHostMessage): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const sent = await this.#bounded((link) => link.sendFeature(encodeRelayHostMessage(message)));
    return sent.ok ? this.#read() : this.#failed(sent);
  }

  #failed<E extends Result<never, DeviceFailure>>(failure: E): E {
    this.#failureCount++;
    return failure;
  }

  /** A report that hangs ends the connection: it must not switch anything at a time when nobody waits for it. */
  async #bounded<T>(
    run: (link: DriverLink) => Promise<Result<T, TransportFailure>>,
  ): Promise<Result<T, DeviceFailure>> {
    const [link, connection] = [this.#link, this.#connection];
    if (link === null) return lost();
    const bound = this.#timer(featureMaxMs);
    const result = await Promise.race([run(link), bound.over.then(() => null)]);
    bound.cancel();
    if (!this.#isUp(connection)) return lost();
    if (result === null) {
      link.giveUp('a feature report has stalled');
      return deviceFail('device.timeout', 'the relay did not answer in time');
    }
    if (result.ok) return result;
    if (result.error.code === 'transport.io') return deviceFail('device.protocol', result.error.message);
    link.giveUp(result.error.message);
    return deviceFail('device.disconnected', result.error.message);
  }

  #timer(delayMs: number): { over: Promise<void>; end: () => void; cancel: () => void } {
    let cancel: () => void = () => undefined;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
      cancel = this.#clock.after(delayMs, resolve);
    });
    return { over, end, cancel };
  }

  #isUp(connection: number): boolean {
    return this.#link !== null && connection === this.#connection;
  }

  #setState(state: DriverHealth['state'], detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#healthChanged();
  }
}

function lost(): ReturnType<typeof deviceFail> {
  return deviceFail('device.disconnected', 'the relay is not connected');
}
