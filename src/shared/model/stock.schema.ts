import { z } from 'zod';
import { momentSchema } from './moment.schema.ts';
import { lineCountMax, pieceCountMax } from './basket.ts';
import { epcSchema, skuSchema } from './catalog.schema.ts';
import { planMovesSchema } from './planogram.schema.ts';
import { laneSchema } from './scale.ts';

/** Of those who had the door between two counts: as many are named. */
export const betweenMax = 20;
/** In one report; what is more follows in the next. */
export const reportedDifferencesMax = 100;

const timeMsSchema = momentSchema.min(0);
/** More than a cabinet holds; below nothing where more left than was known of. */
const pieceCountSchema = z.number().int().min(-100_000).max(100_000);
/** A visit's id, or `service:` and the number of whoever of the staff had the door. */
const whoSchema = z.string().regex(/^[\x21-\x7e]{1,80}$/);
const betweenCountSchema = z.number().int().min(0).max(2_000_000_000);

/** Goods of which there were other than the book said: gone (shrink) or too many (stray). On nobody's bill. */
export const stockDifferenceSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** When it was found, and the count before that; the operator's time as far as the cabinet knew it. */
  atMs: timeMsSchema,
  sinceMs: timeMsSchema,
  sku: skuSchema,
  expected: pieceCountSchema,
  counted: pieceCountSchema,
  /** Who had the door between the two counts, the last ones of `betweenCount`. */
  between: z.array(whoSchema).max(betweenMax),
  betweenCount: betweenCountSchema,
});
export type StockDifference = z.infer<typeof stockDifferenceSchema>;

/** Lots that a book has at most: two of each article. */
export const lotsMax = 1_000;
/** Pieces of one lot. */
export const lotCountMax = 1_000;
/** Goods stay good through this day (the cabinet's own calendar): `2026-12-31`. */
export const bestBeforeSchema = z.iso.date().startsWith('20');

/** So many pieces of an article that are good until the same day. */
export const stockLotSchema = z.object({
  sku: skuSchema,
  bestBefore: bestBeforeSchema,
  count: z.number().int().min(1).max(lotCountMax),
});
export type StockLot = z.infer<typeof stockLotSchema>;

/** A tag that was heard at a count, and until when its piece is good. */
export const datedTagSchema = z.object({
  epc: epcSchema,
  sku: skuSchema,
  /** Null: nobody knows. */
  bestBefore: bestBeforeSchema.nullable(),
  /** It came with the last count at which anything of its article was new. */
  isNew: z.boolean(),
});
export type DatedTag = z.infer<typeof datedTagSchema>;

/** What should lie in the cabinet. */
export const stockBookSchema = z.object({
  counts: z.record(skuSchema, pieceCountSchema),
  /** When it was counted last. */
  sinceMs: timeMsSchema,
  /** Who has had the door since. */
  between: z.array(whoSchema).max(betweenMax),
  betweenCount: betweenCountSchema,
  /** The soonest day first. Of pieces in no lot nobody knows the day. */
  lots: z.array(stockLotSchema).max(lotsMax).default([]),
  /** Of those what visits have taken since the count: what lies there after all is in its lot again. */
  left: z.array(stockLotSchema).max(lotsMax).default([]),
  /** Lots that were entered since the tags were heard at a count; part of `lots`. */
  entered: z.array(stockLotSchema).max(lotsMax).default([]),
  tags: z.array(datedTagSchema).max(pieceCountMax).default([]),
  /** Articles of which the day of each piece in a lot is known by its tag. */
  byTag: z.array(skuSchema).max(lineCountMax).default([]),
});
export type StockBook = z.infer<typeof stockBookSchema>;

/** What a cabinet tells of its goods: all of its stock as it is now, and differences that the operator does not have yet. */
export const stockReportSchema = z.object({
  countedAtMs: timeMsSchema,
  lines: z
    .array(z.object({ sku: skuSchema, count: pieceCountSchema.min(0), lane: laneSchema.nullable() }))
    .max(lineCountMax),
  differences: z.array(stockDifferenceSchema).max(reportedDifferencesMax),
  /** Until when goods are good; an older cabinet says nothing of it. */
  lots: z.array(stockLotSchema).max(lotsMax).default([]),
  /** The plan that was filled last; null: none. */
  planVersion: z.number().int().min(1).nullable().default(null),
  /** What stands elsewhere than that plan says; an older cabinet moves nothing. */
  moves: planMovesSchema.default([]),
});
export type StockReport = z.infer<typeof stockReportSchema>;
