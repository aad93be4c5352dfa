import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeviceSpec } from '../shared/model/device.ts';
import type { TransportSpec } from '../shared/model/transport.ts';
import { Cu16Board } from './devices/cu16-board.ts';
import { DevicePort } from './devices/device-port.ts';
import type { DevicePortOptions } from './devices/device-port.ts';
import { Lock8aBoard, spoilLockCheck } from './devices/lock-8a-board.ts';
import { lockCoil, RelayBoard, spoilRelayState } from './devices/relay-board.ts';
import type { LockEmulator } from './devices/serial-lock-board.ts';
import { WklyBoard } from './devices/wkly-board.ts';
import type { World } from './world.ts';

export const lockProtocols = ['lock-8a', 'lock-wkly', 'lock-kerong-cu16', 'relay-dcttech'] as const;
export type LockProtocol = (typeof lockProtocols)[number];

/** How the lock is made and wired. All have defaults. */
export interface LockOptions {
  /** What moves the bolt. A relay sees no door: such a cabinet has a door sensor as well. */
  readonly lock?: LockProtocol;
  readonly lockPort?: number;
  readonly sensorPort?: number;
  readonly boardAddress?: number;
  readonly channel?: number;
  readonly closedFeedback?: 0 | 1;
  /** Of an 8A board. A WKLY board pushes unless this is null; a CU16 never does. */
  readonly pushHead?: 0x81 | 0x82 | null;
  readonly openReplyMs?: number;
  /** How long the kiosk holds the relay. */
  readonly relayPulseMs?: number;
}

const defaultOpenReplyMs = 500;
const defaultRelayPulseMs = 500;
/** As the maker ships it. */
const relayId = 'BITFT';
const host = '127.0.0.1';

export type LockPort = DevicePort<LockEmulator>;
type Shared = Pick<DevicePortOptions<LockEmulator>, 'clock' | 'random' | 'trace' | 'onChange' | 'cables'>;

/** The cabinet's lock, and the door's contact where it hangs on a board of its own. */
export class CabinetLock {
  readonly port: LockPort;
  readonly sensorPort: LockPort | null;
  readonly #options: LockOptions;
  readonly #doorCount: number;
  readonly #wired: { boardAddress: number; channel: number; closedFeedback: 0 | 1 };

  constructor(options: LockOptions, shared: Shared & { readonly clock: Clock; readonly world: World }) {
    const { boardAddress = 1, channel = 1, closedFeedback = 1 } = options;
    this.#options = options;
    this.#wired = { boardAddress, channel, closedFeedback };
    const { world, ...port } = shared;
    const isRelay = this.#protocol === 'relay-dcttech';
    this.#doorCount = world.doors.length;
    assert(this.#doorCount === 1 || !isRelay, 'a relay board moves one bolt');
    this.port = new DevicePort<LockEmulator>({
      ...{ ...port, kind: 'lock', framing: isRelay ? 'report' : 'stream' },
      spoilCheck: isRelay ? spoilRelayState : spoilLockCheck,
      makeDevice: (send) => this.#makeBoard({ clock: port.clock, world, send }),
    });
    this.sensorPort = isRelay ? this.#makeSensor(port, world) : null;
  }

  get #protocol(): LockProtocol {
    return this.#options.lock ?? 'lock-8a';
  }

  /** Opens the ports; says where they are, in the words of the kiosk's configuration. */
  async listen(): Promise<DeviceSpec[]> {
    const at = (port: number, framing: 'stream' | 'report'): TransportSpec => {
      return { kind: 'tcp', host, port, framing };
    };
    const port = await this.port.listen(this.#options.lockPort ?? 0);
    if (this.sensorPort === null) {
      const protocol = this.#protocol as Exclude<LockProtocol, 'relay-dcttech'>;
      // All doors on one board, one output after the other.
      return Array.from({ length: this.#doorCount }, (_, index) => ({
        ...{ kind: 'lock', protocol, transport: at(port, 'stream'), ...this.#wired },
        channel: this.#wired.channel + index,
      }));
    }
    const sensorPort = await this.sensorPort.listen(this.#options.sensorPort ?? 0);
    return [
      {
        kind: 'lock',
        protocol: 'relay-dcttech',
        transport: at(port, 'report'),
        ...{ channel: this.#wired.channel, relayId },
        pulseMs: this.#options.relayPulseMs ?? defaultRelayPulseMs,
      },
      {
        kind: 'door-sensor',
        protocol: 'lock-8a',
        transport: at(sensorPort, 'stream'),
        ...this.#wired,
      },
    ];
  }

  async close(): Promise<void> {
    this.port.device.close();
    this.sensorPort?.device.close();
    await Promise.all([this.port.close(), this.sensorPort?.close()]);
  }

  #makeBoard(ends: {
    readonly clock: Clock;
    readonly world: World;
    readonly send: (frame: Uint8Array) => void;
  }): LockEmulator {
    const { pushHead, openReplyMs = defaultOpenReplyMs } = this.#options;
    switch (this.#protocol) {
      case 'lock-8a':
        return new Lock8aBoard({ ...ends, ...this.#wired, openReplyMs, pushHead: pushHead ?? null });
      case 'lock-wkly':
        return new WklyBoard({ ...ends, ...this.#wired, openReplyMs, pushes: pushHead !== null });
      case 'lock-kerong-cu16':
        return new Cu16Board({ ...ends, ...this.#wired });
      case 'relay-dcttech':
        return new RelayBoard({ channel: this.#wired.channel, load: lockCoil(ends.world), relayId });
    }
  }

  #makeSensor(port: Shared, world: World): LockPort {
    const sensor = new DevicePort<LockEmulator>({
      ...{ ...port, kind: 'door-sensor', framing: 'stream', spoilCheck: spoilLockCheck },
      makeDevice: (send) =>
        new Lock8aBoard({
          ...{ clock: port.clock, world, send, ...this.#wired, openReplyMs: defaultOpenReplyMs },
          pushHead: this.#options.pushHead ?? null,
        }),
    });
    // Nothing hangs on its outputs.
    sensor.device.jammed = true;
    return sensor;
  }
}
