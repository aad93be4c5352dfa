import { z } from 'zod';
import { chargeIdSchema } from '../ids.schema.ts';
import { askReasons, postponeHours } from './service-order.ts';
import { supportTargets } from './support-bundle.ts';

/** What technicians and administrators may order of a cabinet at its screen, beside the work at its door. */
export const serviceOrderSchema = z.discriminatedUnion('act', [
  /** What whoever mends it from afar needs to know, to a USB stick or to the operator. */
  z.object({ act: z.literal('supportBundle'), to: z.enum(supportTargets) }).strict(),
  /** People at the operator are to decide about a charge: no cabinet does (ADR 0173). */
  z.object({ act: z.literal('askOffice'), chargeId: chargeIdSchema, why: z.enum(askReasons) }).strict(),
  /** `count`: as it was seen; nothing is deleted when it is another one meanwhile. */
  z.object({ act: z.literal('deleteFaces'), count: z.number().int().min(1) }).strict(),
  z.object({ act: z.literal('restartApp') }).strict(),
  z.object({ act: z.literal('shutDown') }).strict(),
  /** Not at night and not later: as soon as nobody is disturbed. */
  z.object({ act: z.literal('updateNow') }).strict(),
  z
    .object({
      act: z.literal('postponeUpdate'),
      hours: z.union(postponeHours.map((hours) => z.literal(hours))),
    })
    .strict(),
]);
export type ServiceOrder = z.infer<typeof serviceOrderSchema>;
