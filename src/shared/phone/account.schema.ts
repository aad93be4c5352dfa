import { z } from 'zod';
import { signUpSchema } from '../api/agreement.schema.ts';
import { cabinetIdSchema } from '../api/operator.ts';
import { localTextSchema } from '../model/catalog.schema.ts';
import { paymentMeans } from '../model/member.ts';

export const phoneAgreementSchema = z.object({
  provider: z.string(),
  /** By what one pays there; null: several things. */
  means: z.enum(paymentMeans).nullable(),
  /** New purchases are paid by it. */
  isCurrent: z.boolean(),
  /** How the member stands with it; null: they have never agreed. */
  agreement: z.enum(['asked', 'valid', 'void', 'ended']).nullable(),
  changedAtMs: z.number().nullable(),
  maySignUp: z.boolean(),
  /** Where it is ended; null: there is nothing to end. */
  ends: z.enum(['here', 'at_provider']).nullable(),
  /** The newest time that they were asked to agree. */
  signUp: signUpSchema.nullable(),
});
export type PhoneAgreement = z.infer<typeof phoneAgreementSchema>;
export const phoneAgreementsSchema = z.object({ agreements: z.array(phoneAgreementSchema) });

/** A face is in its cabinet alone; here it is known only that there is one. */
export const phoneFaceSchema = z.object({
  cabinetId: cabinetIdSchema,
  place: localTextSchema.nullable(),
  enrolledAtMs: z.number(),
  /** `leaving`: it counts no more, and the cabinet has not said yet that it has deleted it. */
  state: z.enum(['kept', 'leaving']),
});
export const phoneFacesSchema = z.object({ faces: z.array(phoneFaceSchema) });
/** Null: at every cabinet. */
export const withdrawFacesRequestSchema = z.object({ cabinetId: cabinetIdSchema.nullable() });
