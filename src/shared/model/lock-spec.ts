import { z } from 'zod';

/**
 * What a cabinet's configuration says of its locks and of its doors' contacts, beside how they are reached (device.ts).
 */

/** Most doors of a cabinet, or of two beside one screen. Each has a lock; the first lock is that of door 1. */
export const doorMax = 4;
/** Counted from 1, in the order of the locks in the profile. */
export const doorNumberSchema = z.number().int().min(1).max(doorMax);

/** Where on which board: `channel` counts from 1, as printed on the boards. */
const on8a = {
  protocol: z.literal('lock-8a'),
  boardAddress: z.number().int().min(1).max(99),
  channel: z.number().int().min(1).max(50),
};
const onWkly = {
  protocol: z.literal('lock-wkly'),
  boardAddress: z.number().int().min(0).max(31),
  channel: z.number().int().min(1).max(24),
};
const onCu16 = {
  protocol: z.literal('lock-kerong-cu16'),
  boardAddress: z.number().int().min(0).max(15),
  channel: z.number().int().min(1).max(16),
};

const contact = {
  /**
   * What the feedback input reads when the door is shut, on every board: `1` for "closed shorts" (上锁短路) wiring, for
   * WKLY's lock state 01 and for a CU16 hook bit that is set.
   */
  closedFeedback: z.union([z.literal(0), z.literal(1)]),
};
const lockContact = {
  ...contact,
  /** `sensor`: the door is seen by the profile's door sensor; absent or `board`: by this board's own feedback. */
  doorFrom: z.enum(['board', 'sensor']).optional(),
};

/**
 * One shape per board that moves a bolt. `feedbackChannel`: the door's contact hangs on another input than the lock.
 */
export const lock8aShape = { ...on8a, ...lockContact, feedbackChannel: on8a.channel.optional() };
export const lockWklyShape = { ...onWkly, ...lockContact, feedbackChannel: onWkly.channel.optional() };
export const lockCu16Shape = { ...onCu16, ...lockContact, feedbackChannel: onCu16.channel.optional() };

/** One relay of a USB board. `channel` counts from 1, as printed. */
export const relayShape = {
  protocol: z.literal('relay-dcttech'),
  channel: z.number().int().min(1).max(8),
  /** The board's own 5 characters; where it is given, another board is never switched. */
  relayId: z
    .string()
    .regex(/^[\x21-\x7e]{5}$/)
    .optional(),
};
/** Longest that a relay may power the lock's coil: for longer it may burn. */
export const relayPulseMaxMs = 3000;
/** A relay sees no door: such a cabinet needs a door sensor, or its lock is refused. */
export const lockRelayShape = {
  ...relayShape,
  pulseMs: z.number().int().min(50).max(relayPulseMaxMs),
};

/** A contact on the feedback input of a lock board that is only read. `channel`: that input. */
export const sensor8aShape = { ...on8a, ...contact };
export const sensorWklyShape = { ...onWkly, ...contact };
export const sensorCu16Shape = { ...onCu16, ...contact };
