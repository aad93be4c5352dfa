import { z } from 'zod';
import { restockSteps } from './restock.ts';

/** A restock that is under way, as it is on the disk: a power cut leaves it where it was. */
export const restockSchema = z.object({
  step: z.enum(restockSteps),
  /** The staff number of whoever is at it. */
  by: z.string().max(8),
  beganMs: z.number().int().min(0),
});
export type Restock = z.infer<typeof restockSchema>;
