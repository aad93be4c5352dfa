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
import { CabinetDoors, sharedSeats } from './cabinet-doors.ts';
import { DeviceSlot } from './device-slot.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import { CodeScanner } from './device/code-scanner.ts';
import { deviceFail } from './device/driver.ts';
import type { Driver } from './device/driver.ts';
import { RelayLight } from './device/relay-light.ts';
import { makeTagReader } from './device/tag-reader.ts';
import type { TagRead, TagReaderDriver } from './device/tag-reader.ts';
import { HidScale } from './device/scale-hid.ts';
import { ModbusScale } from './device/scale-modbus.ts';
import { makeThermometer } from './device/thermometer.ts';
import type { ScaleDriver } from './device/weight-reporter.ts';
import { KeyboardHub } from './transport/keyboard.ts';
import type { LineSeat } from './transport/shared-line.ts';
import type { Transport } from './transport/transport.ts';

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
  #doors: CabinetDoors;
  /** Of the devices that share a port. */
  #seats: ReadonlyMap<string, LineSeat> = new Map();
  #readers: TagReaderDriver[] = [];
  #scales: ScaleDriver[] = [];
  #light: RelayLight | null = null;
  readonly #keyboard = new KeyboardHub();
  #pollMode: PollMode = 'idle';
  #change: Promise<void> = Promise.resolve();
  #lastHealth = '';
  #cancelHealth: () => void = () => undefined;
  #stopPlugWatch: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#doors = this.#makeDoors([], []);
  }

  /**
   * Closes what was there, then builds these devices. Resolves when the old handles are closed. `openings`: what the last
   * `openings` message of each door said, before a restart.
   */
  configure(config: CabinetDevices, openings: readonly OpeningsRecord[] = []): Promise<void> {
    return this.#inTurn(async () => {
      await this.#closeAll();
      const ids = deviceIdsOf(config.devices);
      const devices = config.devices.map((spec, index) => ({ id: ids[index] ?? spec.kind, spec }));
      this.#doors = this.#makeDoors(devices, openings);
      this.#seats = sharedSeats(this.#options.clock, devices, ({ id, spec }) =>
        this.#makeOwnTransport(spec, id),
      );
      for (const { id, spec } of devices) {
        if (!this.#doors.isRefused(id)) this.#devices.push({ id, spec, slot: this.#makeSlot(spec, id) });
      }
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

  #makeDoors(
    devices: readonly { readonly id: string; readonly spec: DeviceSpec }[],
    openings: readonly OpeningsRecord[],
  ): CabinetDoors {
    const doors = new CabinetDoors({
      clock: this.#options.clock,
      devices,
      openings,
      emit: (message) => {
        this.#options.emit(message);
      },
      healthChanged: () => {
        this.#healthChanged();
      },
    });
    doors.setPollMode(this.#pollMode);
    return doors;
  }

  #makeSlot(spec: DeviceSpec, id: string): DeviceSlot {
    return new DeviceSlot({
      ...this.#options,
      id,
      makeTransport: () => this.#seats.get(id)?.makeTransport() ?? this.#makeOwnTransport(spec, id),
      driver: this.#makeDriver(spec, id),
      healthChanged: () => {
        this.#healthChanged();
      },
    });
  }

  #makeOwnTransport(spec: DeviceSpec, id: string): Transport {
    return spec.transport.kind === 'keyboard'
      ? this.#keyboard.makeTransport()
      : this.#options.makeTransport(spec.transport, spec.kind, id);
  }

  /** See `CabinetDoors.unlock`. */
  unlock(door = 1): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#doors.unlock(door);
  }

  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#doors.readDoor();
  }

  /** The last known state of all doors as one, without asking. */
  get door(): DoorState {
    return this.#doors.door;
  }

  /** Key presses of the kiosk's window: bytes of the scanner that types there, if there is one. */
  keys(presses: readonly KeyPress[]): void {
    this.#keyboard.press(presses);
  }

  /** How closely the door, the shelf and its tags are watched from now on; also after the next configuration. */
  setPollMode(pollMode: PollMode): void {
    this.#pollMode = pollMode;
    this.#doors.setPollMode(pollMode);
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
    return this.#doors.judge(this.#devices.map(({ slot }) => slot.health()));
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
    const old = this.#devices;
    this.#devices = [];
    this.#doors = this.#makeDoors([], []);
    this.#seats = new Map();
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
    switch (spec.kind) {
      case 'lock':
        return this.#doors.makeLock(id, spec, this.#seats.get(id) ?? null);
      case 'door-sensor':
        return this.#doors.makeSensor(id, spec, this.#seats.get(id) ?? null);
      case 'tag-reader': {
        const tags = (reads: TagRead[], atMs: number, sinceMs: number | undefined): void => {
          emit({
            ...{ type: 'tags', deviceId: id, reads, atMs },
            ...(spec.behindDoor === undefined ? {} : { behindDoor: spec.behindDoor }),
            ...(sinceMs === undefined ? {} : { sinceMs }),
          });
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

function noLane(lane: number): ReturnType<typeof deviceFail> {
  return deviceFail('device.missing', `no scale has lane ${lane}`);
}
