import type { Clock } from '../shared/clock.ts';
import type { Catalog } from '../shared/model/catalog.schema.ts';
import { SeededRandom } from '../shared/random.ts';
import { Cabinet, type CabinetParts, type DeviceOptions } from './cabinet.ts';
import { loadSampleCatalog } from './catalog.ts';
import { Trace } from './trace.ts';
import { cabinetUsbDevices } from './usb/cabinet-usb.ts';
import type { UsbDevice } from './usb/usb-device.ts';
import { World, type WorldOptions } from './world.ts';

export interface SimulatedCabinetOptions {
  readonly devices?: DeviceOptions;
  readonly pulseMs?: WorldOptions['pulseMs'];
  readonly latchHoldMs?: WorldOptions['latchHoldMs'];
  readonly doorCount?: WorldOptions['doorCount'];
  readonly catalog?: Catalog;
  /** Of all chance in this cabinet; the same seed gives the same cabinet, byte for byte. */
  readonly seed?: number;
}

/** A cabinet with its goods and devices, before anybody can reach it. */
export interface SimulatedCabinet {
  readonly catalog: Catalog;
  readonly random: SeededRandom;
  readonly world: World;
  readonly cabinet: Cabinet;
  readonly trace: Trace;
  /** The same devices as USB shows them, in the order lock, tag reader, code scanner, then door sensor, scale and light if any. */
  readonly usb: readonly UsbDevice[];
}

const defaultSeed = 20_260_101;

/** `cables`: the devices hang on cables of this process instead of on TCP ports. */
export function makeSimulatedCabinet(
  options: SimulatedCabinetOptions,
  parts: Pick<CabinetParts, 'clock' | 'onChange' | 'cables'> & { readonly clock: Clock },
): SimulatedCabinet {
  const { clock } = parts;
  const random = new SeededRandom(options.seed ?? defaultSeed);
  const catalog = options.catalog ?? loadSampleCatalog();
  const { pulseMs, latchHoldMs, doorCount, devices = {} } = options;
  const world = new World({
    clock,
    random,
    catalog,
    ...(pulseMs === undefined ? {} : { pulseMs }),
    ...(latchHoldMs === undefined ? {} : { latchHoldMs }),
    ...(doorCount === undefined ? {} : { doorCount }),
  });
  world.onChange(parts.onChange);
  const trace = new Trace(clock);
  const cabinet = new Cabinet(devices, { ...parts, random, world, trace });
  const usb = cabinetUsbDevices(cabinet.cables, devices, clock);
  return { catalog, random, world, cabinet, trace, usb };
}
