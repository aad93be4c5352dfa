import { and, desc, eq, lt } from 'drizzle-orm';
import { type ChainStatement, chainTextToSign, parseChainHeader } from '../../shared/api/chain-header.ts';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { Signatures } from '../http/signatures.ts';
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
 * is none, or is not signed, says nothing. When a cabinet has more acknowledged than is known here, it is this database
 * that went back: an incident of its own kind, for each cabinet that shows it, as the record of any of them may have been
 * computed anew meanwhile.
 */
export async function noteChainEnd(
  { db, clock, signatures }: { readonly db: Db; readonly clock: Clock; readonly signatures: Signatures },
  signer: Signer,
  header: string | readonly string[] | undefined,
): Promise<void> {
  const parsed = typeof header === 'string' ? parseChainHeader(header) : null;
  if (parsed === null) return;
  const { cabinetId, signedAtMs, key } = signer;
  const { statement, signature } = parsed;
  const text = chainTextToSign({ ...statement, cabinetId, timestampMs: signedAtMs });
  const bytes = Buffer.from(signature, 'base64url');
  if (key === null || !(await signatures.verify(text, key, bytes))) return;
  // Nearly always the same as the last time: nothing to write, so nothing is locked.
  if (saysNothingNew(await knownEnds(db, cabinetId), statement)) return;
  // The record of a machine that was replaced meanwhile is not this cabinet's any more.
  await whileKeyHolds(db, signer, async (tx) => {
    const known = await knownEnds(tx, cabinetId).for('update');
    // Late on its way: what was said after it counts. A later time than there is yet is of a clock that was ahead.
    const latestMs = clock.nowMs() + clockSkewMaxMs;
    if (known.some((end) => signedAtMs < end.signedAtMs && end.signedAtMs <= latestMs)) return ok();
    const { seq, seal, told } = statement;
    const isOf = (number: number) => and(eq(chainEnd.cabinetId, cabinetId), eq(chainEnd.seq, number));
    const difference = differenceOf(known, statement);
    if (difference !== null) {
      await tx.delete(chainEnd).where(eq(chainEnd.cabinetId, cabinetId));
      const [kind, detail] = isBeyondKnown(known, statement)
        ? (['database_put_back', putBackOf(cabinetId, known, statement)] as const)
        : (['record_differs', difference] as const);
      await addIncident(tx, clock, kind, cabinetId, null, detail);
      await tx.insert(chainEnd).values({ cabinetId, seq, seal, signedAtMs });
      return ok();
    }
    // Answers that were lost: of the ends between the first and the last none is asked for any more.
    const passed = known.length >= chainEndCountMax ? known.at(-2) : undefined;
    if (passed !== undefined) await tx.delete(chainEnd).where(isOf(passed.seq));
    if (known.every((end) => end.seq !== seq)) {
      await tx.insert(chainEnd).values({ cabinetId, seq, seal, signedAtMs }).onConflictDoNothing();
    }
    const acknowledged = known.find((end) => end.seq === told?.seq);
    if (acknowledged === undefined || acknowledged.isAcknowledged) return ok();
    await tx.update(chainEnd).set({ isAcknowledged: true }).where(isOf(acknowledged.seq));
    // Nothing before it is asked for again.
    await tx
      .delete(chainEnd)
      .where(and(eq(chainEnd.cabinetId, cabinetId), lt(chainEnd.seq, acknowledged.seq)));
    return ok();
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

/**
 * The cabinet has what was acknowledged, and that is more than this database knows of: whoever goes back is not the cabinet.
 * Of a cabinet of which nothing is known yet the first word is the beginning.
 */
function isBeyondKnown([newest]: readonly ChainEndRow[], { seq, told }: ChainStatement): boolean {
  if (newest === undefined || told === null) return false;
  return told.seq > newest.seq && told.seal !== null && seq >= told.seq;
}

/** In words for staff. */
function putBackOf(cabinetId: string, [newest]: readonly ChainEndRow[], { told }: ChainStatement): string {
  return (
    `event ${told?.seq} of ${cabinetId} had been acknowledged here, and no event after ${newest?.seq} is known: ` +
    'what came in between is lost here. If this database was not put back, the record of that cabinet is not whole'
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
  if (seq < told.seq) return `ends with event ${seq}; event ${told.seq} had been told`;
  if (told.seal === null) return `event ${told.seq} is not the one that was told`;
  if (acknowledged === undefined) return `goes back to event ${told.seq}; event ${newest.seq} had been told`;
  return acknowledged.seal === told.seal ? null : `event ${told.seq} is not the one that was told`;
}
