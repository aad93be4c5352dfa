import { z } from 'zod';
import { epcSchema } from './catalog.schema.ts';
import { deviceAdminCallSchema } from './device-admin.ts';
import {
  cabinetDevicesSchema,
  deviceFailureSchema,
  deviceHealthSchema,
  deviceIdSchema,
  doorStateSchema,
  doorStatesSchema,
  pollModeSchema,
} from './device.ts';
import { doorMax, doorNumberSchema } from './lock-spec.ts';
import { weightReadingSchema } from './scale.ts';
import { milliCelsiusSchema } from './thermometer.ts';
import { keyPressMax, keyPressSchema } from './scanner-spec.ts';

/** What crosses the MessagePort between main and the device host. Both sides parse what they receive. */

export const unseenOpeningsMax = 100;
/** Openings in a row after which the door was not seen open; those that the lock has not taken count more than once. */
export const unseenOpeningsSchema = z.number().int().min(0).max(unseenOpeningsMax);

/** What is to be remembered of a lock's openings over restarts. */
export interface OpeningsRecord {
  /** See `unseenOpeningsSchema`. */
  readonly unseen: number;
  /** The last one that counts was not taken by the lock. */
  readonly isFailed: boolean;
}

/** main → host. */
export const hostRequestSchema = z.discriminatedUnion('type', [
  /** `openings`: of each door, as the host said last, before it or the whole cabinet was started anew. */
  z.object({
    type: z.literal('configure'),
    config: cabinetDevicesSchema,
    openings: z
      .array(z.object({ unseen: unseenOpeningsSchema, isFailed: z.boolean() }))
      .max(doorMax)
      .default([]),
  }),
  z.object({ type: z.literal('unlock'), id: z.number().int(), door: doorNumberSchema.default(1) }),
  z.object({ type: z.literal('readDoor'), id: z.number().int() }),
  z.object({ type: z.literal('setPollMode'), pollMode: pollModeSchema }),
  /** What a visit may not do; answered with `adminReply`. */
  z.object({ type: z.literal('admin'), id: z.number().int(), call: deviceAdminCallSchema }),
  /** What was typed into the kiosk's window, oldest first. */
  z.object({ type: z.literal('keys'), presses: z.array(keyPressSchema).max(keyPressMax) }),
  /** The light at the camera, which goes off by itself `lightOnMaxMs` after the last "on". Nothing where there is none. */
  z.object({ type: z.literal('light'), on: z.boolean() }),
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
  /** `value`: as `deviceAdminReplySchemas` has it for the call. */
  z.object({
    type: z.literal('adminReply'),
    id: z.number().int(),
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown() }),
      z.object({ ok: z.literal(false), error: deviceFailureSchema }),
    ]),
  }),
  /**
   * A door edge, or the first reading after (re)connecting. `unreadMs`: how long ago it was read before that; absent: not on
   * this connection. `door`: of all doors together; `doors`: of each, absent where there is one.
   */
  z.object({
    type: z.literal('door'),
    door: doorStateSchema,
    doors: doorStatesSchema.optional(),
    atMs: z.number(),
    unreadMs: z.number().min(0).optional(),
  }),
  /** An `OpeningsRecord` that has changed, of this door. */
  z.object({
    type: z.literal('openings'),
    ofDoor: doorNumberSchema.default(1),
    unseen: unseenOpeningsSchema,
    isFailed: z.boolean().default(false),
  }),
  /** Reads of tags, batched for at most 50 ms; an empty list says: the reader is alive and a round saw nothing. */
  z.object({
    type: z.literal('tags'),
    /** Of which reader; absent: it may be any of them. */
    deviceId: deviceIdSchema.optional(),
    reads: z
      .array(
        z.object({
          epc: epcSchema,
          rssiDbm: z.number().int().nullable(),
          atMs: z.number(),
          /** The reader's own number of the antenna that has heard it; absent: it does not say. */
          antenna: z.number().int().min(0).max(255).optional(),
        }),
      )
      .max(2000),
    atMs: z.number(),
    /** It hears what lies behind this one of several doors; absent: not said. */
    behindDoor: doorNumberSchema.optional(),
    /** It has listened without a pause from then on (a round was asked for); absent: it does not say when one begins. */
    sinceMs: z.number().optional(),
  }),
  z.object({
    type: z.literal('code'),
    text: z.string().max(4096),
    symbology: z.string().max(8),
    /** What the scanner had added and was taken off, for people. */
    stripped: z.string().max(64).optional(),
    atMs: z.number(),
  }),
  /** The weight of one lane, when it has changed and at most each 100 ms. */
  weightReadingSchema.extend({ type: z.literal('weight') }),
  /** How warm it is where this thermometer is, every few seconds. */
  z.object({
    type: z.literal('temperature'),
    deviceId: deviceIdSchema,
    milliCelsius: milliCelsiusSchema,
    atMs: z.number(),
  }),
  z.object({ type: z.literal('health'), devices: z.array(deviceHealthSchema).max(16) }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;
