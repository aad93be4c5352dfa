import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { localTextSchema } from '../model/catalog.schema.ts';
import { stockDifferenceSchema, stockReportSchema } from '../model/stock.schema.ts';

/** What lies in a cabinet, as the console shows it. Names are null of goods that are sold no more. */
const named = { name: localTextSchema.nullable() };
export const shownDifferenceSchema = stockDifferenceSchema.extend({
  ...named,
  /** Visits and staff who had the door; of a visit its charge, as far as there is one. */
  between: z.array(z.object({ who: z.string(), chargeId: z.string().nullable() })),
});
export type ShownDifference = z.infer<typeof shownDifferenceSchema>;

export const ofCabinetSchema = z.object({ cabinetId: cabinetIdSchema });

export const cabinetStockSchema = z.object({
  cabinetId: z.string(),
  /** Null: it has said nothing so far. */
  report: z
    .object({
      countedAtMs: z.number(),
      receivedAtMs: z.number(),
      lines: z.array(stockReportSchema.shape.lines.element.extend(named)),
    })
    .nullable(),
  /** The newest ones first. */
  differences: z.array(shownDifferenceSchema),
});
export type CabinetStock = z.infer<typeof cabinetStockSchema>;
