import type { Clock } from '../shared/clock.ts';
import { assert } from '../shared/assert.ts';
import type { CabinetDevices, DeviceKind } from '../shared/model/device.ts';
import type { DeviceFault, DeviceView } from './api.ts';
import { DevicePort } from './devices/device-port.ts';
import { LockBoard, spoilLockCheck } from './devices/lock-board.ts';
import { Scanner, spoilReport } from './devices/scanner.ts';
import {
  TagReader,
  defaultMissProbability,
  defaultReadsPerSecond,
  spoilRfidCheck,
} from './devices/tag-reader.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';
import type { World } from './world.ts';

/** How the cabinet's devices are made and wired. All have defaults: a usual cabinet. */
export interface DeviceOptions {
  readonly lockPort?: number;
  readonly readerPort?: number;
  readonly scannerPort?: number;
  readonly boardAddress?: number;
  readonly channel?: number;
  readonly closedFeedback?: 0 | 1;
  readonly pushHead?: 0x81 | 0x82 | null;
  readonly openReplyMs?: number;
  readonly readsPerSecond?: number;
  readonly missProbability?: number;
  readonly scannerLayout?: 'standard' | 'counted' | 'newland';
}

export interface CabinetParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly world: World;
  readonly trace: Trace;
  readonly onChange: () => void;
}

const defaultOpenReplyMs = 500;

/** The three devices of the cabinet behind their TCP ports. */
export class Cabinet {
  readonly #options: DeviceOptions;
  readonly lock: DevicePort<LockBoard>;
  readonly reader: DevicePort<TagReader>;
  readonly scanner: DevicePort<Scanner>;
  readonly #ports: Readonly<
    Record<DeviceKind, DevicePort<LockBoard> | DevicePort<TagReader> | DevicePort<Scanner>>
  >;

  constructor(options: DeviceOptions, parts: CabinetParts) {
    this.#options = options;
    const { clock, random, world, trace, onChange } = parts;
    const shared = { clock, random, trace, onChange };
    this.lock = new DevicePort({
      ...shared,
      ...{ kind: 'lock', framing: 'stream', spoilCheck: spoilLockCheck },
      makeDevice: (send) =>
        new LockBoard({
          ...{ clock, world, send },
          boardAddress: options.boardAddress ?? 1,
          channel: options.channel ?? 1,
          closedFeedback: options.closedFeedback ?? 1,
          pushHead: options.pushHead ?? null,
          openReplyMs: options.openReplyMs ?? defaultOpenReplyMs,
        }),
    });
    this.reader = new DevicePort({
      ...shared,
      ...{ kind: 'tag-reader', framing: 'stream', spoilCheck: spoilRfidCheck },
      makeDevice: (send) =>
        new TagReader({
          ...{ clock, random, world, send },
          readsPerSecond: options.readsPerSecond ?? defaultReadsPerSecond,
          missProbability: options.missProbability ?? defaultMissProbability,
        }),
    });
    this.scanner = new DevicePort({
      ...shared,
      ...{ kind: 'code-scanner', framing: 'report', spoilCheck: spoilReport },
      makeDevice: (send) => new Scanner({ clock, send, layout: options.scannerLayout ?? 'standard' }),
    });
    this.#ports = { lock: this.lock, 'tag-reader': this.reader, 'code-scanner': this.scanner };
  }

  /** Opens the three ports and says where they are, in the words of the kiosk's configuration. */
  async listen(): Promise<CabinetDevices> {
    const host = '127.0.0.1';
    const lock = await this.lock.listen(this.#options.lockPort ?? 0);
    const reader = await this.reader.listen(this.#options.readerPort ?? 0);
    const scanner = await this.scanner.listen(this.#options.scannerPort ?? 0);
    return {
      simulated: true,
      devices: [
        {
          kind: 'lock',
          protocol: 'lock-8a',
          transport: { kind: 'tcp', host, port: lock, framing: 'stream' },
          boardAddress: this.#options.boardAddress ?? 1,
          channel: this.#options.channel ?? 1,
          closedFeedback: this.#options.closedFeedback ?? 1,
        },
        {
          kind: 'tag-reader',
          protocol: 'rfid-r200',
          transport: { kind: 'tcp', host, port: reader, framing: 'stream' },
          region: 'china-900',
          powerCentiDbm: 2600,
        },
        {
          kind: 'code-scanner',
          protocol: 'scanner-hid-pos',
          transport: { kind: 'tcp', host, port: scanner, framing: 'report' },
          layout: this.#options.scannerLayout ?? 'standard',
        },
      ],
    };
  }

  view(kind: DeviceKind): DeviceView {
    const { plugged, attached, line } = this.#ports[kind];
    const jammed = kind === 'lock' && this.lock.device.jammed;
    return { connected: plugged, attached, fault: jammed ? 'jammed' : line.fault };
  }

  setPlugged(kind: DeviceKind, plugged: boolean): void {
    this.#ports[kind].setPlugged(plugged);
  }

  /** One fault at a time. `jammed` is the lock's alone. */
  setFault(kind: DeviceKind, fault: DeviceFault): void {
    assert(fault !== 'jammed' || kind === 'lock', 'only a lock can jam');
    this.lock.device.jammed = kind === 'lock' ? fault === 'jammed' : this.lock.device.jammed;
    this.#ports[kind].line.setFault(fault === 'jammed' ? 'none' : fault);
  }

  async close(): Promise<void> {
    this.lock.device.close();
    await Promise.all([this.lock.close(), this.reader.close(), this.scanner.close()]);
  }
}
