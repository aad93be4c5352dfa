import type { DeviceAdmin, DeviceAdminCall, DeviceAdminReply } from '../shared/model/device-admin.ts';
import type { DeviceFailure, DeviceHealth, DeviceSpec, DoorState, PollMode } from '../shared/model/device.ts';
import { foundDevicesMax } from '../shared/model/found-device.ts';
import { type Inventory, takeInventory } from './inventory/inventory.ts';
import { ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import { deviceFail } from './device/driver.ts';
import type { Driver } from './device/driver.ts';

/** One device of the cabinet, as administration sees it. */
export interface ManagedDevice {
  readonly id: string;
  readonly spec: DeviceSpec;
  readonly driver: Driver;
  readonly transportName: string;
  readonly health: DeviceHealth;
}

/** What the administration acts on: the supervisor. */
export interface AdministeredCabinet {
  readonly pollMode: PollMode;
  readonly door: DoorState;
  device(id: string): ManagedDevice | null;
  unlock(door: number): Promise<Result<{ door: DoorState }, DeviceFailure>>;
  setLight(on: boolean): Promise<void>;
  setReaderPower(id: string, powerCentiDbm: number): Promise<Result<void, DeviceFailure>>;
  zeroScale(lane: number): Promise<Result<void, DeviceFailure>>;
  tareScale(lane: number): Promise<Result<void, DeviceFailure>>;
}

type Handlers = {
  [T in DeviceAdminCall['type']]: (
    call: Extract<DeviceAdminCall, { type: T }>,
  ) => Promise<Result<DeviceAdminReply<T>, DeviceFailure>>;
};

/** The calls of `DeviceAdmin` on a cabinet's own devices. Active polling says that a visit has the door. */
export class DeviceAdministration implements DeviceAdmin {
  readonly #cabinet: AdministeredCabinet;
  readonly #handlers: Handlers;

  constructor(cabinet: AdministeredCabinet, search: () => Promise<Inventory> = takeInventory) {
    this.#cabinet = cabinet;
    this.#handlers = {
      identify: ({ deviceId }) => Promise.resolve(this.#identify(deviceId)),
      selfTest: ({ deviceId }) => this.#selfTest(deviceId),
      readRawState: ({ deviceId }) => this.#readRawState(deviceId),
      findDevices: async () => found(await search()),
      testLock: ({ door = 1 }) => this.#testLock(door),
      setLight: async ({ on }) => {
        await cabinet.setLight(on);
        return ok({});
      },
      setReaderPower: async ({ deviceId, powerCentiDbm }) =>
        withoutValue(await cabinet.setReaderPower(deviceId, powerCentiDbm)),
      zeroScale: async ({ lane }) => withoutValue(await cabinet.zeroScale(lane)),
      tareScale: async ({ lane }) => withoutValue(await cabinet.tareScale(lane)),
    };
  }

  perform<C extends DeviceAdminCall>(call: C): Promise<Result<DeviceAdminReply<C['type']>, DeviceFailure>> {
    if (this.#cabinet.pollMode === 'active') {
      return Promise.resolve(deviceFail('device.in_visit', 'a visit has the door'));
    }
    // The table is typed call by call; that the handler of this very type is taken, the compiler cannot see.
    const handler = this.#handlers[call.type] as (
      one: C,
    ) => Promise<Result<DeviceAdminReply<C['type']>, DeviceFailure>>;
    return handler(call);
  }

  #identify(deviceId: string): Result<DeviceAdminReply<'identify'>, DeviceFailure> {
    const device = this.#cabinet.device(deviceId);
    if (device === null) return missing(deviceId);
    const { spec, transportName } = device;
    return ok({ deviceId, kind: spec.kind, protocol: spec.protocol, transport: transportName.slice(0, 64) });
  }

  /** It is ready, and where it can be asked for its raw state it answers now. */
  async #selfTest(deviceId: string): Promise<Result<DeviceAdminReply<'selfTest'>, DeviceFailure>> {
    const device = this.#cabinet.device(deviceId);
    if (device === null) return missing(deviceId);
    const { state, detail } = device.health;
    if (state !== 'ready') return ok({ isPassed: false, detail: detail === '' ? state : detail });
    const read = await device.driver.readRawState?.();
    if (read?.ok === false) return ok({ isPassed: false, detail: read.error.message.slice(0, 200) });
    return ok({ isPassed: true, detail });
  }

  async #readRawState(deviceId: string): Promise<Result<DeviceAdminReply<'readRawState'>, DeviceFailure>> {
    const device = this.#cabinet.device(deviceId);
    if (device === null) return missing(deviceId);
    const { state, detail, lastSeenMs, errorCount, resetCount } = device.health;
    const read = await device.driver.readRawState?.();
    if (read?.ok === false) return read;
    return ok({ state, detail, lastSeenMs, errorCount, resetCount, ...read?.value });
  }

  async #testLock(door: number): Promise<Result<DeviceAdminReply<'testLock'>, DeviceFailure>> {
    const doorBefore = this.#cabinet.door;
    const opened = await this.#cabinet.unlock(door);
    return opened.ok ? ok({ doorBefore, doorAfter: opened.value.door }) : opened;
  }
}

/** What can be used, first. Anybody may plug anything in: what a device says of itself is cut to its length. */
function found({ devices, problems }: Inventory): Result<DeviceAdminReply<'findDevices'>, DeviceFailure> {
  const cut = (text: string | null, length: number): string | null => text?.slice(0, length) ?? null;
  const short = (all: readonly string[]): string[] => all.slice(0, 8).map((one) => one.slice(0, 400));
  const usableFirst = [...devices].sort((a, b) => Number(a.role === 'other') - Number(b.role === 'other'));
  return ok({
    devices: usableFirst.slice(0, foundDevicesMax).map((one) => ({
      ...{ what: one.what.slice(0, 120), role: one.role, match: one.match },
      ...{ product: cut(one.product, 128), serialNumber: cut(one.serialNumber, 128) },
      ...{ portPath: cut(one.portPath, 64), problems: short(one.problems) },
    })),
    problems: short(problems),
  });
}

function missing(deviceId: string): ReturnType<typeof deviceFail> {
  return deviceFail('device.missing', `no device ${deviceId}`);
}

function withoutValue(result: Result<void, DeviceFailure>): Result<Record<string, never>, DeviceFailure> {
  return result.ok ? ok({}) : result;
}
