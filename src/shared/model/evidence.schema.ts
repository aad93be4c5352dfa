import { z } from 'zod';
import { epcSchema, skuSchema } from './catalog.schema.ts';
import { deviceIdSchema, doorStateSchema } from './device.ts';
import { laneSchema } from './scale.ts';
import { jpegSchema } from './shelf-picture.schema.ts';

/** Tags that one event names at most; more are several events. */
export const tagsOfEventMax = 250;

const countedSchema = z.object({ sku: skuSchema.nullable(), quantity: z.number().int().min(1) });
const countedLinesSchema = z.array(countedSchema).max(500);
const tagsSchema = z.array(epcSchema).max(tagsOfEventMax);
const atMs = z.number().int();

/**
 * What the shelf was seen to do in a visit, beside what was decided of it. `atMs`: wall time, the operator's where it is known.
 */
export const shelfEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('door'), atMs, door: doorStateSchema }),
  /** `heard`: how many are heard now; `came` and `gone`: since the event before. */
  z.object({
    kind: z.literal('tags'),
    atMs,
    heard: z.number().int().min(0),
    came: tagsSchema,
    gone: tagsSchema,
  }),
  /** At rest; null: the scale gives no weight. */
  z.object({ kind: z.literal('weight'), atMs, lane: laneSchema, milligrams: z.number().int().nullable() }),
  z.object({ kind: z.literal('device'), atMs, deviceId: deviceIdSchema, isReady: z.boolean() }),
  /** The shelf before the door opened, or after it had shut: nothing else is on it. */
  z.object({
    ...{ kind: z.literal('picture'), atMs, deviceId: deviceIdSchema },
    ...{ when: z.enum(['before', 'after']), jpeg: jpegSchema },
  }),
  /** What the screen had as taken and as put in. */
  z.object({ kind: z.literal('lines'), atMs, taken: countedLinesSchema, added: countedLinesSchema }),
]);
export type ShelfEvent = z.infer<typeof shelfEventSchema>;

/** Why evidence of a visit is kept longer, and told: people look at its charge, or the shopper has reported something. */
export const evidenceReasons = ['flagged', 'disputed'] as const;
export type EvidenceReason = (typeof evidenceReasons)[number];

/**
 * Why a cabinet has nothing of a visit that it is asked for: deleted for its age or for want of room, not readable, nothing was
 * seen, it knows nothing of that visit, or its evidence does not open.
 */
export const missingEvidenceReasons = [
  'age',
  'room',
  'unreadable',
  'nothing_seen',
  'not_kept',
  'not_opened',
] as const;
export type MissingEvidence = (typeof missingEvidenceReasons)[number];
