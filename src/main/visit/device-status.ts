import type { DeviceHealth, DeviceKind, DeviceTrouble, DoorState } from '../../shared/model/device.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { DeviceEvent } from '../devices/device-host.ts';

/**
 * Whether a kind of device can be relied on. With several of a kind it takes all: goods that only the second reader sees
 * would be free while it is away. None at all is not ready.
 */
export function areReady(health: readonly DeviceHealth[], kind: DeviceKind): boolean {
  const all = health.filter((one) => one.kind === kind);
  return all.length > 0 && all.every((one) => one.state === 'ready');
}

/**
 * The doors that are set aside while others sell: the board answers, has taken no opening since the door was seen last, and
 * the door is seen to be shut. Whatever else is wrong with a lock, nobody can say that its door is shut, so none sells.
 */
function stuckDoorsOf(health: readonly DeviceHealth[], doors: readonly DoorState[]): number[] {
  const locks = health.filter(({ kind }) => kind === 'lock');
  const stuck = locks.flatMap(({ state, fault, door }) => {
    if (door === undefined || state !== 'error' || fault !== 'fault.bolt') return [];
    return doors[door - 1] === 'closed' ? [door] : [];
  });
  return stuck.length < locks.length ? stuck : [];
}

/** What a call to a device in this state fails with. */
const codeIn = {
  connecting: 'device.disconnected',
  disconnected: 'device.disconnected',
  silent: 'device.timeout',
  error: 'device.protocol',
} as const satisfies Record<Exclude<DeviceHealth['state'], 'ready'>, DeviceTrouble['code']>;

/** What is wrong with this device, for whoever mends it; null: nothing. */
export function troubleOfDevice({ state, fault }: DeviceHealth): DeviceTrouble['code'] | null {
  if (state === 'ready') return null;
  return (state === 'error' ? fault : undefined) ?? codeIn[state];
}

/** What the devices said last of the door and of themselves. The only holder of the door's state in the main process. */
export class DeviceStatus {
  #door: DoorState = 'unknown';
  #doors: readonly DoorState[] | undefined;
  #health: readonly DeviceHealth[] = [];
  #isHostGone = false;

  get door(): DoorState {
    return this.#door;
  }
  /** Of each of several doors; undefined: there is one, or none has been told of yet. */
  get doors(): readonly DoorState[] | undefined {
    return this.#doors;
  }
  get health(): readonly DeviceHealth[] {
    return this.#health;
  }

  /** Of several doors those that are out of service by themselves; a shopper may open the others. */
  get stuckDoors(): readonly number[] {
    return stuckDoorsOf(this.#health, this.#doors ?? []);
  }

  isReady(kind: DeviceKind): boolean {
    const stuck = kind === 'lock' ? this.stuckDoors : [];
    return areReady(
      this.#health.filter(({ door }) => door === undefined || !stuck.includes(door)),
      kind,
    );
  }

  /** A device that was an error is used once more, and nobody has seen yet that it is well. */
  get isOnTrial(): boolean {
    return this.#health.some(({ state, fault }) => state === 'ready' && fault !== undefined);
  }

  /** For staff: what is behind this reason of being out of service; null: no device, or one that says it is well. */
  troubleBehind(reason: OutOfServiceReason): DeviceTrouble | null {
    if (reason !== 'lock_unreachable' && reason !== 'reader_unreachable') return null;
    const kind = reason === 'lock_unreachable' ? 'lock' : 'tag-reader';
    if (this.#isHostGone) return { kind, code: 'host.gone' };
    const all = this.#health.filter((one) => one.kind === kind);
    if (all.length === 0) return { kind, code: 'device.missing' };
    const code = all.map(troubleOfDevice).find((one) => one !== null);
    return code === undefined ? null : { kind, code };
  }

  /** Takes over what an event says; a device host that is gone says that nothing is known. */
  update(event: DeviceEvent): void {
    if (event.type === 'door') [this.#door, this.#doors] = [event.door, event.doors];
    if (event.type === 'health') [this.#health, this.#isHostGone] = [event.devices, false];
    if (event.type !== 'hostGone') return;
    [this.#door, this.#health, this.#isHostGone] = ['unknown', [], true];
    this.#doors = this.#doors?.map(() => 'unknown');
  }
}
