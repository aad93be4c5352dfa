import { and, eq, lte, max } from 'drizzle-orm';
import { z } from 'zod';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { visitIdSchema } from '../../shared/ids.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Err, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import type { ApiFailure } from '../http/errors.ts';
import { parseJson } from '../http/json.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, earlyResolution, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from './incidents.ts';

/** As `cabinetId` of a decision: the human has not said whose charge it is. */
const notNamed = '';
const ofVisitSchema = z.object({ visitId: visitIdSchema });

type ChargeRow = typeof charge.$inferSelect;
type EarlyResolution = typeof earlyResolution.$inferSelect;

/** A charge as a cabinet has sent it. A number alone is none: any cabinet can send any. */
interface SentCharge {
  readonly chargeId: string;
  readonly cabinetId: string;
  /** Null: the bytes do not say. */
  readonly visitId: string | null;
}

/**
 * What was decided about a charge before it arrived: `decided`; `elsewhere`: something was, but about another cabinet's
 * charge of the same number, so that people have to look; null: nothing. After `lockCharge`.
 *
 * A decision is about the cabinet that it names. One that names none is about a visit that its cabinet was allowed
 * before the decision, and ends with what is kept of that visit.
 */
export async function earlyResolutionOf(
  tx: Db,
  sent: SentCharge,
): Promise<{ readonly decided: EarlyResolution } | 'elsewhere' | null> {
  const rows = await earlyResolutions(tx, sent.chargeId);
  if (rows.length === 0) return null;
  const named = rows.find(({ cabinetId }) => cabinetId === sent.cabinetId);
  if (named !== undefined) return { decided: named };
  const [only] = rows;
  if (rows.length > 1 || only?.cabinetId !== notNamed || sent.visitId === null) return 'elsewhere';
  const isOfBefore = and(
    eq(visit.cabinetId, sent.cabinetId),
    eq(visit.visitId, sent.visitId),
    eq(visit.purpose, 'visit'),
    eq(visit.allowed, true),
    lte(visit.id, only.lastVisitId),
  );
  const [meant] = await tx.select({ id: visit.id }).from(visit).where(isOfBefore).limit(1);
  return meant === undefined ? 'elsewhere' : { decided: only };
}

function earlyResolutions(tx: Db, chargeId: string): Promise<EarlyResolution[]> {
  return tx.select().from(earlyResolution).where(eq(earlyResolution.chargeId, chargeId));
}

/**
 * Keeps what a human decides about a charge that only its cabinet knows (its bytes were refused, or it is still under
 * way): whenever it arrives it is settled, never debited. The first decision stands; it can be said later whose charge
 * it is about. After `lockCharge`, in the same transaction. `unknown_charge`: nothing that is not there can be debited;
 * `bad_request`: not an amount that may be decided; `conflict`: something else was decided before.
 */
export async function resolveEarly(
  tx: Db,
  clock: Clock,
  chargeId: ChargeId,
  { by, decision, amountMinor, cabinetId = notNamed }: ResolveChargeRequest,
): Promise<Result<ChargeReply, ApiFailure>> {
  const actor = plainText(by);
  const rows = await earlyResolutions(tx, chargeId);
  // One that names no cabinet may be about any.
  const isAny = (id: string): boolean => id === notNamed;
  const before = rows.filter(
    (row) => row.cabinetId === cabinetId || isAny(row.cabinetId) || isAny(cabinetId),
  );
  const isSame = (row: EarlyResolution): boolean =>
    row.actor === actor && row.decision === decision && row.amountMinor === amountMinor;
  if (!before.every(isSame)) return fail('conflict', 'it was decided before');
  const known = isAny(cabinetId) ? before[0] : before.find((row) => row.cabinetId === cabinetId);
  if (known !== undefined) return ok(settledReply(known));
  if (decision === 'debit') return fail('unknown_charge', 'no such charge');
  if (amountMinor > (decision === 'waive' ? 0 : amountMaxMinor))
    return fail('bad_request', `${amountMinor} is too much`);
  const [newest] = await tx.select({ id: max(visit.id) }).from(visit);
  const lastVisitId = newest?.id ?? 0;
  const decided = { chargeId, cabinetId, lastVisitId, actor, decision, amountMinor, atMs: clock.nowMs() };
  await tx.insert(earlyResolution).values(decided);
  return ok(settledReply(decided));
}

/** Settles a charge that has just arrived as it was decided; when that cannot be, it waits for a human, who is told. */
export async function applyEarlyResolution(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  { actor, decision, amountMinor }: EarlyResolution,
): Promise<ChargeRow> {
  const event = { type: 'resolved', by: actor, decision, amountMinor } as const;
  const settled = await storeDebitEvent(tx, clock, row, event, 0);
  if (settled.ok) return settled.value;
  const detail = `decided before it came: ${settled.error.message}`;
  await addIncident(tx, clock, 'decision_not_applied', row.cabinetId, row.chargeId, detail);
  return row;
}

/** Says to people that a charge has come under a number about which they had decided for another cabinet. */
export async function tellElsewhere(tx: Db, clock: Clock, row: ChargeRow): Promise<void> {
  const detail = 'decided before it came, but not about a charge of this cabinet: it is held';
  await addIncident(tx, clock, 'decision_not_applied', row.cabinetId, row.chargeId, detail);
}

/**
 * The answer about a charge whose bytes were refused, or whose number another cabinet has taken: what people have
 * decided about it, so that it comes back to the cabinet that has it; else the refusal. A decision stands above the
 * form of what it is about.
 */
export async function decidedOrRefused(
  db: Db,
  { params, cabinetId, bytes }: RefusedCharge,
  refusal: Err<ApiFailure>,
): Promise<Result<ChargeReply, ApiFailure>> {
  const { code } = refusal.error;
  const named = apiRoutes.putCharge.params.safeParse(params);
  if (!named.success || !refusedForForm.has(code)) return refusal;
  const { chargeId } = named.data;
  const early = await earlyResolutionOf(db, { chargeId, cabinetId, visitId: visitIn(bytes) });
  if (early === null || early === 'elsewhere') return refusal;
  // What has arrived meanwhile has a state of its own, and is asked about.
  const isMine = and(eq(charge.chargeId, chargeId), eq(charge.cabinetId, cabinetId));
  const [arrived] = await db.select({ state: charge.state }).from(charge).where(isMine);
  return arrived === undefined ? ok(settledReply(early.decided)) : refusal;
}

const refusedForForm: ReadonlySet<string> = new Set(['bad_request', 'forbidden', 'conflict']);

/** A charge as it was sent by a cabinet that has proven itself. */
export interface RefusedCharge {
  readonly params: unknown;
  readonly cabinetId: string;
  readonly bytes: Uint8Array;
}

/** Of which visit refused bytes are, as far as they can be read. */
function visitIn(bytes: Uint8Array): string | null {
  const json = parseJson(bytes);
  const read = ofVisitSchema.safeParse(json.ok ? json.value : null);
  return read.success ? read.data.visitId : null;
}

function settledReply({
  chargeId,
  decision,
  amountMinor,
  atMs,
}: Pick<EarlyResolution, 'chargeId' | 'decision' | 'amountMinor' | 'atMs'>): ChargeReply {
  const resolved = { how: decision === 'waive' ? 'written_off' : 'settled', by: 'support', atMs } as const;
  return {
    chargeId: chargeId as ChargeId,
    state: 'paid',
    reason: null,
    totalMinor: minor(amountMinor),
    resolved,
  };
}
