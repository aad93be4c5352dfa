import { type ChargeId, type DisputeId, type EnrolmentId, ulidPattern, type VisitId } from './ids.ts';
import { z } from 'zod';

export const chargeIdSchema = z
  .string()
  .regex(new RegExp(`^KM${ulidPattern}$`))
  .transform((s) => s as ChargeId);
export const visitIdSchema = z
  .string()
  .regex(new RegExp(`^V${ulidPattern}$`))
  .transform((s) => s as VisitId);

export const disputeIdSchema = z
  .string()
  .regex(new RegExp(`^D${ulidPattern}$`))
  .transform((s) => s as DisputeId);

export const enrolmentIdSchema = z
  .string()
  .regex(new RegExp(`^F${ulidPattern}$`))
  .transform((s) => s as EnrolmentId);
