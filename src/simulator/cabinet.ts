import type { Clock } from '../shared/clock.ts';
import { assert } from '../shared/assert.ts';
import type { CabinetDevices, DeviceKind } from '../shared/model/device.ts';
import type { DeviceFault, DeviceView } from './api.ts';
import { CabinetLock } from './cabinet-lock.ts';
import type { LockOptions, LockPort } from './cabinet-lock.ts';
import { CabinetLight } from './cabinet-light.ts';
import type { LightOptions } from './cabinet-light.ts';
import { CabinetThermometer, type ThermometerOptions } from './cabinet-thermometer.ts';
import { CabinetScale } from './cabinet-scale.ts';
import type { ScaleOptions } from './cabinet-scale.ts';
import { makeReaderPort, makeScannerPort, readerSpec, scannerSpec } from './cabinet-sensors.ts';
import type { ReaderPort, ScannerPort, SensorOptions } from './cabinet-sensors.ts';
import type { CableRegistry } from './devices/device-port.ts';
import type { SeededRandom } from '../shared/random.ts';
import type { Trace } from './trace.ts';
import type { CabinetCables } from './usb/cabinet-usb.ts';
import type { World } from './world.ts';

/** How the cabinet's devices are made and wired. All have defaults: a usual cabinet. */
export type DeviceOptions = LockOptions & ScaleOptions & SensorOptions & LightOptions & ThermometerOptions;

export interface CabinetParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly world: World;
  readonly trace: Trace;
  readonly onChange: () => void;
  /** The devices hang on these instead of on TCP ports. */
  readonly cables?: CableRegistry | undefined;
}

/** The devices of the cabinet behind their TCP ports, or at the end of cables in this process. */
export class Cabinet {
  readonly #options: DeviceOptions;
  readonly lock: LockPort;
  readonly #lock: CabinetLock;
  readonly reader: ReaderPort;
  readonly scanner: ScannerPort;
  readonly scale: CabinetScale | null;
  readonly light: CabinetLight | null;
  readonly thermometer: CabinetThermometer | null;
  readonly #ports: Readonly<
    Record<
      DeviceKind,
      | LockPort
      | ReaderPort
      | ScannerPort
      | CabinetScale['port']
      | CabinetLight['port']
      | CabinetThermometer['port']
      | null
    >
  >;

  constructor(options: DeviceOptions, parts: CabinetParts) {
    this.#options = options;
    const { clock, random, world, trace, onChange, cables } = parts;
    const shared = { clock, random, trace, onChange, cables };
    this.#lock = new CabinetLock(options, { ...shared, world });
    this.lock = this.#lock.port;
    this.reader = makeReaderPort(options, { ...shared, world });
    this.scanner = makeScannerPort(options, shared);
    const { scale, isScalePhysical } = options;
    this.scale = scale === undefined ? null : new CabinetScale(scale, { ...shared, world, isScalePhysical });
    this.light = options.light === undefined ? null : new CabinetLight({ ...shared, world });
    const { thermometer } = options;
    this.thermometer = thermometer === undefined ? null : new CabinetThermometer(thermometer, shared);
    this.#ports = {
      lock: this.lock,
      'door-sensor': this.#lock.sensorPort,
      'tag-reader': this.reader,
      'code-scanner': this.scanner,
      scale: this.scale?.port ?? null,
      light: this.light?.port ?? null,
      thermometer: this.thermometer?.port ?? null,
    };
  }

  /** Opens the ports and says where they are, in the words of the kiosk's configuration. */
  async listen(): Promise<CabinetDevices> {
    const lock = await this.#lock.listen();
    const reader = await this.reader.listen(this.#options.readerPort ?? 0);
    const scanner = await this.scanner.listen(this.#options.scannerPort ?? 0);
    const scale = await this.scale?.listen(this.#options.scalePort ?? 0);
    const light = await this.light?.listen(this.#options.lightPort ?? 0);
    const thermometer = await this.thermometer?.listen();
    return {
      simulated: true,
      devices: [
        ...lock,
        readerSpec(this.#options, reader),
        scannerSpec(this.#options, scanner),
        ...(scale === undefined ? [] : [scale]),
        ...(light === undefined ? [] : [light]),
        ...(thermometer === undefined ? [] : [thermometer]),
      ],
    };
  }

  /** What the USB devices hang on. */
  get cables(): CabinetCables {
    const { lock, reader, scanner } = this;
    return {
      ...{ lock, sensor: this.#lock.sensorPort, reader, scanner },
      ...{ scale: this.scale?.port ?? null, light: this.light?.port ?? null },
    };
  }

  /** Null: this cabinet has none of these. */
  view(kind: DeviceKind): DeviceView | null {
    const port = this.#ports[kind];
    if (port === null) return null;
    const { plugged, attached, line } = port;
    const jammed = kind === 'lock' && this.lock.device.jammed;
    return { connected: plugged, attached, fault: jammed ? 'jammed' : line.fault };
  }

  setPlugged(kind: DeviceKind, plugged: boolean): void {
    this.#ports[kind]?.setPlugged(plugged);
  }

  /** One fault at a time. `jammed` is the lock's alone. */
  setFault(kind: DeviceKind, fault: DeviceFault): void {
    assert(fault !== 'jammed' || kind === 'lock', 'only a lock can jam');
    if (kind === 'lock') this.lock.device.jammed = fault === 'jammed';
    this.#ports[kind]?.line.setFault(fault === 'jammed' ? 'none' : fault);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#lock.close(),
      this.reader.close(),
      this.scanner.close(),
      this.scale?.close(),
      this.light?.close(),
      this.thermometer?.close(),
    ]);
  }
}
