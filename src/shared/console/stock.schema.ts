import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { localTextSchema, skuSchema } from '../model/catalog.schema.ts';
import { planProblems } from '../model/planogram.ts';
import { planMoveSchema, planSlotSchema } from '../model/planogram.schema.ts';
import { reasonSchema, seenVersionSchema } from './staff.schema.ts';
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
/** Left out: all cabinets. */
export const ofCabinetsSchema = z.object({ cabinetId: cabinetIdSchema.optional() });

/** What has to be brought to a cabinet, and taken out there. */
export const refillLineSchema = z.object({
  sku: skuSchema,
  ...named,
  lane: z.number().nullable(),
  slot: z.string().nullable(),
  /** Null: no plan has it. */
  target: z.number().nullable(),
  stock: z.number(),
  bring: z.number(),
  /** Past their day. */
  takeOut: z.number(),
});
export type RefillLine = z.infer<typeof refillLineSchema>;

export const putPlanRequestSchema = z.object({
  /** Rows `sku,target,lane,slot`. */
  table: z.string().max(30_000),
  reason: reasonSchema,
  /** Of the plan that stood there (`CabinetStock.planVersion`). */
  version: seenVersionSchema,
});
export type PutPlan = z.infer<typeof putPlanRequestSchema>;
const planRowProblemSchema = z.object({
  /** As a spreadsheet counts; 0: about all of them. */
  row: z.number().int(),
  problem: z.enum([...planProblems, 'unreadable', 'twice']),
  about: z.string(),
});
export type PlanRowProblem = z.infer<typeof planRowProblemSchema>;
/** Version null: nothing was changed, because of the problems. */
export const putPlanReplySchema = z.object({
  problems: z.array(planRowProblemSchema),
  version: z.number().nullable(),
});

export const cabinetStockSchema = z.object({
  cabinetId: z.string(),
  /** Null: it has said nothing so far. */
  report: z
    .object({
      countedAtMs: z.number(),
      receivedAtMs: z.number(),
      /** The plan that was filled last. */
      planVersion: z.number().nullable(),
      lines: z.array(stockReportSchema.shape.lines.element.extend(named)),
      /** What stands elsewhere than the newest plan says, since when, and by whose word at the cabinet. */
      moved: z.array(planMoveSchema.extend({ ...named, planned: planSlotSchema.shape.slot })),
    })
    .nullable(),
  /** What is to stand there after the next restock; null: nobody has said. */
  plan: z
    .object({ version: z.number(), madeAtMs: z.number(), madeBy: z.string(), slots: z.array(planSlotSchema) })
    .nullable(),
  /** Of that plan, for whoever changes it. */
  planVersion: seenVersionSchema,
  refill: z.array(refillLineSchema),
  /** The newest ones first. */
  differences: z.array(shownDifferenceSchema),
});
export type CabinetStock = z.infer<typeof cabinetStockSchema>;
