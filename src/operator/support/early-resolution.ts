import { and, count, desc, eq, sql } from 'drizzle-orm';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Err, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { madeByHand } from '../charges/by-hand-records.ts';
import { replyFor } from '../charges/charge-reply.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import type { ApiFailure } from '../http/errors.ts';
import { charge, dispute, earlyResolution } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident, closeOpen } from './incidents.ts';

type ChargeRow = typeof charge.$inferSelect;
type EarlyResolution = typeof earlyResolution.$inferSelect;

/** A charge as a cabinet has sent it. A number alone is none: any cabinet can send any. */
interface SentCharge {
  readonly chargeId: string;
  readonly cabinetId: string;
}

/**
 * What was decided about a charge before it arrived: `decided`; `elsewhere`: something was, but not about this cabinet's
 * charge, so that people have to look; null: nothing. After `lockCharge`. A decision is about the cabinet that it names
 * and no other; one from before, which names none, settles nothing.
 */
export async function earlyResolutionOf(
  tx: Db,
  sent: SentCharge,
): Promise<{ readonly decided: EarlyResolution } | 'elsewhere' | null> {
  const rows = await earlyResolutions(tx, sent.chargeId);
  if (rows.length === 0) return null;
  const decided = rows.find(({ cabinetId }) => cabinetId === sent.cabinetId);
  return decided === undefined ? 'elsewhere' : { decided };
}

/** The newest first. */
function earlyResolutions(tx: Db, chargeId: string): Promise<EarlyResolution[]> {
  return tx
    .select()
    .from(earlyResolution)
    .where(eq(earlyResolution.chargeId, chargeId))
    .orderBy(desc(earlyResolution.id));
}

/**
 * Keeps what a human decides about a charge that only its cabinet knows (its bytes were refused, or it is still under
 * way): whenever it arrives it is settled, never debited. Nobody here knows what its screen named, so that a slip is not
 * seen: the last decision stands until the charge is here, and those before it are kept. A cabinet that has taken one of
 * those asks no more, so that people are told until it has heard the last. After `lockCharge`, in the same transaction; its
 * texts are plain (`plainText`). `unknown_charge`: it was not said whose charge it is, or it is none that can be made early;
 * `bad_request`: not an amount that may be decided.
 */
export async function resolveEarly(
  tx: Db,
  clock: Clock,
  chargeId: ChargeId,
  { by: actor, decision, amountMinor, cabinetId, reason }: ResolveChargeRequest,
): Promise<Result<ChargeReply, ApiFailure>> {
  const why = reason ?? null;
  if (cabinetId === undefined)
    return fail('unknown_charge', 'no such charge is here; cabinetId: say whose charge it is');
  const known = (await earlyResolutions(tx, chargeId)).find((row) => row.cabinetId === cabinetId);
  const isSame =
    known?.actor === actor &&
    known.decision === decision &&
    known.amountMinor === amountMinor &&
    known.reason === why;
  if (isSame) return ok(settledReply(known));
  if (decision !== 'waive' && decision !== 'settled') return fail('unknown_charge', 'no such charge');
  if (amountMinor > (decision === 'waive' ? 0 : amountMaxMinor))
    return fail('bad_request', `${amountMinor} is too much`);
  // Its amount is no part of what tells it from the one before.
  const atMs = Math.max(clock.nowMs(), (known?.atMs ?? -1) + 1);
  const decided = { chargeId, cabinetId, actor, decision, amountMinor, reason: why, atMs };
  await tx.insert(earlyResolution).values(decided);
  if (known !== undefined) {
    const detail = `${known.decision} ${known.amountMinor} before, ${decision} ${amountMinor} now: `;
    const still = 'a cabinet that has taken the one before asks no more, and goes on showing that';
    await addIncident(tx, clock, 'decision_not_heard', cabinetId, chargeId, `${detail}${still}`);
  }
  await tellReportOfDecided(tx, clock, { chargeId, cabinetId });
  return ok(settledReply(decided));
}

/**
 * This cabinet is told this decision now: where it is the last, people need not tell its shopper themselves. In one
 * statement, which sees a later decision together with what is listed about it, or neither.
 */
async function noteHeard(db: Db, clock: Clock, { id, chargeId, cabinetId }: EarlyResolution): Promise<void> {
  const isLast = sql`not exists (select 1 from early_resolution later
    where later.charge_id = ${chargeId} and later.cabinet_id = ${cabinetId} and later.id > ${id})`;
  await closeOpen(db, clock, 'decision_not_heard', { cabinetId, chargeId }, { which: isLast });
}

/**
 * Says to people that something is reported of a charge for which they have settled that something is paid, and that is not
 * here. When it comes it is settled as they said, and it may never come: nobody else looks at the report. Call it after what
 * is new has been stored, a decision or a report.
 */
export async function tellReportOfDecided(tx: Db, clock: Clock, sent: SentCharge): Promise<void> {
  const early = await earlyResolutionOf(tx, sent);
  if (early === null || early === 'elsewhere' || early.decided.amountMinor === 0) return;
  const { chargeId, cabinetId } = sent;
  const isIts = and(eq(dispute.chargeId, chargeId), eq(dispute.cabinetId, cabinetId));
  const [reports] = await tx.select({ kept: count() }).from(dispute).where(isIts);
  if (reports === undefined || reports.kept === 0) return;
  const detail = `reports: ${reports.kept}, settled with ${early.decided.amountMinor} before it came`;
  await addIncident(tx, clock, 'dispute_of_decided', cabinetId, chargeId, detail);
}

/** Settles a charge that has just arrived as it was decided; when that cannot be, it waits for a human, who is told. */
export async function applyEarlyResolution(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  early: EarlyResolution,
): Promise<ChargeRow> {
  const { actor, decision, amountMinor, reason } = early;
  await noteHeard(tx, clock, early);
  const why = reason === null ? {} : { reason };
  const event = { type: 'resolved', by: actor, decision, amountMinor, ...why } as const;
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
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  { params, cabinetId }: RefusedCharge,
  refusal: Err<ApiFailure>,
): Promise<Result<ChargeReply, ApiFailure>> {
  const { code } = refusal.error;
  const named = apiRoutes.putCharge.params.safeParse(params);
  if (!named.success || !refusedForForm.has(code)) return refusal;
  const { chargeId } = named.data;
  // What they have charged by hand is as much of a decision; other bytes after the first that came are still a contradiction.
  const byHand = code === 'conflict' ? null : await madeByHand(db, { chargeId, cabinetId });
  if (byHand !== null) return ok(replyFor(byHand));
  const early = await earlyResolutionOf(db, { chargeId, cabinetId });
  if (early === null || early === 'elsewhere') return refusal;
  // What has arrived meanwhile has a state of its own, and is asked about.
  const isMine = and(eq(charge.chargeId, chargeId), eq(charge.cabinetId, cabinetId));
  const [arrived] = await db.select({ state: charge.state }).from(charge).where(isMine);
  if (arrived !== undefined) return refusal;
  await noteHeard(db, clock, early.decided);
  return ok(settledReply(early.decided));
}

const refusedForForm: ReadonlySet<string> = new Set(['bad_request', 'forbidden', 'conflict']);

/** A charge as it was sent by a cabinet that has proven itself. */
export interface RefusedCharge {
  readonly params: unknown;
  readonly cabinetId: string;
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
