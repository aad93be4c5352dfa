import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Err, Result } from '../../shared/result.ts';
import { decodeRelayState, encodeRelayHostMessage, relayReportBytes } from '../protocol/relay-dcttech.ts';
import type { RelayDeviceMessage, RelayHostMessage } from '../protocol/relay-dcttech.ts';
import { Conversation, reportDecoder } from './conversation.ts';
import { deviceFail } from './driver.ts';
import type { DisconnectMessages, DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';

/** How often a relay is read while nothing happens. */
export const relayPollMs = 500;
/** Pause before it is switched off again when the last try could not be confirmed. */
export const offRetryMs = 200;
/** Tries to switch off in one go, each read back. */
const offTryMax = 3;
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
 * The conversation with one relay board: feature reports, each switching read back, the board's id looked at with each
 * reading, and how to make sure that it is off. What is requested on one connection resolves nothing on the next.
 */
export class RelaySession {
  readonly #options: RelaySessionOptions;
  readonly #clock: Clock;
  readonly #conversation: Conversation<never>;
  #isOurs = false;

  constructor(options: RelaySessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#conversation = new Conversation({
      name: 'the relay',
      clock: options.clock,
      // It sends no input reports: whatever comes is dropped.
      decoder: reportDecoder<never>(() => deviceFail('device.protocol', 'no input report is known')),
      isHalfDuplex: false,
      classify: () => 'unrelated',
      healthChanged: () => {
        options.healthChanged();
      },
    });
  }

  start(transport: DriverTransport): void {
    this.#isOurs = this.#options.relayId === undefined;
    this.#conversation.start(transport);
  }

  stop(): void {
    this.#conversation.stop();
  }

  /** The number of this connection, or of the last one. */
  get connection(): number {
    return this.#conversation.connection;
  }

  isUp(connection: number): boolean {
    return this.#conversation.isUp(connection);
  }

  /** Whether this board may be switched at all: the configuration names no id, or its id was read on this connection. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  get detail(): string {
    return this.#conversation.detail;
  }

  /** The last thing sent on a connection: off. Nothing to another board. */
  onDisconnect(): DisconnectMessages {
    return this.#isOurs ? { featureReport: encodeRelayHostMessage(this.#offMessage) } : {};
  }

  health(): DriverHealth {
    return this.#conversation.health();
  }

  setState(state: DriverHealth['state'], detail: string): void {
    this.#conversation.setState(state, detail);
  }

  /** Counts something that went wrong without a failed exchange. */
  countFailure(): void {
    this.#conversation.countFailure();
  }

  abortWhenSilent(): void {
    this.#conversation.abortWhenSilent();
  }

  /** The failure of a call that found no connection. */
  disconnected(): ReturnType<typeof deviceFail> {
    return this.#conversation.disconnected();
  }

  /** Errors: `device.disconnected`, `device.timeout`, `device.protocol`; `device.refused`: another board. */
  async read(): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const got = await this.#conversation.exchangeFeature((transport) =>
      transport.getFeature(reportId, relayReportBytes),
    );
    if (!got.ok) return this.#failed(got);
    const state = decodeRelayState(got.value);
    if (!state.ok)
      return this.#failed(deviceFail('device.protocol', `no relay state: ${state.error.message}`));
    this.#conversation.noteSeen();
    const { relayId } = this.#options;
    this.#isOurs = relayId === undefined || state.value.id === relayId;
    if (this.#isOurs) return state;
    // Nothing is switched on another board, not even off.
    this.setState('error', `another relay board: its id is ${state.value.id}, not ${relayId ?? ''}`);
    return this.#failed(deviceFail('device.refused', this.detail));
  }

  /** Errors as with `read`. */
  async readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    const state = await this.read();
    return state.ok ? ok({ relayId: state.value.id, relaysOn: state.value.on.join(', ') }) : state;
  }

  /** What the relays are after it. Errors as with `read`. */
  async sendAndRead(message: RelayHostMessage): Promise<Result<RelayDeviceMessage, DeviceFailure>> {
    const sent = await this.#conversation.exchangeFeature((transport) =>
      transport.sendFeature(encodeRelayHostMessage(message)),
    );
    return sent.ok ? this.read() : this.#failed(sent);
  }

  /** Off, read back as off; several tries. False: it could not be confirmed (health is `error`), or the connection is gone. */
  async switchOff(): Promise<boolean> {
    const { connection } = this;
    const { name, off } = this.#options;
    for (let left = offTryMax; left > 0 && this.isUp(connection); left--) {
      const state = await this.sendAndRead(this.#offMessage);
      if (!this.isUp(connection)) return false;
      const stillOn = state.ok ? state.value.on.filter((relay) => off === 'all' || relay === off) : [];
      if (state.ok && stillOn.length === 0) return true;
      const why = state.ok ? `relays ${stillOn.join(', ')} stay on` : state.error.message;
      this.countFailure();
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
    this.countFailure();
    return failure;
  }
}
