import type { Clock } from '../shared/clock.ts';
import {
  type DeviceFailure,
  type DeviceHealth,
  type DeviceSpec,
  type DoorState,
  type PollMode,
  doorOfAll,
} from '../shared/model/device.ts';
import { areOnOneLine, isOnBoard } from '../shared/model/transport-sharing.ts';
import type { HostMessage, OpeningsRecord } from '../shared/model/host-messages.ts';
import { ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import type { DoorEvents } from './device/board-session.ts';
import { DoorSensor } from './device/door-sensor.ts';
import { deviceFail } from './device/driver.ts';
import type { DoorSensorSpec } from './device/lock-boards.ts';
import { Lock } from './device/lock.ts';
import type { LockDriver } from './device/lock.ts';
import { OpeningWatch } from './device/opening-watch.ts';
import { RelayLock } from './device/relay-lock.ts';
import { SharedLine } from './transport/shared-line.ts';
import type { LineSeat } from './transport/shared-line.ts';
import type { Transport } from './transport/transport.ts';

type LockSpec = Extract<DeviceSpec, { kind: 'lock' }>;

/** Who sees the door. `refused`: its lock needs a door sensor and there is none for it, so it is not driven. */
type DoorSource = 'board' | 'sensor' | 'refused';

interface Door {
  readonly number: number;
  readonly lockId: string;
  readonly source: DoorSource;
  /** The sensor that sees it; null: its own board does. */
  readonly sensorId: string | null;
  readonly openings: OpeningWatch;
  lock: LockDriver | null;
  sensor: DoorSensor | null;
}

export interface CabinetDoorsOptions {
  readonly clock: Clock;
  /** All devices of the cabinet, with their ids. The n-th lock is that of door n. */
  readonly devices: readonly { readonly id: string; readonly spec: DeviceSpec }[];
  /** Of each door, as it was when the cabinet was last switched off. */
  readonly openings: readonly OpeningsRecord[];
  emit(message: Extract<HostMessage, { type: 'door' | 'openings' }>): void;
  healthChanged(): void;
}

/**
 * The doors of a cabinet: each with its lock, who sees it, and how its openings went. Locks that need a door sensor take the
 * sensors of the profile in their order. Together they are one door that is open while any of them is.
 */
export class CabinetDoors {
  readonly #options: CabinetDoorsOptions;
  readonly #doors: readonly Door[];
  #pollMode: PollMode = 'idle';

  constructor(options: CabinetDoorsOptions) {
    this.#options = options;
    const sensors = options.devices.filter(({ spec }) => spec.kind === 'door-sensor');
    this.#doors = options.devices
      .filter(({ spec }) => spec.kind === 'lock')
      .map(({ id, spec }, index) => {
        const needsSensor =
          spec.protocol === 'relay-dcttech' || ('doorFrom' in spec && spec.doorFrom === 'sensor');
        const sensor = needsSensor ? sensors.shift() : undefined;
        return {
          number: index + 1,
          lockId: id,
          source: needsSensor ? (sensor === undefined ? 'refused' : 'sensor') : 'board',
          sensorId: sensor?.id ?? null,
          openings: new OpeningWatch(options.clock, options.openings[index]),
          lock: null,
          sensor: null,
        };
      });
  }

  /** All doors as one, as last known, without asking. */
  get door(): DoorState {
    return doorOfAll(this.#states);
  }

  get #states(): DoorState[] {
    return this.#doors.map(stateOf);
  }

  /** Whether this lock is not driven, because nobody would see its door. */
  isRefused(lockId: string): boolean {
    return this.#doors.some((door) => door.lockId === lockId && door.source === 'refused');
  }

  makeLock(id: string, spec: LockSpec, seat: LineSeat | null): LockDriver {
    const { clock } = this.#options;
    const door = this.#doors.find((one) => one.lockId === id);
    const events = this.#eventsOf(door?.source === 'board' ? door : undefined);
    const lock =
      spec.protocol === 'relay-dcttech'
        ? new RelayLock(spec, clock, events)
        : new Lock(spec, clock, events, seat?.takeTurn);
    lock.setPollMode(this.#pollMode);
    if (door !== undefined) door.lock = lock;
    return lock;
  }

  /** One that no lock needs is kept well, and says nothing. */
  makeSensor(id: string, spec: DoorSensorSpec, seat: LineSeat | null): DoorSensor {
    const door = this.#doors.find((one) => one.sensorId === id);
    const sensor = new DoorSensor(spec, this.#options.clock, this.#eventsOf(door), seat?.takeTurn);
    sensor.setPollMode(this.#pollMode);
    if (door !== undefined) door.sensor = sensor;
    return sensor;
  }

  setPollMode(pollMode: PollMode): void {
    this.#pollMode = pollMode;
    for (const { lock, sensor } of this.#doors) {
      lock?.setPollMode(pollMode);
      sensor?.setPollMode(pollMode);
    }
  }

  /**
   * Opens this door, see `Lock.unlock`; the answer says how that door is then. `device.missing`: there is no such door;
   * `device.refused`: nobody sees it, so it is not opened.
   */
  async unlock(number: number): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const door = this.#doors[number - 1];
    if (door?.source === 'refused') return deviceFail('device.refused', noSensorDetail);
    if (door?.lock == null) return noLock();
    if (door.source === 'sensor' && stateOf(door) === 'unknown') {
      return deviceFail('device.refused', unseenDoor.detail);
    }
    const result = await door.lock.unlock();
    // A lock that is not there, or in hand of somebody else, has not been asked.
    const isAsked =
      result.ok || !['device.missing', 'device.disconnected', 'device.busy'].includes(result.error.code);
    if (isAsked)
      this.#watchOpenings(door, (openings) => {
        if (result.ok) openings.opened(stateOf(door));
        else openings.failed();
      });
    return result.ok ? ok({ door: stateOf(door) }) : result;
  }

  /** Asks each door now. The first failure of any is that of all. */
  async readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    if (this.#doors.length === 0) return noLock();
    const read = await Promise.all(this.#doors.map(readOne));
    return read.find((one) => !one.ok) ?? ok({ door: this.door });
  }

  /** The health of all devices, with what is known of the locks beyond what they say themselves. */
  judge(all: readonly DeviceHealth[]): DeviceHealth[] {
    const judged = this.#judged(all);
    if (this.#doors.length < 2) return judged;
    return judged.map((one) => {
      const door = this.#doors.find(({ lockId }) => lockId === one.id);
      return door === undefined ? one : { ...one, door: door.number };
    });
  }

  #judged(all: readonly DeviceHealth[]): DeviceHealth[] {
    const refused = this.#doors
      .filter(({ source }) => source === 'refused')
      .map(({ lockId }) => ({ id: lockId, ...refusedLock }));
    const judged = all.map((one) => {
      const door = one.state === 'ready' ? this.#doors.find(({ lockId }) => lockId === one.id) : undefined;
      if (door === undefined) return one;
      // A lock whose door nobody sees must not be used.
      const isBlind =
        door.source === 'sensor' && all.find(({ id }) => id === door.sensorId)?.state !== 'ready';
      const trouble = isBlind ? unseenDoor : door.openings.trouble;
      return trouble === null ? one : { ...one, ...trouble };
    });
    return [...refused, ...judged];
  }

  #eventsOf(door: Door | undefined): DoorEvents {
    return {
      door: (state, atMs, unreadMs) => {
        if (door === undefined) return;
        this.#watchOpenings(door, (openings) => {
          openings.seen(state);
        });
        const doors = this.#doors.length > 1 ? { doors: this.#states } : {};
        this.#options.emit({ type: 'door', door: this.door, ...doors, atMs, unreadMs });
      },
      healthChanged: () => {
        this.#options.healthChanged();
      },
    };
  }

  /** What the watch has learned is told, so that it is not lost with this process. */
  #watchOpenings({ number, openings }: Door, note: (openings: OpeningWatch) => void): void {
    const before = openings.record;
    note(openings);
    const { record } = openings;
    if (record.unseen === before.unseen && record.isFailed === before.isFailed) return;
    this.#options.emit({ type: 'openings', ofDoor: number, ...record });
    this.#options.healthChanged();
  }
}

function stateOf({ source, sensor, lock }: Door): DoorState {
  return (source === 'sensor' ? sensor : lock)?.door ?? 'unknown';
}

async function readOne({ source, sensor, lock }: Door): Promise<Result<{ door: DoorState }, DeviceFailure>> {
  if (source === 'refused') return deviceFail('device.refused', noSensorDetail);
  return (await (source === 'sensor' ? sensor : lock)?.readDoor()) ?? noLock();
}

/**
 * The seats of locks and door sensors that share a port with another of them, by id. Two relay boards share none: a HID device
 * is opened once.
 */
export function sharedSeats(
  clock: Clock,
  devices: readonly { readonly id: string; readonly spec: DeviceSpec }[],
  makeTransport: (device: { readonly id: string; readonly spec: DeviceSpec }) => Transport,
): Map<string, LineSeat> {
  const boards = devices.filter(({ spec }) => isOnBoard(spec));
  const seats = new Map<string, LineSeat>();
  for (const first of boards) {
    const sharing = boards.filter((one) => areOnOneLine(one.spec, first.spec));
    if (sharing.length < 2 || seats.has(first.id)) continue;
    const line = new SharedLine(clock, () => makeTransport(first));
    for (const { id } of sharing) seats.set(id, line.seat());
  }
  return seats;
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
