import { z } from 'zod';
import type { ChargeLife } from '../../core/charge/charge-life.ts';
import { chargeIdSchema, visitIdSchema } from '../../shared/ids.schema.ts';
import { reportedMinorOf } from '../../shared/model/charge-lines.ts';
import { chargeStateSchema, reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import { resolutionActors, resolutionOf } from '../../shared/model/resolution.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Minor } from '../../shared/money.ts';
import { currencySchema, minorSchema } from '../../shared/money.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Row, StorageFailure } from '../storage/database.ts';
import { StorageError } from '../storage/failure.ts';
import { sha256Hex } from '../storage/hash-chain.ts';

/** A charge as stored. Parsed on every read: a damaged row must not become a wrong bill. */
const rowSchema = z
  .object({
    charge_id: chargeIdSchema,
    visit_id: visitIdSchema,
    member_id: z.string(),
    member_display: z.string(),
    cabinet_id: z.string(),
    currency: currencySchema,
    state: chargeStateSchema,
    total_minor: minorSchema.nullable(),
    billed_minor: minorSchema.nullable(),
    // One that this version does not know (the file was written by a newer one) says at least whose it is.
    reason: reasonCodeSchema.nullable().catch('system.operator_error'),
    body_json: z.string().nullable(),
    body_sha256: z.string().nullable(),
    attempts: z.number().int().min(0),
    next_attempt_ms: z.number().int().nullable(),
    opened_ms: z.number().int(),
    finalised_ms: z.number().int().nullable(),
    updated_ms: z.number().int(),
    // Null, too, in a file that has not been brought forward.
    resolved_how: z.string().nullable().default(null),
    resolved_by: z.enum(resolutionActors).nullable().default(null),
    resolved_ms: z.number().int().nullable().default(null),
    resolved_minor: minorSchema.nullable().default(null),
  })
  .transform((row) => ({
    chargeId: row.charge_id,
    visitId: row.visit_id,
    memberId: row.member_id,
    memberDisplay: row.member_display,
    cabinetId: row.cabinet_id,
    currency: row.currency,
    state: row.state,
    totalMinor: row.total_minor,
    // What was decided may be more than what was billed: what was held was released.
    billedMinor: row.resolved_minor ?? row.billed_minor,
    reason: row.reason,
    /** Canonical JSON of the body: the very bytes that are sent, every time. Null until finalised. */
    bodyJson: row.body_json,
    bodySha256: row.body_sha256,
    /** Attempts (or queries) in a row that brought nothing new. */
    attempts: row.attempts,
    /** Wall time; null when nothing is to be done. */
    nextAttemptMs: row.next_attempt_ms,
    openedMs: row.opened_ms,
    finalisedMs: row.finalised_ms,
    updatedMs: row.updated_ms,
    /** The last decision about it that the operator has told. */
    resolution: resolutionOf(row.resolved_how, row.resolved_by, row.resolved_ms),
  }));
export type ChargeRecord = Readonly<z.output<typeof rowSchema>>;

/** What of a body, from whichever version, says what was held. */
const namedSchema = z.object({ heldLines: z.array(z.object({ amountMinor: minorSchema })) });

/** What of a body, from whichever version, says what was billed. */
const linesSchema = z.object({ lines: z.array(z.object({ sku: z.string(), amountMinor: minorSchema })) });

/** The charge in this row; `storage.corrupt`: the row is damaged, which says nothing about any other. */
export function readChargeRow(row: Row): Result<ChargeRecord, StorageFailure> {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return fail('storage.corrupt', `a charge row: ${z.prettifyError(parsed.error)}`);
  const record = parsed.data;
  if (record.bodyJson !== null && sha256Hex(record.bodyJson) !== record.bodySha256) {
    return fail('storage.corrupt', `the body of charge ${record.chargeId} does not match its hash`);
  }
  return ok(record);
}

/** Throws a StorageError (which the enclosing read or transaction turns into a Result) when the row is damaged. */
export function chargeRecordOf(row: Row): ChargeRecord {
  const read = readChargeRow(row);
  if (!read.ok) throw new StorageError(read.error, false);
  return read.value;
}

export function lifeOf(record: ChargeRecord): ChargeLife {
  const { state, totalMinor, billedMinor, reason, resolution } = record;
  return { state, totalMinor, billedMinor, reason, resolution };
}

/** What the screen named: what is billed and what is held, of the stored body; no amount is larger than the largest. */
export function namedMinorOf(record: Pick<ChargeRecord, 'bodyJson' | 'totalMinor'>): Minor {
  const { bodyJson, totalMinor } = record;
  const body = bodyJson === null ? null : namedSchema.safeParse(JSON.parse(bodyJson));
  const heldLines = body?.success === true ? body.data.heldLines : [];
  const heldMinor = heldLines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return minor(Math.min((totalMinor ?? 0) + heldMinor, amountMaxMinor));
}

/** What these lines of the stored body come to. */
export function reportedMinorIn(
  { bodyJson }: Pick<ChargeRecord, 'bodyJson'>,
  skus: readonly string[],
): Minor {
  const body = bodyJson === null ? null : linesSchema.safeParse(JSON.parse(bodyJson));
  return body?.success === true ? reportedMinorOf(body.data.lines, skus) : minor(0);
}
