import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { serviceRoleSchema, staffNameSchema, staffNoSchema } from '../model/service.schema.ts';
import { readsAsWritten } from '../util/plain-words.ts';
import { reasonSchema, seenVersionSchema } from './staff.schema.ts';

/** Who opens service mode at cabinets, as the console shows and changes it. */
export const ofCabinetStaffSchema = z.object({ staffNo: staffNoSchema });
const cabinetsSchema = z.array(cabinetIdSchema).max(200).nullable();

export const cabinetStaffMemberSchema = z.object({
  staffNo: staffNoSchema,
  name: z.string(),
  role: serviceRoleSchema,
  /** Null: all. */
  cabinets: cabinetsSchema,
  isActive: z.boolean(),
  hasPin: z.boolean(),
  changedAtMs: z.number(),
  version: seenVersionSchema,
});
export type CabinetStaffMember = z.infer<typeof cabinetStaffMemberSchema>;

/** Adds somebody, or changes what they are. */
export const setCabinetStaffRequestSchema = z.object({
  name: staffNameSchema.refine(readsAsWritten, 'signs that nobody sees'),
  role: serviceRoleSchema,
  cabinets: cabinetsSchema,
  reason: reasonSchema,
  /** Null: there was nobody of that number. */
  version: seenVersionSchema.nullable(),
});
export const cabinetStaffActRequestSchema = z.object({ reason: reasonSchema, version: seenVersionSchema });
/** Said once, to be handed over; nobody can look it up again. */
export const givenPinSchema = z.object({ pin: z.string(), duressPin: z.string() });
export const serviceCodeRequestSchema = z.object({ cabinetId: cabinetIdSchema, reason: reasonSchema });
/** Said once; good up to the end of that day (UTC), once, at that cabinet, for that person. */
export const serviceCodeReplySchema = z.object({ code: z.string(), goodUntilMs: z.number() });
