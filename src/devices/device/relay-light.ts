import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import type { Result } from '../../shared/result.ts';
import { lightOnMaxMs } from '../../shared/model/light-spec.ts';
import type { DisconnectMessages, Driver, DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';
import { offRetryMs, relayPollMs, RelaySession } from './relay-session.ts';

export type RelayLightSpec = Extract<DeviceSpec, { kind: 'light' }>;

/**
 * The light at the camera, on one relay of a USB board (dcttech); the other relays of it are not touched. An order
 * "on" stands until "off", or for `lightOnMaxMs` when it is not renewed, and like a poll mode it stands over
 * connections. Otherwise the relay is off: before anything else on each new connection, after each failure, and as
 * the last command of each connection; what cannot be read back as off is an error and is tried again. Each order,
 * and each new connection under it, switches on at most once: a light that fails stays dark until then, and nobody
 * waits for it.
 */
export class RelayLight implements Driver {
  readonly kind = 'light';
  readonly #channel: number;
  readonly #clock: Clock;
  readonly #session: RelaySession;
  /** What the relay was read as after it was last switched; null: not known. */
  #isOn: boolean | null = null;
  /** End of the order "on", by the monotonic clock. */
  #onUntilMs = Number.NEGATIVE_INFINITY;
  /** The order has not been tried yet, or not on this connection. */
  #isUntried = false;
  /** Why the last order could not be carried out; the relay itself is off. */
  #trouble = '';
  #wake: () => void = () => undefined;

  constructor(spec: RelayLightSpec, clock: Clock, events: { healthChanged(): void }) {
    this.#channel = spec.channel;
    this.#clock = clock;
    this.#session = new RelaySession({
      name: 'the light',
      off: spec.channel,
      relayId: spec.relayId,
      clock,
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  /** The order from now on. Never fails: whether it was carried out is in the health. */
  setOn(on: boolean): void {
    this.#onUntilMs = on ? this.#clock.monotonicMs() + lightOnMaxMs : Number.NEGATIVE_INFINITY;
    this.#isUntried = on;
    this.#wake();
  }

  start(transport: DriverTransport): void {
    this.#isOn = null;
    this.#isUntried = true;
    this.#trouble = '';
    this.#session.start(transport);
    void this.#run(this.#session.connection);
  }

  stop(): void {
    this.#session.stop();
    this.#wake();
  }

  /** It sends no input reports. */
  receive(): void {
    return;
  }

  onDisconnect(): DisconnectMessages {
    return this.#session.onDisconnect();
  }

  health(): DriverHealth {
    return this.#session.health();
  }

  readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    return this.#session.readRawState();
  }

  get #onLeftMs(): number {
    return this.#onUntilMs - this.#clock.monotonicMs();
  }

  /** One connection: looks at the relay now and then, and at once when there is an order or one has run out. */
  async #run(connection: number): Promise<void> {
    const session = this.#session;
    while (session.isUp(connection)) {
      // An order that comes amid the look does not wait either.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#look(connection);
      if (!session.isUp(connection)) return;
      session.abortWhenSilent();
      const pause = session.wait(this.#pauseMs);
      await Promise.race([pause.over, woken]);
      pause.cancel();
    }
  }

  get #pauseMs(): number {
    if (this.#isOn === null) return offRetryMs;
    return this.#isOn ? Math.min(relayPollMs, this.#onLeftMs) : relayPollMs;
  }

  async #look(connection: number): Promise<void> {
    const session = this.#session;
    const state = await session.read();
    if (!session.isUp(connection)) return;
    // A relay that does not answer may be on; and one that somebody else has switched on must go off, too.
    if (!state.ok) this.#isOn = null;
    else if (this.#isOn !== null && state.value.on.includes(this.#channel) !== this.#isOn) {
      session.countFailure();
      this.#isOn = null;
    }
    if (!session.isOurs) return;
    if (this.#isOn === null || (this.#isOn && this.#onLeftMs <= 0)) await this.#switchOff(connection);
    if (this.#isOn === false && this.#isUntried && this.#onLeftMs > 0) await this.#switchOn(connection);
  }

  async #switchOn(connection: number): Promise<void> {
    const session = this.#session;
    this.#isOn = null;
    this.#isUntried = false;
    const state = await session.sendAndRead({ type: 'on', relay: this.#channel });
    if (!session.isUp(connection)) return;
    if (state.ok && state.value.on.includes(this.#channel)) {
      this.#isOn = true;
      this.#trouble = '';
      session.setState('ready', '');
      return;
    }
    if (state.ok) session.countFailure();
    this.#trouble = `the light did not go on: ${state.ok ? 'its relay stays off' : state.error.message}`;
    if (session.isOurs) await this.#switchOff(connection);
  }

  async #switchOff(connection: number): Promise<void> {
    const session = this.#session;
    this.#isOn = null;
    const isOff = await session.switchOff();
    if (!isOff || !session.isUp(connection)) return;
    this.#isOn = false;
    session.setState(this.#trouble === '' ? 'ready' : 'error', this.#trouble);
  }
}
