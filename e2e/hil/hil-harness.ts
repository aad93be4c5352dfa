import { setTimeout as sleep } from 'node:timers/promises';
import { sleep as sleepOn } from '../../src/shared/clock.ts';
import { DeviceHost } from '../../src/main/devices/device-host.ts';
import type { DeviceEvent } from '../../src/main/devices/device-host.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { DeviceHealth, DeviceKind, DeviceSpec } from '../../src/shared/model/device.ts';
import type { Catalog } from '../../src/shared/model/catalog.schema.ts';
import { loadSampleCatalog } from '../../src/simulator/catalog.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { usbIdentities } from '../../src/simulator/usb/cabinet-usb.ts';
import type { UsbDevice } from '../../src/simulator/usb/usb-device.ts';
import { UsbRedirPlug } from '../../src/simulator/usb/usbredir-plug.ts';
import { GuestHost } from './guest-host.ts';
import type { HostExit, Machine } from './machine.ts';

/** A cabinet of this size is read in the test of the inventory. */
export const tagCount = 60;
const waitMaxMs = 20_000;
const askEveryMs = 5;
const readsPerSecond = 400;

const { lock, reader, scanner, relay, light, sensor, scale } = usbIdentities;
const ids = (of: { vendorId: number; productId: number }): { vendorId: number; productId: number } => ({
  vendorId: of.vendorId,
  productId: of.productId,
});
const serialLine = (
  match: { vendorId: number; productId: number; serialNumber: string },
  baudRate: 9600 | 115_200,
) => ({ kind: 'serial', match, baudRate, dataBits: 8, parity: 'none', stopBits: 1 }) as const;
const wired = { protocol: 'lock-8a', boardAddress: 1, channel: 1, closedFeedback: 1 } as const;
const lockMatch = { ...ids(lock), serialNumber: lock.serialNumber };

/** The devices as a cabinet's profile names them: by what they are, never "the first one". */
export const specs = {
  lock: {
    kind: 'lock',
    ...wired,
    transport: serialLine(lockMatch, 9600),
  },
  /** The same board past the kernel's driver. */
  lockOverUsb: {
    kind: 'lock',
    ...wired,
    transport: {
      kind: 'usb',
      match: lockMatch,
      line: { chip: 'cdc-acm', baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    },
  },
  reader: {
    kind: 'tag-reader',
    protocol: 'rfid-r200',
    region: 'china-900',
    powerCentiDbm: 2600,
    transport: serialLine({ ...ids(reader), serialNumber: reader.serialNumber }, 115_200),
  },
  scanner: {
    kind: 'code-scanner',
    protocol: 'scanner-hid-pos',
    layout: 'standard',
    transport: { kind: 'hid', match: { ...ids(scanner), usagePage: 0x8c, usage: 2 } },
  },
  scannerInPort3: {
    kind: 'code-scanner',
    protocol: 'scanner-hid-pos',
    layout: 'standard',
    transport: { kind: 'hid', match: { ...ids(scanner), usagePage: 0x8c, portPath: '1-3' } },
  },
  relay: {
    kind: 'lock',
    protocol: 'relay-dcttech',
    channel: 1,
    pulseMs: 500,
    transport: { kind: 'hid', match: { ...ids(relay), product: relay.product } },
  },
  /** Another relay board, with one relay: its product name tells it from the lock's. */
  light: {
    kind: 'light',
    protocol: 'relay-dcttech',
    channel: 1,
    transport: { kind: 'hid', match: { ...ids(light), product: light.product } },
  },
  sensor: {
    kind: 'door-sensor',
    ...wired,
    transport: serialLine({ ...ids(sensor), serialNumber: sensor.serialNumber }, 9600),
  },
  scale: {
    kind: 'scale',
    protocol: 'scale-hid',
    lane: 1,
    transport: { kind: 'hid', match: { ...ids(scale), usagePage: 0x8d, usage: 0x20 } },
  },
} as const satisfies Record<string, DeviceSpec>;

/** What the device host has sent since the last `forget`. */
export interface Received {
  readonly doors: { door: string; atMs: number }[];
  readonly codes: string[];
  readonly tags: Map<string, number>;
  readCount: number;
  /** The last stable weight. */
  milligrams: number | null;
  health: DeviceHealth[];
  readonly exits: HostExit[];
}

/** Two simulated cabinets in this process, their USB devices in the machine's ports, main's side of the device host here. */
export class HilHarness {
  readonly machine: Machine;
  /** Lock board, tag reader and scanner in ports 1 to 3. */
  readonly cabinet: Simulator;
  /** Relay lock, door sensor in ports 4 and 5; its scanner is the first one's twin, in port 6; a scale in port 7, a light in port 8. */
  readonly second: Simulator;
  readonly received: Received = {
    doors: [],
    codes: [],
    tags: new Map(),
    readCount: 0,
    milligrams: null,
    health: [],
    exits: [],
  };
  readonly clock: Clock;
  #plugs: UsbRedirPlug[] = [];
  #host: DeviceHost | null = null;
  #listKey = '';
  #process: GuestHost | null = null;

  private constructor(machine: Machine, clock: Clock, cabinet: Simulator, second: Simulator) {
    this.machine = machine;
    this.clock = clock;
    this.cabinet = cabinet;
    this.second = second;
  }

  static async open(machine: Machine): Promise<HilHarness> {
    const { clock } = machine;
    const cabinet = await startSimulator({
      clock,
      catalog: bigCatalog(),
      usbip: { port: 0 },
      devices: { readsPerSecond, missProbability: 0, pushHead: 0x82 },
    });
    const second = await startSimulator({
      clock,
      devices: { lock: 'relay-dcttech', scale: 'scale-hid', light: 'relay-dcttech', pushHead: 0x82 },
    });
    const harness = new HilHarness(machine, clock, cabinet, second);
    harness.second.cabinet.setPlugged('code-scanner', false);
    const { usb } = harness;
    const { lock, reader, scanner, relay, sensor, twin, scale, light } = usb;
    [lock, reader, scanner, relay, sensor, twin, scale, light].forEach((device, i) => {
      harness.#plugs.push(new UsbRedirPlug(device, machine.usbPort(i), clock));
    });
    return harness;
  }

  get usb(): Record<
    'lock' | 'reader' | 'scanner' | 'relay' | 'sensor' | 'twin' | 'scale' | 'light',
    UsbDevice
  > {
    const [lockBoard, tagReader, codeScanner] = this.cabinet.usb;
    const [relayBoard, , twin, sensorBoard, shelfScale, lamp] = this.second.usb;
    return {
      lock: assertDefined(lockBoard),
      reader: assertDefined(tagReader),
      scanner: assertDefined(codeScanner),
      relay: assertDefined(relayBoard),
      sensor: assertDefined(sensorBoard),
      twin: assertDefined(twin),
      scale: assertDefined(shelfScale),
      light: assertDefined(lamp),
    };
  }

  get host(): DeviceHost {
    return assertDefined(this.#host);
  }

  /**
   * A device host with these devices, all ready: the one that is there, or a new one. Answers how long it took, in ms of
   * real time. `wait` false: a new one in any case, and its devices need not become ready.
   */
  async devices(list: readonly DeviceSpec[], wait = true): Promise<number> {
    const key = JSON.stringify(list);
    if (wait && this.#host !== null && key === this.#listKey && this.allReady(list.length)) {
      this.forget();
      return 0;
    }
    this.#listKey = key;
    await this.#host?.stop();
    this.forget();
    this.received.health = [];
    const startMs = performance.now();
    const host = new DeviceHost({
      spawn: () => {
        this.#process = new GuestHost(this.machine, (exit) => this.received.exits.push(exit));
        return this.#process;
      },
      config: { simulated: true, devices: [...list] },
      clock: this.clock,
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    });
    this.#host = host;
    host.on((event) => {
      if (this.#host === host) this.#receive(event);
    });
    host.start();
    if (wait) await this.until('all devices ready', () => this.allReady(list.length));
    return performance.now() - startMs;
  }

  /** What befalls the running device host. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGSEGV'): void {
    assertDefined(this.#process).signal(signal);
  }

  allReady(count: number): boolean {
    const { health } = this.received;
    return health.length === count && health.every((one) => one.state === 'ready');
  }
  healthOf(kind: DeviceKind): DeviceHealth | undefined {
    return this.received.health.find((one) => one.kind === kind);
  }
  get lastDoor(): string | undefined {
    return this.received.doors.at(-1)?.door;
  }
  forget(): void {
    const { doors, codes, tags } = this.received;
    doors.length = codes.length = 0;
    tags.clear();
    this.received.readCount = 0;
    this.received.milligrams = null;
  }

  /** Waits, in our code's time. */
  pause(delayMs: number): Promise<void> {
    return sleepOn(this.clock, delayMs);
  }
  /** Answers how long it took, in ms of real time; the bound is in our code's. */
  async until(what: string, isSo: () => boolean, maxMs = waitMaxMs): Promise<number> {
    const startMs = performance.now();
    const endMs = this.clock.monotonicMs() + maxMs;
    while (!isSo()) {
      if (this.clock.monotonicMs() > endMs) {
        const health = this.received.health
          .map((one) => `${one.kind} ${one.state} (${one.detail})`)
          .join('; ');
        throw new Error(`not within ${maxMs.toFixed(0)} ms: ${what}. Health: ${health || 'none'}`);
      }
      await sleep(askEveryMs);
    }
    return performance.now() - startMs;
  }

  /** Ends the device host and pulls everything out of the machine's ports. */
  async release(): Promise<void> {
    await this.#host?.stop();
    this.#host = null;
    for (const plug of this.#plugs) plug.close();
    this.#plugs = [];
  }

  async close(): Promise<void> {
    await this.release();
    await Promise.all([this.cabinet.close(), this.second.close()]);
  }

  #receive(event: DeviceEvent): void {
    if (event.type === 'door') this.received.doors.push({ door: event.door, atMs: event.atMs });
    else if (event.type === 'code') this.received.codes.push(event.text);
    else if (event.type === 'health') this.received.health = event.devices;
    else if (event.type === 'hostGone') this.received.health = [];
    else if (event.type === 'weight') this.received.milligrams = event.stable ? event.milligrams : null;
    else if (event.type === 'tags') {
      this.received.readCount += event.reads.length;
      for (const { epc } of event.reads) this.received.tags.set(epc, (this.received.tags.get(epc) ?? 0) + 1);
    }
  }
}

/** The sample's goods with as many tags as a full cabinet has. */
function bigCatalog(): Catalog {
  const sample = loadSampleCatalog();
  const tags = Array.from({ length: tagCount }, (_, i) => {
    const base = assertDefined(sample.tags[i % sample.tags.length]);
    return { ...base, epc: `E28011606000${i.toString(16).toUpperCase().padStart(12, '0')}` };
  });
  return { ...sample, tags };
}

export function assertDefined<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it must be there');
  return value;
}

function ignore(): void {
  return;
}
