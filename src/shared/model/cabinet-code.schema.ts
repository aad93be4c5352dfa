import { cabinetCodeMaxLength } from './cabinet-code.ts';
import { z } from 'zod';

export const showingSchema = z.string().regex(/^[A-Z2-7]{8}$/);

/** What the code screen says of it. */
export const cabinetCodeViewSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('shown'), text: z.string().min(1).max(cabinetCodeMaxLength) }),
  /** The operator cannot be asked who has scanned it, so a code on screen would lead nowhere. */
  z.object({ state: z.literal('unavailable') }),
  /** This cabinet has none (no `shopperUrl`). */
  z.object({ state: z.literal('none') }),
]);
export type CabinetCodeView = z.infer<typeof cabinetCodeViewSchema>;
