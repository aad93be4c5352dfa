import { unreachable } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type {
  CabinetDevices,
  DeviceFailure,
  DeviceHealth,
  DeviceSpec,
  DoorState,
  HostMessage,
} from '../shared/model/device.ts';
import type { Result } from '../shared/result.ts';
import { DeviceSlot } from './device-slot.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import { CodeScanner } from './device/code-scanner.ts';
import { deviceFail } from './device/driver.ts';
import type { Driver } from './device/driver.ts';
import { Lock } from './device/lock.ts';
import { TagReader } from './device/tag-reader.ts';

export const healthPeriodMs = 2000;

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly makeTransport: TransportFactory;
  readonly log: Log;
  /** door, tags, code and health messages. */
  emit(message: HostMessage): void;
}

/** All devices of a cabinet: made from its configuration, kept connected, each on its own. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #slots: DeviceSlot[] = [];
  #lock: Lock | null = null;
  #readers: TagReader[] = [];
  #doorPace: 'watch' | 'rest' = 'rest';
  #inventoryPace: 'continuous' | 'sweep' = 'sweep';
  #change: Promise<void> = Promise.resolve();
  #lastHealth = '';
  #cancelHealth: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Closes what was there, then builds these devices. Resolves when the old handles are closed. */
  configure(config: CabinetDevices): Promise<void> {
    return this.#inTurn(async () => {
      await this.#closeAll();
      for (const spec of config.devices) {
        const driver = this.#makeDriver(spec);
        this.#slots.push(
          new DeviceSlot({
            ...this.#options,
            transport: spec.transport,
            driver,
            healthChanged: () => {
              this.#healthChanged();
            },
          }),
        );
      }
      this.#publishHealth();
    });
  }

  /** See `Lock.unlock`; `device.missing` when the cabinet has no lock. With several locks, the first. */
  unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#lock?.unlock() ?? Promise.resolve(noLock());
  }

  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#lock?.readDoor() ?? Promise.resolve(noLock());
  }

  /** The last known state, without asking. */
  get door(): DoorState {
    return this.#lock?.door ?? 'unknown';
  }

  setDoorPace(pace: 'watch' | 'rest'): void {
    this.#doorPace = pace;
    this.#lock?.setPace(pace);
  }

  setInventoryPace(pace: 'continuous' | 'sweep'): void {
    this.#inventoryPace = pace;
    for (const reader of this.#readers) reader.setPace(pace);
  }

  health(): DeviceHealth[] {
    return this.#slots.map((slot) => slot.health());
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
    const old = this.#slots;
    this.#slots = [];
    this.#lock = null;
    this.#readers = [];
    await Promise.all(old.map((slot) => slot.stop()));
  }

  #makeDriver(spec: DeviceSpec): Driver {
    const { clock } = this.#options;
    const emit = (message: HostMessage): void => {
      this.#options.emit(message);
    };
    const healthChanged = (): void => {
      this.#healthChanged();
    };
    switch (spec.kind) {
      case 'lock': {
        const door = (state: DoorState, atMs: number): void => {
          emit({ type: 'door', door: state, atMs });
        };
        const isFirst = this.#lock === null;
        const lock = new Lock(spec, clock, { door: isFirst ? door : () => undefined, healthChanged });
        lock.setPace(this.#doorPace);
        this.#lock ??= lock;
        return lock;
      }
      case 'tag-reader': {
        const tags = (reads: { epc: string; rssiDbm: number; atMs: number }[], atMs: number): void => {
          emit({ type: 'tags', reads, atMs });
        };
        const reader = new TagReader(spec, clock, { tags, healthChanged });
        reader.setPace(this.#inventoryPace);
        this.#readers.push(reader);
        return reader;
      }
      case 'code-scanner':
        return new CodeScanner(spec, clock, {
          code: (scan, atMs) => {
            emit({ type: 'code', text: scan.text, symbology: scan.symbology, atMs });
          },
          healthChanged,
        });
      default:
        return unreachable(spec);
    }
  }

  #healthChanged(): void {
    // While everything is being closed there is nothing to tell.
    if (this.#slots.length > 0 && this.#stateText() !== this.#lastHealth) this.#publishHealth();
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
    return JSON.stringify(this.health().map((one) => [one.kind, one.state, one.detail]));
  }
}

function noLock(): ReturnType<typeof deviceFail> {
  return deviceFail('device.missing', 'the cabinet has no lock');
}
