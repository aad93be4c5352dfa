import { jpegSchema } from '../model/shelf-picture.schema.ts';
import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { chargeIdSchema } from '../ids.schema.ts';
import { chargeLineSchema, reasonCodeSchema } from '../model/charge.schema.ts';
import { memberIdSchema } from '../model/member.schema.ts';
import { currencySchema } from '../money.schema.ts';

/** Longest page of a list, and of a list that is taken away as a file. */
export const pageMax = 200;
export const exportMax = 50_000;

/**
 * Why something waits for a human: lines that could not be billed; a report of a shopper that nobody has decided about;
 * another reason for which it is not debited; debited, and to be looked at; to be paid back; debited in an amount that cannot
 * be read; a contradiction that is listed; a bill that says something else.
 */
export const queueKinds = [
  'held_lines',
  'dispute',
  'needs_attention',
  'review',
  'refund_due',
  'unreadable',
  'incident',
  'difference',
] as const;
export type QueueKind = (typeof queueKinds)[number];

/** Where the page before ended: `QueuePage.next`. */
export const cursorSchema = z.string().max(200);
export const limitSchema = z.coerce.number().int().min(1).max(pageMax).default(50);

export const queueParamsSchema = z.object({
  /** Several with commas; left out: all. */
  kinds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(queueKinds)).min(1))
    .optional(),
  cabinetId: cabinetIdSchema.optional(),
  /** That one alone, by its `key`, where it waits: what a link leads to may stand far down the list. */
  item: z
    .string()
    .regex(/^(incident|difference):\d{1,15}$/)
    .optional(),
  after: cursorSchema.optional(),
  limit: limitSchema,
});
export type QueueParams = z.output<typeof queueParamsSchema>;

export const queueItemSchema = z.object({
  /** Names it among all: `charge:KM…`, `incident:12`, `difference:3`. */
  key: z.string(),
  kind: z.enum(queueKinds),
  /** Since when it waits. */
  atMs: z.number(),
  cabinetId: z.string(),
  chargeId: z.string().nullable(),
  memberId: z.string().nullable(),
  amountMinor: z.number().nullable(),
  currency: currencySchema.nullable(),
  reason: reasonCodeSchema.nullable(),
  /** The kind of incident or difference; empty for a charge. */
  about: z.string(),
  detail: z.string(),
});
export type QueueItem = z.infer<typeof queueItemSchema>;
export const queuePageSchema = z.object({
  items: z.array(queueItemSchema).readonly(),
  /** To be asked for with `after`; null: that was all. */
  next: z.string().nullable(),
});
export type QueuePage = z.infer<typeof queuePageSchema>;

/** From here on their number is not counted. */
export const queueCountMax = 1_000;
export const queueCountsParamsSchema = queueParamsSchema.pick({ cabinetId: true });
/** What amounts come to, each currency apart. */
export const sumsSchema = z.array(z.object({ currency: currencySchema, amountMinor: z.number() })).readonly();
export type Sums = z.infer<typeof sumsSchema>;
/** How many wait, of each kind, and what they come to; `queueCountMax`: so many or more. */
export const queueCountsSchema = z.record(
  z.enum(queueKinds),
  z.object({ count: z.number(), sums: sumsSchema }),
);
export type QueueCounts = z.infer<typeof queueCountsSchema>;

export const timeSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 47);
/** The last four. */
export const phoneDigitsSchema = z.string().regex(/^\d{4}$/);
const amountSchema = z.coerce.number().int().min(0).max(100_000_000);
export const searchParamsSchema = z.object({
  /** When the visit began, both ends within; left out: the last 90 days. */
  fromMs: timeSchema.optional(),
  toMs: timeSchema.optional(),
  cabinetId: cabinetIdSchema.optional(),
  /** The bill, both ends within. */
  fromMinor: amountSchema.optional(),
  toMinor: amountSchema.optional(),
  /** An article's number, or a part of its name in the catalogue. */
  goods: z.string().trim().min(1).max(60).optional(),
  phone: phoneDigitsSchema.optional(),
  memberId: memberIdSchema.optional(),
  /** All of a charge's number, or the last eight characters, as people read them out. */
  number: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^(KM[0-9A-Z]{26}|[0-9A-Z]{8})$/)
    .optional(),
  state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']).optional(),
  after: cursorSchema.optional(),
  limit: limitSchema,
});
export type SearchParams = z.output<typeof searchParamsSchema>;

/** From here on what is found is not added up. */
export const searchTotalsMax = 5_000;
export const searchTotalsParamsSchema = searchParamsSchema.omit({ after: true, limit: true });
/** How many charges are found, and what they come to now; `searchTotalsMax`: so many or more, and no sums. */
export const searchTotalsSchema = z.object({ count: z.number(), sums: sumsSchema });
export type SearchTotals = z.infer<typeof searchTotalsSchema>;

export const foundChargeSchema = z.object({
  chargeId: z.string(),
  visitId: z.string(),
  cabinetId: z.string(),
  memberId: z.string(),
  display: z.string(),
  phoneLastDigits: z.string().nullable(),
  state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']),
  reason: reasonCodeSchema.nullable(),
  review: z.boolean(),
  currency: currencySchema,
  totalMinor: z.number(),
  /** What it comes to now, with all that was reported and decided. */
  dueMinor: z.number(),
  heldMinor: z.number(),
  disputedMinor: z.number(),
  paidMinor: z.number().nullable(),
  openedAtMs: z.number(),
  closedAtMs: z.number(),
});
export type FoundCharge = z.infer<typeof foundChargeSchema>;
/** Newest visit first. */
export const searchPageSchema = z.object({
  items: z.array(foundChargeSchema).readonly(),
  next: z.string().nullable(),
});
export type SearchPage = z.infer<typeof searchPageSchema>;

export const storyParamsSchema = z.object({ chargeId: chargeIdSchema });
/** What an entry of a story is; `what` says which of its kind. */
export const storyTypes = [
  'admission',
  'door_opened',
  'door_closed',
  'shelf',
  'closing',
  'received',
  'charge_event',
  'debit_attempt',
  'order',
  'notice',
  'alarm',
  'incident',
  'incident_closed',
  'dispute',
  'decision',
  'refund',
  'difference',
  'act',
] as const;
export const storyEntrySchema = z.object({
  atMs: z.number(),
  type: z.enum(storyTypes),
  /** Kind, call, state … in our words: the page has words for those that it knows. */
  what: z.string(),
  detail: z.string(),
  amountMinor: z.number().nullable(),
  /** Who, where people did it. */
  actor: z.string().nullable(),
});
export type StoryEntry = z.infer<typeof storyEntrySchema>;

const shelfLinesSchema = z.array(z.object({ sku: z.string().nullable(), quantity: z.number() })).optional();
/** In the detail of a `shelf` entry, as JSON: numbers, for which the page has the words. */
export const shelfDetailSchema = z.object({
  count: z.number().optional(),
  heard: z.number().optional(),
  lane: z.number().optional(),
  milligrams: z.number().nullable().optional(),
  device: z.string().optional(),
  /** A picture of the shelf, masked to it. */
  jpeg: jpegSchema.optional(),
  taken: shelfLinesSchema,
  added: shelfLinesSchema,
});
export type ShelfDetail = z.infer<typeof shelfDetailSchema>;

export const storyChargeSchema = foundChargeSchema.extend({
  /** To be sent with an act: what was seen. Another one where anything that a decision depends on has changed. */
  version: z.string(),
  dueMinor: z.number(),
  /** The most that may be decided: what the screen named. */
  ceilingMinor: z.number(),
  contestedMinor: z.number(),
  approvedMinor: z.number().nullable(),
  debitedMinor: z.number().nullable(),
  refundDueMinor: z.number(),
  inDoubt: z.boolean(),
  awaitsCabinet: z.boolean(),
  collectionEnded: z.boolean(),
  nextAttemptAtMs: z.number().nullable(),
  provider: z.string().nullable(),
  resolvedHow: z.string().nullable(),
  confirmedByShopper: z.boolean(),
  reviewReasons: z.array(reasonCodeSchema).readonly(),
  lines: z.array(chargeLineSchema).readonly(),
  heldLines: z.array(chargeLineSchema).readonly(),
  /** Articles that were reported. */
  disputedSkus: z.array(z.string()).readonly(),
});
export const storySchema = z.object({
  charge: storyChargeSchema,
  member: z
    .object({
      memberId: z.string(),
      display: z.string(),
      phoneLastDigits: z.string().nullable(),
      standing: z.enum(['active', 'suspended']),
    })
    .nullable(),
  /** Oldest first; of more than `storyEntriesMax` the newest. */
  entries: z.array(storyEntrySchema).readonly(),
});
export type Story = z.infer<typeof storySchema>;
export const storyEntriesMax = 1_000;
