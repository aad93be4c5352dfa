import { eq } from 'drizzle-orm';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Err, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import type { ApiFailure } from '../http/errors.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, earlyResolution } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from './incidents.ts';

type ChargeRow = typeof charge.$inferSelect;
type EarlyResolution = typeof earlyResolution.$inferSelect;

/** What was decided about a charge before it arrived; null: nothing. After `lockCharge`. */
export async function earlyResolutionOf(tx: Db, chargeId: string): Promise<EarlyResolution | null> {
  const [row] = await tx.select().from(earlyResolution).where(eq(earlyResolution.chargeId, chargeId));
  return row ?? null;
}

/**
 * Keeps what a human decides about a charge that only its cabinet knows (its bytes were refused, or it is still under
 * way): whenever it arrives it is settled, never debited. The first decision stands. After `lockCharge`, in the same
 * transaction. `unknown_charge`: nothing that is not there can be debited; `bad_request`: not an amount that may be
 * decided; `conflict`: something else was decided before.
 */
export async function resolveEarly(
  tx: Db,
  clock: Clock,
  chargeId: ChargeId,
  { by, decision, amountMinor }: ResolveChargeRequest,
): Promise<Result<ChargeReply, ApiFailure>> {
  const known = await earlyResolutionOf(tx, chargeId);
  const actor = plainText(by);
  if (known !== null) {
    const isSame = known.actor === actor && known.decision === decision && known.amountMinor === amountMinor;
    return isSame ? ok(settledReply(known)) : fail('conflict', 'it was decided before');
  }
  if (decision === 'debit') return fail('unknown_charge', 'no such charge');
  if (amountMinor > (decision === 'waive' ? 0 : amountMaxMinor))
    return fail('bad_request', `${amountMinor} is too much`);
  const decided = { chargeId, actor, decision, amountMinor, atMs: clock.nowMs() };
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
  await addIncident(tx, clock, 'charge_conflict', row.cabinetId, row.chargeId, detail);
  return row;
}

/**
 * The answer about a charge whose bytes were refused: what people have decided about it, so that it comes back to the
 * cabinet that has it; else the refusal. A decision stands above the form of what it is about.
 */
export async function decidedOrRefused(
  db: Db,
  params: unknown,
  refusal: Err<ApiFailure>,
): Promise<Result<ChargeReply, ApiFailure>> {
  const { code } = refusal.error;
  const named = apiRoutes.putCharge.params.safeParse(params);
  if (!named.success || (code !== 'bad_request' && code !== 'forbidden')) return refusal;
  const { chargeId } = named.data;
  const early = await earlyResolutionOf(db, chargeId);
  if (early === null) return refusal;
  // What has arrived meanwhile has a state of its own, and is asked about.
  const [arrived] = await db
    .select({ state: charge.state })
    .from(charge)
    .where(eq(charge.chargeId, chargeId));
  return arrived === undefined ? ok(settledReply(early)) : refusal;
}

function settledReply({ chargeId, decision, amountMinor, atMs }: EarlyResolution): ChargeReply {
  const resolved = { how: decision === 'waive' ? 'written_off' : 'settled', by: 'support', atMs } as const;
  return {
    chargeId: chargeId as ChargeId,
    state: 'paid',
    reason: null,
    totalMinor: minor(amountMinor),
    resolved,
  };
}
