import { verify } from 'node:crypto';
import { and, desc, eq, lt } from 'drizzle-orm';
import { type ChainStatement, chainTextToSign, parseChainHeader } from '../../shared/api/chain-header.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Signer } from '../http/authenticator.ts';
import { chainEndCountMax } from '../limits.ts';
import { chainEnd } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';

type ChainEndRow = typeof chainEnd.$inferSelect;

/**
 * Keeps where a cabinet says that its record of charges ends, and compares it with what it said before
 * (shared/api/chain-header.ts). A record that is not the continuation of the one that was told (a charge taken out of it,
 * an older copy of the disk, the chain computed anew by whoever has the cabinet's keys) is an incident, once; from then on
 * the new one is what is compared with. Nothing is refused for it: what the cabinet sends is judged by itself. A header that
 * is none, or is not signed, says nothing.
 */
export async function noteChainEnd(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  { cabinetId, signedAtMs, key }: Signer,
  header: string | readonly string[] | undefined,
): Promise<void> {
  const parsed = typeof header === 'string' ? parseChainHeader(header) : null;
  if (parsed === null) return;
  const { statement, signature } = parsed;
  const text = chainTextToSign({ ...statement, cabinetId, timestampMs: signedAtMs });
  if (key === null || !verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))) return;
  // Nearly always the same as the last time: nothing to write, so nothing is locked.
  if (saysNothingNew(await knownEnds(db, cabinetId), statement)) return;
  await db.transaction(async (tx) => {
    const known = await knownEnds(tx, cabinetId).for('update');
    const newestMs = Math.max(...known.map((end) => end.signedAtMs));
    // Late on its way: what was said after it counts.
    if (signedAtMs < newestMs) return;
    const { seq, seal, told } = statement;
    const isOf = (number: number) => and(eq(chainEnd.cabinetId, cabinetId), eq(chainEnd.seq, number));
    const difference = differenceOf(known, statement);
    if (difference !== null) {
      await tx.delete(chainEnd).where(eq(chainEnd.cabinetId, cabinetId));
      await addIncident(tx, clock, 'record_differs', cabinetId, null, difference);
      await tx.insert(chainEnd).values({ cabinetId, seq, seal, signedAtMs });
      return;
    }
    // Answers that were lost: of the ends between the first and the last none is asked for any more.
    const passed = known.length >= chainEndCountMax ? known.at(-2) : undefined;
    if (passed !== undefined) await tx.delete(chainEnd).where(isOf(passed.seq));
    if (known.every((end) => end.seq !== seq)) {
      await tx.insert(chainEnd).values({ cabinetId, seq, seal, signedAtMs }).onConflictDoNothing();
    }
    const acknowledged = known.find((end) => end.seq === told?.seq);
    if (acknowledged === undefined || acknowledged.isAcknowledged) return;
    await tx.update(chainEnd).set({ isAcknowledged: true }).where(isOf(acknowledged.seq));
    // Nothing before it is asked for again.
    await tx
      .delete(chainEnd)
      .where(and(eq(chainEnd.cabinetId, cabinetId), lt(chainEnd.seq, acknowledged.seq)));
  });
}

/** The newest first. */
function knownEnds(db: Db, cabinetId: string) {
  return db
    .select()
    .from(chainEnd)
    .where(eq(chainEnd.cabinetId, cabinetId))
    .orderBy(desc(chainEnd.seq))
    .limit(chainEndCountMax);
}

/** It ends where it ended, and what it says was acknowledged is known to be. */
function saysNothingNew(known: readonly ChainEndRow[], statement: ChainStatement): boolean {
  const { seq, told } = statement;
  const acknowledged = known.find((end) => end.seq === told?.seq);
  return (
    known[0]?.seq === seq &&
    known.length < chainEndCountMax &&
    (told === null || acknowledged?.isAcknowledged === true) &&
    differenceOf(known, statement) === null
  );
}

/** How this statement is no continuation of what is known, in words for staff; null: it is one. */
function differenceOf(known: readonly ChainEndRow[], { seq, seal, told }: ChainStatement): string | null {
  const [newest] = known;
  if (newest === undefined) return null;
  const at = (number: number): ChainEndRow | undefined => known.find((end) => end.seq === number);
  const same = at(seq);
  if (same !== undefined && same.seal !== seal) return `event ${seq} is not the one that was told`;
  if (told === null) {
    const isKnownThere = known.some(({ isAcknowledged }) => isAcknowledged);
    return isKnownThere ? `a record that begins anew; event ${newest.seq} had been told` : null;
  }
  const acknowledged = at(told.seq);
  if (acknowledged === undefined) return `goes back to event ${told.seq}; event ${newest.seq} had been told`;
  if (acknowledged.seal !== told.seal) return `event ${told.seq} is not the one that was told`;
  return seq < told.seq ? `ends with event ${seq}; event ${told.seq} had been told` : null;
}
