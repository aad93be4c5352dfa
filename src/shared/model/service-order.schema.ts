import { z } from 'zod';
import { supportTargets } from './support-bundle.ts';

/** What technicians and administrators may order of a cabinet at its screen, beside the work at its door. */
export const serviceOrderSchema = z.discriminatedUnion('act', [
  /** What whoever mends it from afar needs to know, to a USB stick or to the operator. */
  z.object({ act: z.literal('supportBundle'), to: z.enum(supportTargets) }).strict(),
]);
export type ServiceOrder = z.infer<typeof serviceOrderSchema>;
