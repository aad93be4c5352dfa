import { and, eq } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { charge, chargeByHand, chargeEvent, chargeLine } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';

type ChargeRow = typeof charge.$inferSelect;

/**
 * A cabinet has sent the charge in whose place people have made one. It is kept as it was sent, changes nothing, and is
 * answered with what people have made; where it says something else they are told. Null: this charge is none of these, or its
 * cabinet has sent another one before. After `lockCharge`.
 */
export async function originalHasCome(
  tx: Db,
  clock: Clock,
  {
    body,
    canonical,
    bodyHash,
  }: { readonly body: ChargeBody; readonly canonical: string; readonly bodyHash: string },
): Promise<ChargeRow | null> {
  const isIt = and(eq(chargeByHand.chargeId, body.chargeId), eq(chargeByHand.cabinetId, body.cabinetId));
  const [made] = await tx.select().from(chargeByHand).where(isIt).for('update');
  if (made === undefined || (made.originalHash !== null && made.originalHash !== bodyHash)) return null;
  const [row] = await tx.select().from(charge).where(eq(charge.chargeId, body.chargeId));
  assert(row !== undefined, 'a charge by hand is a charge');
  if (made.originalHash === bodyHash) return row;
  const { chargeId, cabinetId } = body;
  const original = { originalHash: bodyHash, originalBody: canonical, originalAtMs: clock.nowMs() };
  await tx.update(chargeByHand).set(original).where(isIt);
  const differs = await differenceOf(tx, row, body);
  const detail = differs ?? 'the same goods';
  await tx.insert(chargeEvent).values({ chargeId, atMs: clock.nowMs(), kind: 'original_came', detail });
  if (differs !== null) await addIncident(tx, clock, 'by_hand_differs', cabinetId, chargeId, differs);
  return row;
}

/** In our own words; null: the same goods, of the same visit, for the same member. */
async function differenceOf(tx: Db, row: ChargeRow, body: ChargeBody): Promise<string | null> {
  const made = await tx.select().from(chargeLine).where(eq(chargeLine.chargeId, row.chargeId));
  const textOf = (
    lines: readonly { readonly sku: string; readonly count: number; readonly amountMinor: number }[],
  ) =>
    lines
      .map(({ sku, count, amountMinor }) => `${count} ${sku} ${amountMinor}`)
      .sort()
      .join(', ') || 'nothing';
  const [byHand, sent] = [textOf(made), textOf(body.lines)];
  const heldMinor = body.heldLines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const others = [
    ...(body.memberId === row.memberId ? [] : [', of another member']),
    ...(body.visitId === row.visitId ? [] : [', of another visit']),
    ...(body.currency === row.currency ? [] : [`, in ${body.currency}`]),
  ].join('');
  if (byHand === sent && heldMinor === 0 && others === '') return null;
  return `by hand: ${byHand}; its cabinet: ${sent}, held ${heldMinor}${others}`.slice(0, detailMaxLength);
}

const detailMaxLength = 1_000;

/** The charge that people have made under this number of this cabinet's; null: they have not. */
export async function madeByHand(
  db: Db,
  { chargeId, cabinetId }: { readonly chargeId: string; readonly cabinetId: string },
): Promise<ChargeRow | null> {
  const isIt = and(eq(chargeByHand.chargeId, chargeId), eq(chargeByHand.cabinetId, cabinetId));
  const [found] = await db
    .select({ row: charge })
    .from(charge)
    .innerJoin(chargeByHand, eq(chargeByHand.chargeId, charge.chargeId))
    .where(isIt);
  return found?.row ?? null;
}

/** Whether people have made this charge and its cabinet has not sent the one in whose place it is. */
export async function isOnlyByHand(db: Db, chargeId: string): Promise<boolean> {
  const [made] = await db.select().from(chargeByHand).where(eq(chargeByHand.chargeId, chargeId));
  return made !== undefined && made.originalHash === null;
}
