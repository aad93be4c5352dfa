import { z } from 'zod';
import { currencySchema } from '../money.schema.ts';
import { trendNames } from './trends.ts';

const seriesValuesSchema = z.array(z.number().int().nullable()).max(200).readonly();
/** Of each step the least and the most, oldest first; null: nothing was measured. */
export const bandSeriesSchema = z.object({
  endMs: z.number(),
  stepMs: z.number(),
  low: seriesValuesSchema,
  high: seriesValuesSchema,
});
export type BandSeriesView = z.infer<typeof bandSeriesSchema>;

const salesBarSchema = z.object({ count: z.number().int(), sumMinor: z.number().int() });
const salesSchema = z.object({
  currency: currencySchema,
  /** Of the local days up to today, and of the seven days up to then: oldest first. */
  days: z.array(salesBarSchema).max(14),
  weeks: z.array(salesBarSchema).max(8),
  /** When the last day ends, by the clock of the cabinet. */
  endMs: z.number(),
});
export type SalesView = z.infer<typeof salesSchema>;

/** How a cabinet has fared, as its staff sees it. */
export const trendsViewSchema = z.object({
  charts: z.array(z.object({ name: z.enum(trendNames), day: bandSeriesSchema, week: bandSeriesSchema })),
  /** Null: not for this role, or nothing is sold here. */
  sales: salesSchema.nullable(),
});
export type TrendsView = z.infer<typeof trendsViewSchema>;
