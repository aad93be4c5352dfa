import { z } from 'zod';
import { chargeIdSchema } from '../ids.schema.ts';
import { settingsChangesSchema } from './cabinet-settings.schema.ts';
import { setupOrderSchemas } from './device-setup.schema.ts';
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
  /** `seenVersion`: of the settings as they were on the screen; nothing is changed when they are other ones meanwhile. */
  z
    .object({
      act: z.literal('changeSettings'),
      seenVersion: z.number().int().min(0),
      changes: settingsChangesSchema,
    })
    .strict(),
  /** Back to how they were in version `to`: a new version. */
  z
    .object({
      act: z.literal('undoSettings'),
      seenVersion: z.number().int().min(0),
      to: z.number().int().min(0),
    })
    .strict(),
  /** Set-up of the devices. */
  ...setupOrderSchemas,
]);
export type ServiceOrder = z.infer<typeof serviceOrderSchema>;
