import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure } from '../../shared/model/device.ts';
import type { Err, Result } from '../../shared/result.ts';
import { decodeRelayState, encodeRelayHostMessage, relayReportBytes } from '../protocol/relay-dcttech.ts';
import type { RelayDeviceMessage, RelayHostMessage } from '../protocol/relay-dcttech.ts';
import type { TransportFailure } from '../transport/transport.ts';
import { deviceFail } from './driver.ts';
import type { DisconnectMessages, DriverHealth, DriverTransport } from './driver.ts';

/** A feature report of a low-speed device takes some ms; a transport that needs longer than this is aborted. */
const featureMaxMs = 500;
/** How often a relay is read while nothing happens. */
export const relayPollMs = 500;
/** Pause before it is switched off again when the last try could not be confirmed. */
export const offRetryMs = 200;
/** Tries to switch off in one go, each read back. */
const offTryMax = 3;
/** Silence after which the connection is made anew. */
const silentReconnectMs = 5000;
/** No HID relay has report ids. */
const reportId = 0;

export interface RelaySessionOptions {
  /** What hangs on the relay, for the health's text. */
  readonly name: string;
  /** What is switched off: one relay, or all of the board. */
  readonly off: number | 'all';
  /** Where it is given, another board is never switched. */
  readonly relayId: string | undefined;
  readonly clock: Clock;
  healthChanged(): void;
}

/** A wait that can be ended before its time. */
interface Wait {
  readonly over: Promise<void>;
  readonly end: () => void;
  readonly cancel: () => void;
}

/**
 * The conversation with one relay board: bounded feature reports, each switching read back, the board's id looked at with
 * each reading, and how to make sure that it is off. What is asked on one connection settles nothing on the next.
 */
export class RelaySession {
  readonly #options: RelaySessionOptions;
  readonly #clock: Clock;
  #transport: DriverTransport | null = null;
  #connection = 0;
  #isOurs = false;
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #lastSeenMs: number | null = null;
  #startedMs = 0;
  #failureCount = 0;

  constructor(options: RelaySessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  start(transport: DriverTransport): void {
    assert(this.#transport === null, 'a relay is started once per connection');
    this.#transport = transport;
    this.#connection++;
    this.#isOurs = this.#options.relayId === undefined;
    this.#startedMs = this.#clock.monotonicMs();
    this.setState('connecting', '');
  }

  stop(): void {
    this.#transport = null;
    this.setState('connecting', '');
  }

  /** The number of this connection, or of the last one. */
  get connection(): number {
    return this.#connection;
  }

  isUp(connection: number): boolean {
    return this.#transport !== null && connection === this.#connection;
  }

  /** Whether this board may be switched at all: the configuration names no id, or its id was read on this connection. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  get detail(): string {
    return this.#detail;
  }

  /** The last thing sent on a connection: off. Nothing to another board. */
  onDisconnect(): DisconnectMessages {
    return this.#isOurs ? { featureReport: encodeRelayHostMessage(this.#offMessage) } : {};
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

  setState(state: DriverHealth['state'], detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#options.healthChanged();
  }

  /** Counts something that went wrong without a failed exchange. */
  countFailure(): void {
    this.#failureCount++;
  }

  abortWhenSilent(): void {
    const sinceMs = Math.max(this.#lastSeenMs ?? 0, this.#startedMs);
    if (this.#clock.monotonicMs() - sinceMs >= silentReconnectMs) this.#transport?.abort('no answer');
  }

  /** Errors: `device.disconnected`, `device.timeout`, `device.protocol`; `device.refused`: another board. */
  async read(): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const got = await this.#bounded((transport) => transport.getFeature(reportId, relayReportBytes));
    if (!got.ok) return this.#failed(got);
    const state = decodeRelayState(got.value);
    if (!state.ok)
      return this.#failed(deviceFail('device.protocol', `no relay state: ${state.error.message}`));
    this.#lastSeenMs = this.#clock.monotonicMs();
    const { relayId } = this.#options;
    this.#isOurs = relayId === undefined || state.value.id === relayId;
    if (this.#isOurs) return state;
    // Nothing is switched on another board, not even off.
    this.setState('error', `another relay board: its id is ${state.value.id}, not ${relayId ?? ''}`);
    return this.#failed(deviceFail('device.refused', this.#detail));
  }

  /** What the relays are after it. Errors as with `read`. */
  async sendAndRead(message: RelayHostMessage): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const sent = await this.#bounded((transport) => transport.sendFeature(encodeRelayHostMessage(message)));
    return sent.ok ? this.read() : this.#failed(sent);
  }

  /** Off, read back as off; several tries. False: it could not be confirmed (health is `error`), or the connection is gone. */
  async switchOff(): Promise<boolean> {
    const connection = this.#connection;
    const { name, off } = this.#options;
    for (let left = offTryMax; left > 0 && this.isUp(connection); left--) {
      const state = await this.sendAndRead(this.#offMessage);
      if (!this.isUp(connection)) return false;
      const stillOn = state.ok ? state.value.on.filter((relay) => off === 'all' || relay === off) : [];
      if (state.ok && stillOn.length === 0) return true;
      const why = state.ok ? `relays ${stillOn.join(', ')} stay on` : state.error.message;
      this.#failureCount++;
      this.setState('error', `${name} could not be confirmed off: ${why}`);
    }
    return false;
  }

  wait(delayMs: number): Wait {
    let cancel: () => void = () => undefined;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
      cancel = this.#clock.after(delayMs, resolve);
    });
    return { over, end, cancel };
  }

  get #offMessage(): RelayHostMessage {
    const { off } = this.#options;
    return off === 'all' ? { type: 'allOff' } : { type: 'off', relay: off };
  }

  #failed<E extends Err<DeviceFailure>>(failure: E): E {
    this.#failureCount++;
    return failure;
  }

  /** A report that hangs ends the connection: it must not switch anything at a time when nobody waits for it. */
  async #bounded<T>(
    run: (transport: DriverTransport) => Promise<Result<T, TransportFailure>>,
  ): Promise<Result<T, DeviceFailure>> {
    const [transport, connection] = [this.#transport, this.#connection];
    if (transport === null) return lostRelay();
    const bound = this.wait(featureMaxMs);
    const result = await Promise.race([run(transport), bound.over.then(() => null)]);
    bound.cancel();
    if (!this.isUp(connection)) return lostRelay();
    if (result === null) {
      transport.abort('a feature report has stalled');
      return deviceFail('device.timeout', 'the relay did not answer in time');
    }
    if (result.ok) return result;
    if (result.error.code === 'transport.io') return deviceFail('device.protocol', result.error.message);
    transport.abort(result.error.message);
    return deviceFail('device.disconnected', result.error.message);
  }
}

export function lostRelay(): ReturnType<typeof deviceFail> {
  return deviceFail('device.disconnected', 'the relay is not connected');
}
