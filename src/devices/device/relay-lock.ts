import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec, DoorState } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { CallQueue } from './call-queue.ts';
import { deviceFail } from './driver.ts';
import type { DisconnectMessages, DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';
import type { LockDriver } from './lock.ts';
import { offRetryMs, relayPollMs, RelaySession } from './relay-session.ts';

export type RelayLockSpec = Extract<DeviceSpec, { kind: 'lock'; protocol: 'relay-dcttech' }>;

/**
 * A lock on a USB relay (dcttech). The board has no pulse of its own, so this one times it, and everything here
 * serves one aim: the relay is never left on. All off before anything else on each new connection, after each
 * failure, and as the last command of each connection; what cannot be read back as off is an error and is tried
 * again. An unlock switches on once and never again, on the connection that was up when it was called. It sees no
 * door.
 */
export class RelayLock implements LockDriver {
  readonly kind = 'lock';
  readonly door: DoorState = 'unknown';
  readonly #spec: RelayLockSpec;
  readonly #clock: Clock;
  readonly #session: RelaySession;
  readonly #calls = new CallQueue();
  /** Whether the relays were read as off and nothing was switched on since. */
  #isOff = false;
  /** An unlock runs or waits. A second one would be a second pulse at a time when nobody waits for it any more. */
  #isUnlocking = false;
  #cancelPoll: () => void = () => undefined;
  #endPulse: () => void = () => undefined;

  constructor(spec: RelayLockSpec, clock: Clock, events: { healthChanged(): void }) {
    this.#spec = spec;
    this.#clock = clock;
    this.#session = new RelaySession({
      name: "the lock's relay",
      off: 'all',
      relayId: spec.relayId,
      clock,
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  start(transport: DriverTransport): void {
    this.#isOff = false;
    this.#session.start(transport);
    this.#watch(0);
  }

  stop(): void {
    this.#isOff = false;
    this.#cancelPoll();
    this.#endPulse();
    this.#session.stop();
  }

  /** It sends no input reports. */
  receive(): void {
    return;
  }

  onDisconnect(): DisconnectMessages {
    return this.#session.onDisconnect();
  }

  /** A relay shows no door, so it need not be read often. */
  setPollMode(): void {
    return;
  }

  health(): DriverHealth {
    return this.#session.health();
  }

  readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    return this.#session.readRawState();
  }

  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return Promise.resolve(deviceFail('device.missing', 'a relay sees no door'));
  }

  /**
   * One pulse of `pulseMs`. Ok: the relay was read as on. Whether it went off again is in the health: `error` until
   * it has. Errors: `device.disconnected`, `device.timeout`, `device.protocol`, `device.refused`, `device.busy`.
   */
  async unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const session = this.#session;
    const { connection } = session;
    if (!session.isUp(connection)) return session.disconnected();
    if (this.#isUnlocking) return deviceFail('device.busy', 'the relay is being pulsed');
    this.#isUnlocking = true;
    try {
      return await this.#calls.run(() => this.#pulse(connection));
    } finally {
      this.#isUnlocking = false;
    }
  }

  async #pulse(connection: number): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const session = this.#session;
    if (!session.isUp(connection)) return session.disconnected();
    if (!this.#isOff) return deviceFail('device.refused', `not known to be off: ${session.detail}`);
    this.#cancelPoll();
    this.#isOff = false;
    const pulse = session.wait(this.#spec.pulseMs);
    this.#endPulse = pulse.end;
    const { channel } = this.#spec;
    const state = await session.sendAndRead({ type: 'on', relay: channel });
    const isOn = state.ok && state.value.on.includes(channel);
    const result = state.ok && !isOn ? deviceFail('device.refused', 'the relay did not switch on') : state;
    if (result.ok) await pulse.over;
    pulse.cancel();
    if (!session.isUp(connection)) return session.disconnected();
    await this.#switchOff(connection);
    if (session.isUp(connection)) this.#watch();
    return result.ok ? ok({ door: this.door }) : result;
  }

  /** All off, read back as off. Leaves `#isOff` and the health as they are then. */
  async #switchOff(connection: number): Promise<void> {
    const isOff = await this.#session.switchOff();
    if (!isOff || !this.#session.isUp(connection)) return;
    this.#isOff = true;
    this.#session.setState('ready', '');
  }

  /** Looks at the relay now and then; whatever is on without a pulse is switched off. */
  #watch(delayMs = this.#isOff ? relayPollMs : offRetryMs): void {
    const session = this.#session;
    const { connection } = session;
    this.#cancelPoll();
    this.#cancelPoll = this.#clock.after(delayMs, () => {
      void this.#calls.run(async () => {
        if (session.isUp(connection)) await this.#look(connection);
        if (!session.isUp(connection)) return session.disconnected();
        session.abortWhenSilent();
        this.#watch();
        return ok();
      });
    });
  }

  async #look(connection: number): Promise<void> {
    const session = this.#session;
    const state = await session.read();
    if (!session.isUp(connection)) return;
    // A relay that does not answer may be on: it is switched off unread, and used again only when it was read.
    if (!state.ok) this.#isOff = false;
    else if (this.#isOff && state.value.on.includes(this.#spec.channel)) {
      session.countFailure();
      this.#isOff = false;
    }
    if (!this.#isOff && session.isOurs) await this.#switchOff(connection);
  }
}
