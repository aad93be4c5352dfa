import { unreachable } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type {
  CabinetDevices,
  DeviceFailure,
  DeviceHealth,
  DeviceSpec,
  DoorState,
  PollMode,
} from '../shared/model/device.ts';
import type { HostMessage, OpeningsRecord } from '../shared/model/host-messages.ts';
import { deviceIdsOf, deviceSpecSchema } from '../shared/model/device.ts';
import type { WeightReading } from '../shared/model/scale.ts';
import { ok } from '../shared/result.ts';
import type { KeyPress } from '../shared/model/scanner-spec.ts';
import type { Result } from '../shared/result.ts';
import type { AdministeredCabinet, ManagedDevice } from './device-administration.ts';
import { DeviceSlot } from './device-slot.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import { CodeScanner } from './device/code-scanner.ts';
import { OpeningWatch } from './device/opening-watch.ts';
import { DoorSensor } from './device/door-sensor.ts';
import { deviceFail } from './device/driver.ts';
import type { Driver } from './device/driver.ts';
import { Lock } from './device/lock.ts';
import type { LockDriver } from './device/lock.ts';
import { RelayLight } from './device/relay-light.ts';
import { RelayLock } from './device/relay-lock.ts';
import { makeTagReader } from './device/tag-reader.ts';
import type { TagRead, TagReaderDriver } from './device/tag-reader.ts';
import { HidScale } from './device/scale-hid.ts';
import { ModbusScale } from './device/scale-modbus.ts';
import { makeThermometer } from './device/thermometer.ts';
import type { ScaleDriver } from './device/weight-reporter.ts';
import { KeyboardHub } from './transport/keyboard.ts';

import type { PlugWatch } from './plug-watch.ts';

export const healthPeriodMs = 2000;

export interface SupervisorOptions {
  /** Wakes devices that wait for their next try; without it they come back with the back-off alone. */
  readonly plugWatch?: PlugWatch;
  readonly clock: Clock;
  readonly makeTransport: TransportFactory;
  readonly log: Log;
  /** door, tags, code, weight and health messages. */
  emit(message: HostMessage): void;
}

/** All devices of a cabinet: made from its configuration, kept connected, each on its own. */
export class Supervisor implements AdministeredCabinet {
  readonly #options: SupervisorOptions;
  #devices: { readonly id: string; readonly spec: DeviceSpec; readonly slot: DeviceSlot }[] = [];
  #lock: LockDriver | null = null;
  /** Who sees the door. `refused`: the lock needs a door sensor and the configuration has none, so it is not driven. */
  #doorFrom: 'board' | 'sensor' | 'refused' = 'board';
  #sensor: DoorSensor | null = null;
  #openings: OpeningWatch;
  #readers: TagReaderDriver[] = [];
  #scales: ScaleDriver[] = [];
  #light: RelayLight | null = null;
  readonly #keyboard = new KeyboardHub();
  #pollMode: PollMode = 'idle';
  #change: Promise<void> = Promise.resolve();
  #lastHealth = '';
  #cancelHealth: () => void = () => undefined;
  #stopPlugWatch: () => void = () => undefined;
  #refusedLocks: DeviceHealth[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#openings = new OpeningWatch(options.clock);
  }

  /**
   * Closes what was there, then builds these devices. Resolves when the old handles are closed. `openings`: what the last
   * `openings` message said, before a restart.
   */
  configure(config: CabinetDevices, openings?: OpeningsRecord): Promise<void> {
    return this.#inTurn(async () => {
      await this.#closeAll();
      this.#openings = new OpeningWatch(this.#options.clock, openings);
      this.#doorFrom = doorSourceOf(config.devices);
      const ids = deviceIdsOf(config.devices);
      for (const [index, spec] of config.devices.entries()) this.#add(spec, ids[index] ?? spec.kind);
      const isPluggable = config.devices.some(
        ({ transport }) => !['tcp', 'keyboard'].includes(transport.kind),
      );
      if (isPluggable && this.#options.plugWatch !== undefined) {
        this.#stopPlugWatch = this.#options.plugWatch(() => {
          for (const { slot } of this.#devices) slot.wake();
        });
      }
      this.#publishHealth();
    });
  }

  #add(spec: DeviceSpec, id: string): void {
    if (spec.kind === 'lock' && this.#doorFrom === 'refused') {
      this.#refusedLocks.push({ id, ...refusedLock });
      return;
    }
    this.#devices.push({ id, spec, slot: this.#makeSlot(spec, id) });
  }

  #makeSlot(spec: DeviceSpec, id: string): DeviceSlot {
    return new DeviceSlot({
      ...this.#options,
      id,
      makeTransport: () =>
        spec.transport.kind === 'keyboard'
          ? this.#keyboard.makeTransport()
          : this.#options.makeTransport(spec.transport, spec.kind, id),
      driver: this.#makeDriver(spec, id),
      healthChanged: () => {
        this.#healthChanged();
      },
    });
  }

  /** See `Lock.unlock`; `device.missing` when the cabinet has no lock. With several locks, the first. */
  async unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    if (this.#doorFrom === 'refused') return deviceFail('device.refused', noSensorDetail);
    if (this.#lock === null) return noLock();
    // A lock whose door nobody sees is not opened.
    if (this.#doorFrom === 'sensor' && this.door === 'unknown') {
      return deviceFail('device.refused', unseenDoor.detail);
    }
    const result = await this.#lock.unlock();
    // A lock that is not there, or in hand of somebody else, has not been asked.
    const isAsked =
      result.ok || !['device.missing', 'device.disconnected', 'device.busy'].includes(result.error.code);
    if (isAsked)
      this.#watchOpenings((openings) => {
        if (result.ok) openings.opened(this.door);
        else openings.failed();
      });
    return result.ok ? ok({ door: this.door }) : result;
  }

  async readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    if (this.#doorFrom === 'refused') return deviceFail('device.refused', noSensorDetail);
    return (await (this.#doorFrom === 'sensor' ? this.#sensor : this.#lock)?.readDoor()) ?? noLock();
  }

  /** The last known state, without asking. */
  get door(): DoorState {
    return (this.#doorFrom === 'sensor' ? this.#sensor : this.#lock)?.door ?? 'unknown';
  }

  /** Key presses of the kiosk's window: bytes of the scanner that types there, if there is one. */
  keys(presses: readonly KeyPress[]): void {
    this.#keyboard.press(presses);
  }

  /** How closely the door, the shelf and its tags are watched from now on; also after the next configuration. */
  setPollMode(pollMode: PollMode): void {
    this.#pollMode = pollMode;
    this.#lock?.setPollMode(pollMode);
    this.#sensor?.setPollMode(pollMode);
    for (const reader of this.#readers) reader.setPollMode(pollMode);
  }

  /** See `ScaleDriver.zero`; `device.missing` when no scale has that lane. */
  zeroScale(lane: number): Promise<Result<void, DeviceFailure>> {
    return this.#scaleOf(lane)?.zero(lane) ?? Promise.resolve(noLane(lane));
  }

  tareScale(lane: number): Promise<Result<void, DeviceFailure>> {
    return this.#scaleOf(lane)?.tare(lane) ?? Promise.resolve(noLane(lane));
  }

  /**
   * See `RelayLight.setOn`; nothing where the cabinet has no light. In turn, so that a configuration before it is
   * done.
   */
  setLight(on: boolean): Promise<void> {
    return this.#inTurn(() => {
      this.#light?.setOn(on);
      return Promise.resolve();
    });
  }

  health(): DeviceHealth[] {
    const all = this.#devices.map(({ slot }) => slot.health());
    if (this.#doorFrom === 'refused') return [...this.#refusedLocks, ...all];
    // A lock whose door nobody sees must not be used.
    const isBlind =
      this.#doorFrom === 'sensor' && all.find((one) => one.kind === 'door-sensor')?.state !== 'ready';
    const trouble = isBlind ? unseenDoor : this.#openings.trouble;
    if (trouble === null) return all;
    return all.map((one) => (one.kind === 'lock' && one.state === 'ready' ? { ...one, ...trouble } : one));
  }

  /** Closes every handle. The supervisor may be configured again. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#closeAll());
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    this.#change = this.#change.then(run);
    return this.#change;
  }

  async #closeAll(): Promise<void> {
    this.#cancelHealth();
    this.#stopPlugWatch();
    this.#stopPlugWatch = () => undefined;
    this.#refusedLocks = [];
    const old = this.#devices;
    this.#devices = [];
    this.#lock = null;
    this.#sensor = null;
    this.#doorFrom = 'board';
    this.#readers = [];
    this.#scales = [];
    this.#light = null;
    await Promise.all(old.map(({ slot }) => slot.stop()));
  }

  #makeDriver(spec: DeviceSpec, id: string): Driver {
    const { clock } = this.#options;
    const emit = (message: HostMessage): void => {
      this.#options.emit(message);
    };
    const healthChanged = (): void => {
      this.#healthChanged();
    };
    const door = (state: DoorState, atMs: number, unreadMs: number | undefined): void => {
      this.#watchOpenings((openings) => {
        openings.seen(state);
      });
      emit({ type: 'door', door: state, atMs, unreadMs });
    };
    switch (spec.kind) {
      case 'lock': {
        const isUsed = this.#lock === null && this.#doorFrom === 'board';
        const events = { door: isUsed ? door : () => undefined, healthChanged };
        const lock =
          spec.protocol === 'relay-dcttech'
            ? new RelayLock(spec, clock, events)
            : new Lock(spec, clock, events);
        lock.setPollMode(this.#pollMode);
        this.#lock ??= lock;
        return lock;
      }
      case 'door-sensor': {
        const isUsed = this.#sensor === null && this.#doorFrom === 'sensor';
        const sensor = new DoorSensor(spec, clock, {
          door: isUsed ? door : () => undefined,
          healthChanged,
        });
        sensor.setPollMode(this.#pollMode);
        this.#sensor ??= sensor;
        return sensor;
      }
      case 'tag-reader': {
        const tags = (reads: TagRead[], atMs: number, sinceMs: number | undefined): void => {
          emit({ type: 'tags', deviceId: id, reads, atMs, ...(sinceMs === undefined ? {} : { sinceMs }) });
        };
        const reader = makeTagReader(spec, clock, { tags, healthChanged });
        reader.setPollMode(this.#pollMode);
        this.#readers.push(reader);
        return reader;
      }
      case 'code-scanner':
        return new CodeScanner(spec, clock, {
          code: (scan, atMs) => {
            emit({ type: 'code', ...scan, atMs });
          },
          healthChanged,
        });
      case 'scale': {
        const events = {
          weight: (reading: WeightReading) => {
            emit({ type: 'weight', ...reading });
          },
          healthChanged,
        };
        const scale =
          spec.protocol === 'scale-hid'
            ? new HidScale(spec, clock, events)
            : new ModbusScale(spec, clock, events);
        this.#scales.push(scale);
        return scale;
      }
      case 'thermometer':
        return makeThermometer(spec, clock, {
          temperature: (milliCelsius, atMs) => {
            emit({ type: 'temperature', deviceId: id, milliCelsius, atMs });
          },
          healthChanged,
        });
      case 'light':
        this.#light = new RelayLight(spec, clock, { healthChanged });
        return this.#light;
      default:
        return unreachable(spec);
    }
  }

  /** The device with this id, as administration sees it. */
  device(id: string): ManagedDevice | null {
    const device = this.#devices.find((one) => one.id === id);
    const health = this.health().find((one) => one.id === id);
    if (device === undefined || health === undefined) return null;
    const { spec, slot } = device;
    return { id, spec, driver: slot.driver, transportName: slot.transportName, health };
  }

  get pollMode(): PollMode {
    return this.#pollMode;
  }

  /**
   * Sets a tag reader up anew with another power, until the next configuration. `device.missing`: no such reader;
   * `device.refused`: not a power that it can be given.
   */
  async setReaderPower(id: string, powerCentiDbm: number): Promise<Result<void, DeviceFailure>> {
    let result: Result<void, DeviceFailure> = deviceFail('device.missing', `no tag reader ${id}`);
    await this.#inTurn(async () => {
      const index = this.#devices.findIndex((one) => one.id === id && one.spec.kind === 'tag-reader');
      const device = this.#devices[index];
      if (device === undefined) return;
      const spec = deviceSpecSchema.safeParse({ ...device.spec, powerCentiDbm });
      if (!spec.success) {
        result = deviceFail('device.refused', 'this reader takes no such power');
        return;
      }
      await device.slot.stop();
      this.#readers = this.#readers.filter((one) => one !== device.slot.driver);
      this.#devices[index] = { id, spec: spec.data, slot: this.#makeSlot(spec.data, id) };
      result = ok();
    });
    return result;
  }

  /** What the watch has learned is told, so that it is not lost with this process. */
  #watchOpenings(note: (openings: OpeningWatch) => void): void {
    const before = this.#openings.record;
    note(this.#openings);
    const { record } = this.#openings;
    if (record.unseen === before.unseen && record.isFailed === before.isFailed) return;
    this.#options.emit({ type: 'openings', ...record });
    this.#healthChanged();
  }

  #scaleOf(lane: number): ScaleDriver | undefined {
    return this.#scales.find((one) => one.hasLane(lane));
  }

  #healthChanged(): void {
    // While everything is being closed there is no health.
    if (this.#devices.length > 0 && this.#stateText() !== this.#lastHealth) this.#publishHealth();
  }

  #publishHealth(): void {
    this.#cancelHealth();
    this.#lastHealth = this.#stateText();
    this.#options.emit({ type: 'health', devices: this.health() });
    this.#cancelHealth = this.#options.clock.after(healthPeriodMs, () => {
      this.#publishHealth();
    });
  }

  /** What counts as a change; the counters and times alone do not. */
  #stateText(): string {
    return JSON.stringify(this.health().map((one) => [one.id, one.state, one.detail]));
  }
}

function noLock(): ReturnType<typeof deviceFail> {
  return deviceFail('device.missing', 'the cabinet has no lock');
}

const noSensorDetail = 'refused: this lock sees no door itself, and the configuration has no door sensor';
const unseenDoor = {
  state: 'error',
  fault: 'fault.contact',
  detail: 'not used: the door sensor does not say whether the door is shut',
} as const;
const refusedLock: Omit<DeviceHealth, 'id'> = {
  kind: 'lock',
  state: 'error',
  lastSeenMs: null,
  errorCount: 0,
  resetCount: 0,
  detail: noSensorDetail,
};

/** With several locks, the first decides. */
function doorSourceOf(devices: readonly DeviceSpec[]): 'board' | 'sensor' | 'refused' {
  const lock = devices.find((one) => one.kind === 'lock');
  if (lock === undefined) return 'board';
  if (lock.protocol !== 'relay-dcttech' && lock.doorFrom !== 'sensor') return 'board';
  return devices.some((one) => one.kind === 'door-sensor') ? 'sensor' : 'refused';
}

function noLane(lane: number): ReturnType<typeof deviceFail> {
  return deviceFail('device.missing', `no scale has lane ${lane}`);
}
