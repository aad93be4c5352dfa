import { z } from 'zod';
import { areToldApart } from './light-spec.ts';
import {
  doorMax,
  doorNumberSchema,
  lock8aShape,
  lockCu16Shape,
  lockRelayShape,
  lockWklyShape,
  relayShape,
  sensor8aShape,
  sensorCu16Shape,
  sensorWklyShape,
} from './lock-spec.ts';
import { r200Shape, sw5357Shape, uhfReader18Shape } from './reader-spec.ts';
import { scaleHidShape, scaleModbusShape } from './scale.ts';
import { thermometerModbusShape, thermometerTemperShape } from './thermometer.ts';
import { transportSpecSchema } from './transport.ts';
import { areOnOneLine, portText, sharedPort } from './transport-sharing.ts';
import { hidPosShape, serialScannerShape, wedgeShape } from './scanner-spec.ts';

/** The devices of a cabinet: how they are configured, how well they are, how calls to them fail. */
export const deviceKindSchema = z.enum([
  'lock',
  'door-sensor',
  'tag-reader',
  'code-scanner',
  'scale',
  'light',
  'thermometer',
]);
export type DeviceKind = z.infer<typeof deviceKindSchema>;

export const doorStateSchema = z.enum(['open', 'closed', 'unknown']);
export type DoorState = z.infer<typeof doorStateSchema>;
/** Of each door, door 1 first. */
export const doorStatesSchema = z.array(doorStateSchema).max(doorMax);

/** All doors as one: open while any is, and shut only once all are seen to be. */
export function doorOfAll(doors: readonly DoorState[]): DoorState {
  if (doors.includes('open')) return 'open';
  return doors.length === 0 || doors.includes('unknown') ? 'unknown' : 'closed';
}

/**
 * How closely the devices are polled. `active` (goods may move): the door's contact every 100 ms, tags without pause; `idle`:
 * the contact every 500 ms, a short inventory every 2 s.
 */
export const pollModeSchema = z.enum(['active', 'idle']);
export type PollMode = z.infer<typeof pollModeSchema>;

/** The key presses of the kiosk's own window, for a scanner that types; main forwards them (`keys`). */
const keyboardTransportSchema = z.object({ kind: z.literal('keyboard') });

const deviceKindSpecSchema = z.discriminatedUnion('kind', [
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('lock'), transport: transportSpecSchema, ...lock8aShape }),
    z.object({ kind: z.literal('lock'), transport: transportSpecSchema, ...lockWklyShape }),
    z.object({ kind: z.literal('lock'), transport: transportSpecSchema, ...lockCu16Shape }),
    z.object({ kind: z.literal('lock'), transport: transportSpecSchema, ...lockRelayShape }),
  ]),
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('door-sensor'), transport: transportSpecSchema, ...sensor8aShape }),
    z.object({ kind: z.literal('door-sensor'), transport: transportSpecSchema, ...sensorWklyShape }),
    z.object({ kind: z.literal('door-sensor'), transport: transportSpecSchema, ...sensorCu16Shape }),
  ]),
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('tag-reader'), transport: transportSpecSchema, ...r200Shape }),
    z.object({ kind: z.literal('tag-reader'), transport: transportSpecSchema, ...uhfReader18Shape }),
    z.object({ kind: z.literal('tag-reader'), transport: transportSpecSchema, ...sw5357Shape }),
  ]),
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('code-scanner'), transport: transportSpecSchema, ...hidPosShape }),
    z.object({
      kind: z.literal('code-scanner'),
      transport: z.discriminatedUnion('kind', [transportSpecSchema, keyboardTransportSchema]),
      ...wedgeShape,
    }),
    z.object({ kind: z.literal('code-scanner'), transport: transportSpecSchema, ...serialScannerShape }),
  ]),
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('scale'), transport: transportSpecSchema, ...scaleHidShape }),
    z.object({ kind: z.literal('scale'), transport: transportSpecSchema, ...scaleModbusShape }),
  ]),
  z.discriminatedUnion('protocol', [
    z.object({ kind: z.literal('thermometer'), transport: transportSpecSchema, ...thermometerTemperShape }),
    z.object({ kind: z.literal('thermometer'), transport: transportSpecSchema, ...thermometerModbusShape }),
  ]),
  /** The light at the camera: one relay of a board that is not the lock's. */
  z.object({ kind: z.literal('light'), transport: transportSpecSchema, ...relayShape }),
]);
/** A device's name within its cabinet: what health, log and recordings call it. */
export const deviceIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const deviceSpecSchema = z.intersection(
  deviceKindSpecSchema,
  z.object({ id: deviceIdSchema.optional() }),
);
export type DeviceSpec = z.infer<typeof deviceSpecSchema>;

/** The id of each device, in order: as given, else its kind and its number among its kind (`tag-reader-2`). */
export function deviceIdsOf(devices: readonly Pick<DeviceSpec, 'id' | 'kind'>[]): string[] {
  return devices.map(({ id, kind }, index) => {
    const numberOfKind = devices.slice(0, index + 1).filter((one) => one.kind === kind).length;
    return id ?? `${kind}-${numberOfKind}`;
  });
}

export const cabinetDevicesSchema = z.object({
  /** True when the goods and devices are simulated; shown on screen. */
  simulated: z.boolean(),
  devices: z
    .array(deviceSpecSchema)
    .max(16)
    .refine((devices) => new Set(deviceIdsOf(devices)).size === devices.length, {
      error: 'two devices have the same id',
    })
    .refine((devices) => devices.filter((one) => one.kind === 'light').length <= 1, {
      error: 'a cabinet has one light at most',
    })
    .refine((devices) => devices.filter((one) => one.kind === 'lock').length <= doorMax, {
      error: `a cabinet has ${doorMax} doors at most`,
    })
    .refine((devices) => areReadersBehindDoors(devices), {
      error: 'a reader is behind a door that the cabinet does not have',
    })
    .refine((devices) => areLocksApart(devices), {
      error: 'two locks are the same output of one board, or are relays of boards that are not told apart',
    })
    .refine((devices) => areContactsApart(devices), {
      error: 'two doors are read by one and the same contact, so that one of them may stand open unseen',
    })
    .refine((devices) => isLightApart(devices), {
      error:
        "the light may be on the lock's relay board, which the lock switches off as a whole and a light would hold " +
        'open: take a board of its own, told apart by product, serial number, or a relayId of each',
    })
    .superRefine((devices, context) => {
      const message = sharedPortText(devices);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
});
export type CabinetDevices = z.infer<typeof cabinetDevicesSchema>;

/** Which two would open one port, in words; null: none. */
export function sharedPortText(devices: readonly DeviceSpec[]): string | null {
  const pair = sharedPort(devices);
  const [one, other] = (pair ?? []).map((index) => devices[index]);
  if (pair === null || one === undefined || other === undefined) return null;
  const ids = deviceIdsOf(devices);
  const names = pair.map((index) => ids[index]).join(' and ');
  const why = `${names} would both open ${portText(other.transport)}: each needs a port of its own`;
  const isBoard = [one, other].every(({ kind }) => kind === 'lock' || kind === 'door-sensor');
  return isBoard ? `${why}, or the same protocol and the same line settings on one` : why;
}

function areReadersBehindDoors(devices: readonly DeviceSpec[]): boolean {
  const doorCount = devices.filter(({ kind }) => kind === 'lock').length;
  return devices.every((one) => one.kind !== 'tag-reader' || (one.behindDoor ?? 0) <= doorCount);
}

/** Each door has a bolt of its own. A relay board is switched off as a whole, so it moves one bolt. */
function areLocksApart(devices: readonly DeviceSpec[]): boolean {
  const locks = devices.filter((one) => one.kind === 'lock');
  return locks.every((lock, index) =>
    locks.slice(index + 1).every((other) => {
      if (lock.protocol === 'relay-dcttech' && other.protocol === 'relay-dcttech')
        return areToldApart(lock, other);
      if (lock.protocol === 'relay-dcttech' || other.protocol === 'relay-dcttech') return true;
      return (
        lock.channel !== other.channel ||
        lock.boardAddress !== other.boardAddress ||
        !areOnOneLine(lock, other)
      );
    }),
  );
}

/** Each door has a contact of its own. */
function areContactsApart(devices: readonly DeviceSpec[]): boolean {
  const contacts = devices.flatMap(contactsOf);
  return contacts.every(({ one, board, channel }, index) =>
    contacts
      .slice(index + 1)
      .every((other) => channel !== other.channel || board !== other.board || !areOnOneLine(one, other.one)),
  );
}

interface Contact {
  readonly one: DeviceSpec;
  readonly board: number;
  readonly channel: number;
}

function contactsOf(one: DeviceSpec): Contact[] {
  if (one.kind === 'door-sensor') return [{ one, board: one.boardAddress, channel: one.channel }];
  if (one.kind !== 'lock' || one.protocol === 'relay-dcttech' || one.doorFrom === 'sensor') return [];
  return [{ one, board: one.boardAddress, channel: one.feedbackChannel ?? one.channel }];
}

function isLightApart(devices: readonly DeviceSpec[]): boolean {
  const relays = devices.filter((one) => one.protocol === 'relay-dcttech');
  const light = relays.find((one) => one.kind === 'light');
  const locks = relays.filter((one) => one.kind === 'lock');
  return light === undefined || locks.every((lock) => areToldApart(lock, light));
}

/**
 * What is behind an `error`, where it has a cause of its own, and behind the one before while such a device is tried again:
 * `slow` rounds too long for use; `line` answers are lost; `unreadable` it hears nothing that can be used; `contact` the door
 * is not seen open and shut; `bolt` it takes no opening.
 */
const deviceFaultSchema = z.enum([
  'fault.slow',
  'fault.line',
  'fault.unreadable',
  'fault.contact',
  'fault.bolt',
]);
export type DeviceFault = z.infer<typeof deviceFaultSchema>;

export const deviceHealthSchema = z.object({
  id: deviceIdSchema,
  /** Cameras inside are no devices of the device host (main/goods). */
  kind: z.enum([...deviceKindSchema.options, 'camera']),
  /** `error`: it answers, and must not be used (`detail` says why). `ready` with a `fault`: it was an error, and is tried again. */
  state: z.enum(['connecting', 'ready', 'silent', 'disconnected', 'error']),
  lastSeenMs: z.number().nullable(),
  errorCount: z.number().int(),
  /** Messages that could be used, since the device program has started; absent: it is not counted. */
  usefulCount: z.number().int().optional(),
  resetCount: z.number().int(),
  detail: z.string().max(200),
  /** Absent: none that has a name. */
  fault: deviceFaultSchema.optional(),
  /** Of a lock: which of several doors is its. */
  door: doorNumberSchema.optional(),
});
export type DeviceHealth = z.infer<typeof deviceHealthSchema>;

export const deviceErrorCodeSchema = z.enum([
  'device.missing', // no such device in the profile
  'device.disconnected',
  'device.timeout', // no answer within the bound
  'device.protocol', // it answered, but not to this
  'device.refused', // it answered "no"
  'device.busy', // more calls waiting than the bound
  'device.in_visit', // administration, while a visit has the door
  'host.gone', // the device host process is down
]);
export type DeviceErrorCode = z.infer<typeof deviceErrorCodeSchema>;
/**
 * Why a device that a cabinet cannot sell without is of no use now: its fault, else in the words of a call to it that would
 * fail. What a device says to one call only is no state of it.
 */
export const deviceTroubleSchema = z.object({
  kind: z.enum(['lock', 'tag-reader']),
  code: z.enum([
    ...deviceErrorCodeSchema.exclude(['device.refused', 'device.busy', 'device.in_visit']).options,
    ...deviceFaultSchema.options,
  ]),
});
export type DeviceTrouble = z.infer<typeof deviceTroubleSchema>;
export const deviceFailureSchema = z.object({ code: deviceErrorCodeSchema, message: z.string().max(500) });
export type DeviceFailure = z.infer<typeof deviceFailureSchema>;
