import { z } from 'zod';

/** A cabinet waits at most so long for one answer; below what lines in between end as idle (a minute). */
export const desiredStateWaitMaxMs = 45_000;
/** Between the word of a change and the look at it; a large fleet is told to spread itself over so much at most. */
export const changeSpreadMaxMs = 60_000;

/** What a cabinet keeps that its operator decides. Pictures of goods follow the catalogue, which names them by what they are. */
export const desiredParts = [
  'catalog',
  'offlinePolicy',
  'cabinetStaff',
  'cabinetSettings',
  'updateOrder',
  'promotions',
  'planogram',
  'wantedEvidence',
] as const;
export type DesiredPart = (typeof desiredParts)[number];

const mark = z.string().max(64);
const marksSchema = z.object({
  catalog: mark,
  offlinePolicy: mark,
  cabinetStaff: mark,
  cabinetSettings: mark,
  updateOrder: mark,
  promotions: mark,
  planogram: mark,
  wantedEvidence: mark,
});
/** A word for each part that is another one when the part is; it says nothing else, and is compared with nothing but itself. */
export type DesiredMarks = z.infer<typeof marksSchema>;

/** Of a cabinet that was told nothing yet. */
export const nothingKnown: DesiredMarks = {
  catalog: '',
  offlinePolicy: '',
  cabinetStaff: '',
  cabinetSettings: '',
  updateOrder: '',
  promotions: '',
  planogram: '',
  wantedEvidence: '',
};

/** What is in force at a cabinet; null: it has none. */
export const inForceSchema = z.object({
  app: z.string().max(40).nullable(),
  catalog: z.string().max(64).nullable(),
  offlinePolicy: z.int().nullable(),
  cabinetStaff: z.int().nullable(),
  updateOrder: z.int().nullable(),
  /** Left out by a cabinet from before. */
  promotions: z.int().nullable().optional(),
});
export type InForce = z.infer<typeof inForceSchema>;

export const desiredStateRequestSchema = z.object({
  waitMs: z.int().min(0).max(desiredStateWaitMaxMs),
  /** What it was told last of each part that it keeps (empty: nothing). An older one leaves out what it does not know. */
  known: marksSchema.partial(),
  /** Null: as it has said before. */
  inForce: inForceSchema.nullable(),
});
export type DesiredStateRequest = z.infer<typeof desiredStateRequestSchema>;

/** A newer operator may know more parts; those are left out in reading. */
export const desiredStateReplySchema = z.object({
  marks: marksSchema.partial(),
  /** Within this, by chance, the cabinet looks at what has changed. */
  spreadMs: z.int().min(0).max(changeSpreadMaxMs),
});
export type DesiredStateReply = z.infer<typeof desiredStateReplySchema>;
