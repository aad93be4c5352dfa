import { z } from 'zod';
import { resolutionActors, shownResolutionHows } from './resolution.ts';

/** Longest word for how a charge was put right. */
const howMaxLength = 64;

export const resolutionSchema = z.object({
  how: z.string().min(1).max(howMaxLength),
  by: z.enum(resolutionActors),
  atMs: z.number().int().min(0),
});

/** As a screen shows it. */
export const shownResolutionSchema = resolutionSchema.extend({ how: z.enum(shownResolutionHows) });
