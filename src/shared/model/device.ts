import { z } from 'zod';
import { epcSchema } from './catalog.ts';

/** What crosses the MessagePort between main and the device host. Both sides parse what they receive. */
export const deviceKindSchema = z.enum(['lock', 'tag-reader', 'code-scanner']);
export type DeviceKind = z.infer<typeof deviceKindSchema>;

export const doorStateSchema = z.enum(['open', 'closed', 'unknown']);
export type DoorState = z.infer<typeof doorStateSchema>;

/** How a device is reached. `tcp` is a serial device server (ser2net and the like); the simulated cabinet uses it too. */
export const transportSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tcp'),
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    /** `stream`: plain bytes; `report`: each HID report is preceded by its length (u16, big-endian). */
    framing: z.enum(['stream', 'report']),
  }),
]);
export type TransportSpec = z.infer<typeof transportSpecSchema>;

export const deviceSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('lock'),
    protocol: z.literal('lock-8a'),
    transport: transportSpecSchema,
    boardAddress: z.number().int().min(1).max(99),
    channel: z.number().int().min(1).max(50),
    /** What the feedback input reads when the door is shut: `1` for "closed shorts" (上锁短路) wiring. */
    closedFeedback: z.union([z.literal(0), z.literal(1)]),
  }),
  z.object({
    kind: z.literal('tag-reader'),
    protocol: z.literal('rfid-r200'),
    transport: transportSpecSchema,
    region: z.enum(['china-900', 'us', 'europe', 'korea']),
    /** Transmit power in hundredths of a dBm (2600 = 26 dBm), as the module takes it. */
    powerCentiDbm: z.number().int().min(0).max(3300),
  }),
  z.object({
    kind: z.literal('code-scanner'),
    protocol: z.literal('scanner-hid-pos'),
    transport: transportSpecSchema,
    layout: z.enum(['standard', 'counted', 'newland']),
  }),
]);
export type DeviceSpec = z.infer<typeof deviceSpecSchema>;

export const cabinetDevicesSchema = z.object({
  /** True when the goods and devices are simulated; shown on screen. */
  simulated: z.boolean(),
  devices: z.array(deviceSpecSchema).max(16),
});
export type CabinetDevices = z.infer<typeof cabinetDevicesSchema>;

export const deviceHealthSchema = z.object({
  kind: deviceKindSchema,
  state: z.enum(['connecting', 'ready', 'silent', 'disconnected']),
  lastSeenMs: z.number().nullable(),
  errorCount: z.number().int(),
  resetCount: z.number().int(),
  detail: z.string().max(200),
});
export type DeviceHealth = z.infer<typeof deviceHealthSchema>;

export const deviceErrorCodeSchema = z.enum([
  'device.missing', // no such device in the profile
  'device.disconnected',
  'device.timeout', // no answer within the bound
  'device.protocol', // it answered, but not to this
  'device.refused', // it answered "no"
  'device.busy', // more calls waiting than the bound
  'host.gone', // the device host process is down
]);
export type DeviceErrorCode = z.infer<typeof deviceErrorCodeSchema>;
export const deviceFailureSchema = z.object({ code: deviceErrorCodeSchema, message: z.string().max(500) });
export type DeviceFailure = z.infer<typeof deviceFailureSchema>;

/** main → host. */
export const hostRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('configure'), config: cabinetDevicesSchema }),
  z.object({ type: z.literal('unlock'), id: z.number().int() }),
  z.object({ type: z.literal('readDoor'), id: z.number().int() }),
  /** `watch`: poll the door feedback every 100 ms (a visit); `rest`: every 500 ms. */
  z.object({ type: z.literal('doorPace'), pace: z.enum(['watch', 'rest']) }),
  /** `continuous`: read tags without pause; `sweep`: a short inventory now and then (duty). */
  z.object({ type: z.literal('inventoryPace'), pace: z.enum(['continuous', 'sweep']) }),
  z.object({ type: z.literal('ping'), id: z.number().int() }),
  /** Closes every handle, then exits with code 0. */
  z.object({ type: z.literal('stop') }),
]);
export type HostRequest = z.infer<typeof hostRequestSchema>;

/** host → main. `atMs` is the host process's Clock.monotonicMs: only differences between two of them mean something. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('reply'),
    id: z.number().int(),
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.object({ door: doorStateSchema }) }),
      z.object({ ok: z.literal(false), error: deviceFailureSchema }),
    ]),
  }),
  /** A door edge, or the first reading after (re)connecting. */
  z.object({ type: z.literal('door'), door: doorStateSchema, atMs: z.number() }),
  /** Reads of tags, batched for at most 50 ms; an empty list says: the reader is alive and a round saw nothing. */
  z.object({
    type: z.literal('tags'),
    reads: z.array(z.object({ epc: epcSchema, rssiDbm: z.number().int(), atMs: z.number() })).max(2000),
    atMs: z.number(),
  }),
  z.object({
    type: z.literal('code'),
    text: z.string().max(4096),
    symbology: z.string().max(8),
    atMs: z.number(),
  }),
  z.object({ type: z.literal('health'), devices: z.array(deviceHealthSchema).max(16) }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;
