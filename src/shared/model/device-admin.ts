import { z } from 'zod';
import type { Result } from '../result.ts';
import { deviceIdSchema, deviceKindSchema, doorStateSchema, type DeviceFailure } from './device.ts';
import { foundDevicesSchema } from './found-device.ts';
import { doorNumberSchema } from './lock-spec.ts';
import { laneSchema } from './scale.ts';

/**
 * What set-up and service may do with a cabinet's devices, apart from what a visit does. The device host refuses all of it
 * with `device.in_visit` while a visit has the door.
 */
export const deviceAdminCallSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('identify'), deviceId: deviceIdSchema }),
  z.object({ type: z.literal('selfTest'), deviceId: deviceIdSchema }),
  z.object({ type: z.literal('readRawState'), deviceId: deviceIdSchema }),
  z.object({ type: z.literal('findDevices') }),
  z.object({ type: z.literal('testLock'), door: doorNumberSchema.optional() }),
  z.object({ type: z.literal('setLight'), on: z.boolean() }),
  z.object({
    type: z.literal('setReaderPower'),
    deviceId: deviceIdSchema,
    powerCentiDbm: z.number().int().min(0).max(3300),
  }),
  z.object({ type: z.literal('zeroScale'), lane: laneSchema }),
  z.object({ type: z.literal('tareScale'), lane: laneSchema }),
]);
export type DeviceAdminCall = z.infer<typeof deviceAdminCallSchema>;

const nothingSchema = z.object({});

/** What each call answers with when it succeeds. */
export const deviceAdminReplySchemas = {
  /** What is configured there and what it is connected to. */
  identify: z.object({
    deviceId: deviceIdSchema,
    kind: deviceKindSchema,
    protocol: z.string().max(64),
    transport: z.string().max(64),
  }),
  /** Whether it answers right now and may be used; `detail` says why not. */
  selfTest: z.object({ isPassed: z.boolean(), detail: z.string().max(200) }),
  /** What the device itself says, not interpreted: for service people. */
  readRawState: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** What is plugged in, and what stands in the way of using it. Opens nothing. */
  findDevices: foundDevicesSchema,
  /** One unlock, and what the contact reads before and after it: the door moves only when somebody pulls. */
  testLock: z.object({ doorBefore: doorStateSchema, doorAfter: doorStateSchema }),
  /** As a visit's light: off by itself after `lightOnMaxMs`. */
  setLight: nothingSchema,
  /** Until the host is configured again; the reader is set up anew with it. */
  setReaderPower: nothingSchema,
  /** What lies on the lane counts as nothing from now on. */
  zeroScale: nothingSchema,
  /** What lies on the lane is packaging: weights count from it. */
  tareScale: nothingSchema,
} as const satisfies Record<DeviceAdminCall['type'], z.ZodType>;

export type DeviceAdminReply<T extends DeviceAdminCall['type']> = z.infer<
  (typeof deviceAdminReplySchemas)[T]
>;

/** The port: in the device host itself (set-up), or through its messages (main). */
export interface DeviceAdmin {
  /**
   * Errors: `device.in_visit`, `device.missing` (no such device, or it is of another kind), `device.refused` (it
   * cannot), and those of the device.
   */
  perform<C extends DeviceAdminCall>(call: C): Promise<Result<DeviceAdminReply<C['type']>, DeviceFailure>>;
}
