import { createHash } from 'node:crypto';
import { and, count, eq, sql } from 'drizzle-orm';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { SentBefore, WithPeople } from '../../shared/api/sent-before.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ChargeBody, ReceivedCharge } from '../../shared/model/charge.schema.ts';
import { memberIdSchema } from '../../shared/model/member.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { ceilingMinorOf, isDebt } from '../debits/debit-life.ts';
import { isOnlyByHand, originalHasCome } from './by-hand-records.ts';
import { replyFor } from './charge-reply.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import { lostWords } from '../debits/lost-words.ts';
import { disputedIn, lockCharge } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import { tooManyOfKind } from '../http/errors.ts';
import { applyEarlyResolution, earlyResolutionOf, tellElsewhere } from '../support/early-resolution.ts';
import { addIncident } from '../support/incidents.ts';
import type { SentBody } from '../http/json.ts';
import { canonicalJson } from '../http/json.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import type { Policy } from '../limits.ts';
import { chargesWithoutVisitRetryS, conflictsOfChargeMax, sentAgoOffMs } from '../limits.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { tellMember } from '../members/notices.ts';
import { chargeHasCome, differenceFrom, saidOfVisit } from '../visits/closings.ts';
import { releaseWithCharge } from '../visits/order-records.ts';
import { storeLines } from './charge-lines.ts';
import { heldMinorOf, newChargeRow } from './new-charge-row.ts';
import type { ChargeVerdict } from './evaluate-charge.ts';
import { evaluateCharge, hasManyWithoutVisit, isVisitKnown, readFacts } from './evaluate-charge.ts';
import { charge, chargeEvent } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { readProof } from '../visits/offline-admission.ts';

export interface ChargeOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
  readonly memberCodes: Pick<MemberCodes, 'read'>;
  /** Monotonic time at which this program began, ms. */
  readonly beganAtMs: number;
}

/** A charge as it came, and what its cabinet says of having sent it before; null: nothing. */
export interface SentCharge extends SentBody<ReceivedCharge> {
  readonly sentBefore: SentBefore | null;
}

/** A charge that its own cabinet has sent under its own number, and that can be read. */
export interface ReadableCharge extends Pick<SentCharge, 'sentBefore'> {
  /** Without what cannot be read of it. */
  readonly body: ChargeBody;
  readonly admission: ReceivedCharge['admission'];
  readonly canonical: string;
  readonly bodyHash: string;
}

/** `fresh`: it is the first time that it is taken. */
export interface TakenCharge {
  readonly fresh: boolean;
  /** Who is asked to debit it; null: nobody. */
  readonly provider: string | null;
  readonly reply: ChargeReply;
}

type ChargeRow = typeof charge.$inferSelect;

/** What a cabinet has sent as one of its charges, read; a failure is its answer. */
export function readSent(
  cabinetId: string,
  chargeIdInPath: string,
  sent: SentCharge,
): Result<ReadableCharge, ApiFailure> {
  const checked = checkBody(cabinetId, chargeIdInPath, sent);
  if (!checked.ok) return checked;
  const canonical = checked.value;
  const { admission, ...rest } = sent.body;
  // What cannot be read of it is no part of the charge, but for the bytes that are kept.
  const body: ChargeBody =
    admission === undefined || admission === 'unreadable' ? rest : { ...rest, admission };
  const bodyHash = createHash('sha256').update(canonical).digest('hex');
  return ok({ body, admission, canonical, bodyHash, sentBefore: sent.sentBefore });
}

/**
 * Takes a charge once. The first body wins; the same body again is the same answer (`fresh` false); another body for
 * the same id changes nothing, is a `conflict` and an incident, but for the first after a charge by hand (`originalHasCome`).
 * When this returns a charge it is durable. Of charges without a known visit a cabinet can bring only so many in a day; more are
 * asked to come again (`tooManyOfKind`). One that may have been here and is not any more is in doubt from the beginning: the provider is asked before anything is debited.
 * One that people had in hand then is held for them, and they are told what its cabinet knows.
 */
export async function receiveCharge(
  options: ChargeOptions,
  { body, admission, canonical, bodyHash, sentBefore }: ReadableCharge,
): Promise<Result<TakenCharge, ApiFailure>> {
  const { db, clock, policy } = options;
  const { cabinetId, chargeId } = body;
  const proof = await readProof(options, admission);

  return db.transaction(async (tx): Promise<Result<TakenCharge, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [known] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId));
    if (known === undefined) {
      const disputedMinor = await disputedIn(tx, body);
      const facts = await readFacts(tx, options, body, proof);
      const visitKnown = isVisitKnown(facts);
      if (!visitKnown && (await hasManyWithoutVisit(tx, clock, cabinetId)))
        return tooManyOfKind('too many charges without a known visit', chargesWithoutVisitRetryS);
      const evaluated = evaluateCharge(body, policy, facts);
      const early = await earlyResolutionOf(tx, body);
      const decided = early === null || early === 'elsewhere' ? null : early.decided;
      const said = await saidOfVisit(tx, body);
      const differs = differenceFrom(said, body);
      const looked = differs === null ? evaluated : { ...evaluated, review: true };
      const judged = disputedMinor === null ? looked : afterDispute(looked, body.totalMinor - disputedMinor);
      const withPeople = sentBefore?.withPeople ?? null;
      const verdict = early === null && withPeople === null ? judged : heldForDecision(judged);
      const { provider } = facts;
      // What people have settled they have looked up: found at the provider, too, it would count twice.
      const isSettled = decided !== null && isSettledAs(body, decided, disputedMinor);
      // Without an account there is nobody to ask.
      const mayBeAsked = verdict.state !== 'paid' && provider !== null && !isSettled;
      const mayBeDebited = mayBeAsked && mayBeLost(options, sentBefore);
      const row = newChargeRow(
        { body, canonical, bodyHash, verdict, disputedMinor, provider, visitKnown, mayBeDebited },
        clock.nowMs(),
      );
      const [inserted] = await tx.insert(charge).values(row).onConflictDoNothing().returning();
      if (inserted !== undefined) {
        await storeLines(tx, body);
        await recordVerdict(tx, clock, inserted, verdict, withPeople);
        await chargeHasCome(tx, clock, inserted, said);
        await releaseWithCharge(tx, clock, inserted);
        if (differs !== null) await addIncident(tx, clock, 'closing_differs', cabinetId, chargeId, differs);
        if (early === 'elsewhere') await tellElsewhere(tx, clock, inserted);
        const settled =
          decided === null ? inserted : await applyEarlyResolution(tx, clock, inserted, decided);
        // What people have decided by its number, and fits, takes the place of what is lost.
        if (withPeople !== null && settled.resolvedHow === null)
          await addIncident(tx, clock, 'decision_lost', cabinetId, chargeId, knownText(withPeople));
        if (facts.allowedAtMs !== null && facts.entry !== 'code' && !facts.charged)
          await tellOfFace(tx, clock, settled);
        return ok({ fresh: true, provider, reply: replyFor(settled) });
      }
    }
    return takeAgain(tx, clock, { body, canonical, bodyHash, sentBefore });
  });
}

/** The charge is known, or another request inserted it a moment earlier and has committed by now. After `lockCharge`. */
async function takeAgain(
  tx: Db,
  clock: Clock,
  { body, canonical, bodyHash, sentBefore }: Omit<ReadableCharge, 'admission'>,
): Promise<Result<TakenCharge, ApiFailure>> {
  const { cabinetId, chargeId } = body;
  const [same] = await tx
    .update(charge)
    .set({ receivedCount: sql`${charge.receivedCount} + 1` })
    .where(and(eq(charge.chargeId, chargeId), eq(charge.bodyHash, bodyHash)))
    .returning();
  const known = same ?? (await originalHasCome(tx, clock, { body, canonical, bodyHash }));
  if (known !== null) {
    const withPeople = sentBefore?.withPeople ?? null;
    const spoken = known.awaitsCabinet ? await cabinetHasSpoken(tx, clock, known, withPeople) : known;
    return ok({ fresh: false, provider: spoken.provider, reply: replyFor(spoken) });
  }
  const detail = `body ${bodyHash} after another`;
  await recordConflict(tx, clock, chargeId, detail);
  await addIncident(tx, clock, 'charge_conflict', cabinetId, chargeId, detail);
  return fail('conflict', 'this charge id is taken by another body');
}

/**
 * The state of one of the cabinet's own charges; `unknown_charge` also for another cabinet's. One that people had in hand by
 * what its cabinet says, and that goes on by itself here without any decision, is held for them first.
 */
export async function readCharge(
  { db, clock }: Pick<ChargeOptions, 'db' | 'clock'>,
  cabinetId: string,
  chargeId: ChargeId,
  sentBefore: SentBefore | null,
): Promise<Result<ChargeReply, ApiFailure>> {
  const condition = and(eq(charge.chargeId, chargeId), eq(charge.cabinetId, cabinetId));
  const [row] = await db.select().from(charge).where(condition);
  // What its cabinet has to say about one that people have made is heard first: it sends it.
  const isByHand = row !== undefined && row.resolvedAtMs !== null && (await isOnlyByHand(db, chargeId));
  if (row === undefined || isByHand) return fail('unknown_charge', 'no such charge');
  const withPeople = sentBefore?.withPeople ?? null;
  const isNews = row.awaitsCabinet || (withPeople !== null && isForgotten(row, withPeople));
  if (!isNews) return ok(replyFor(row));
  return db.transaction(async (tx) => {
    const [locked = row] = await tx.select().from(charge).where(condition).for('update');
    return ok(replyFor(await cabinetHasSpoken(tx, clock, locked, withPeople)));
  });
}

/** What its cabinet knows of a charge that goes on by itself here; one that was decided or paid a moment ago stays so. */
async function cabinetHasSpoken(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  withPeople: WithPeople | null,
): Promise<ChargeRow> {
  const known = withPeople !== null && isForgotten(row, withPeople) ? knownText(withPeople) : null;
  if (known === null && !row.awaitsCabinet) return row;
  const event = { type: 'cabinet_spoke', atMs: clock.nowMs(), known } as const;
  const heard = await storeDebitEvent(tx, clock, row, event, 0);
  return heard.ok ? heard.value : row;
}

/**
 * It goes on by itself, and what its cabinet knows of people's hand in it is not here: there is no decision, or an older one, or
 * that it waits again under this one. Of what people have in hand here, too: a decision, as long as that may be lost.
 */
function isForgotten(row: ChargeRow, { stage, decisionAtMs }: WithPeople): boolean {
  const { state, resolvedAtMs, awaitsCabinet } = row;
  if (state === 'paid') return false;
  if (state === 'needs_attention') {
    // A debt whose collection has ended goes on as well, once its member pays.
    if (!awaitsCabinet && !isDebt(row)) return false;
    return resolvedAtMs === null
      ? stage === 'decided' || decisionAtMs !== undefined
      : resolvedAtMs < (decisionAtMs ?? 0);
  }
  if (resolvedAtMs === null) return true;
  if (decisionAtMs === undefined) return false;
  return resolvedAtMs < decisionAtMs || (resolvedAtMs === decisionAtMs && stage === 'waiting');
}

/** The body in its canonical spelling, when it is this charge's and this cabinet's. */
function checkBody(
  cabinetId: string,
  chargeIdInPath: string,
  { body, json }: SentBody<ReceivedCharge>,
): Result<string, ApiFailure> {
  if (body.chargeId !== chargeIdInPath)
    return fail('bad_request', 'the charge id in the path is not the one in the body');
  if (body.cabinetId !== cabinetId) return fail('forbidden', 'the charge is of another cabinet');
  if (!memberIdSchema.safeParse(body.memberId).success)
    return fail('bad_request', 'memberId: not a member id');
  return canonicalJson(json);
}

/**
 * Whether this charge, which is not here, may have been: its cabinet has sent it, and that was heard, or was before this
 * program began. A database is put back while no program runs on it; so what was sent later has never arrived.
 */
export function mayBeLost(
  { clock, beganAtMs }: Pick<ChargeOptions, 'clock' | 'beganAtMs'>,
  sentBefore: SentBefore | null,
): boolean {
  if (sentBefore === null) return false;
  return sentBefore.agoMs === null || sentBefore.agoMs + sentAgoOffMs >= clock.monotonicMs() - beganAtMs;
}

/** A dispute arrived before its charge: a human looks; when all is disputed, nothing is debited. */
function afterDispute(verdict: ChargeVerdict, dueMinor: number): ChargeVerdict {
  if (verdict.state === 'accepted' && dueMinor === 0)
    return { ...verdict, state: 'needs_attention', reason: 'recognition.line_reported', review: true };
  return { ...verdict, review: true };
}

/**
 * A human has decided about its number before it came, or people had it in hand before it was lost here: it is not debited
 * by itself, also when the decision does not fit.
 */
function heldForDecision(verdict: ChargeVerdict): ChargeVerdict {
  return {
    ...verdict,
    state: 'needs_attention',
    reason: verdict.reason ?? 'system.conflict',
    review: true,
  };
}

/** People have settled it, with no more than can be: another sum is a slip, and says nothing of what the provider has. */
function isSettledAs(
  { totalMinor, heldLines }: ChargeBody,
  { decision, amountMinor }: { readonly decision: string; readonly amountMinor: number },
  disputedMinor: number | null,
): boolean {
  const life = { totalMinor, heldMinor: heldMinorOf(heldLines), disputedMinor: disputedMinor ?? 0 };
  return decision === 'settled' && amountMinor <= ceilingMinorOf(life);
}

/** What a cabinet knows of a charge that people had in hand. What they did since (settled it in another way), only they know. */
function knownText({ stage, billedMinor }: WithPeople): string {
  const was = stage === 'decided' ? 'people had decided' : 'it waited for people';
  return `${lostWords.cabinetKnows} ${was}, billed ${billedMinor}`;
}

/** Whoever did not stand there is to know: their face, or a cabinet's word, has bought something. */
async function tellOfFace(db: Db, clock: Clock, row: ChargeRow): Promise<void> {
  const { memberId, cabinetId, chargeId: ref, currency } = row;
  // What was decided about it before it came is its amount.
  const amountMinor = row.paidMinor ?? row.totalMinor;
  await tellMember(db, clock, { memberId, kind: 'charged_by_face', ref, cabinetId, amountMinor, currency });
}

/** Only the first so many: the history of a charge never goes, and other bytes are soon made. */
async function recordConflict(db: Db, clock: Clock, chargeId: string, detail: string): Promise<void> {
  const isConflict = and(eq(chargeEvent.chargeId, chargeId), eq(chargeEvent.kind, 'conflict'));
  const [earlier] = await db.select({ conflicts: count() }).from(chargeEvent).where(isConflict);
  if ((earlier?.conflicts ?? 0) >= conflictsOfChargeMax) return;
  await db.insert(chargeEvent).values({ chargeId, atMs: clock.nowMs(), kind: 'conflict', detail });
}

async function recordVerdict(
  db: Db,
  clock: Clock,
  row: ChargeRow,
  verdict: ChargeVerdict,
  withPeople: WithPeople | null,
): Promise<void> {
  const { chargeId, cabinetId, state, reason } = row;
  const event = { chargeId, atMs: clock.nowMs() };
  await db.insert(chargeEvent).values({ ...event, kind: 'received', detail: row.bodyHash });
  if (row.inDoubt)
    await db.insert(chargeEvent).values({ ...event, kind: 'in_doubt', detail: lostWords.wasHere });
  if (state === 'paid')
    await db.insert(chargeEvent).values({ ...event, kind: 'paid', detail: 'nothing to debit' });
  if (state === 'needs_attention') {
    const detail = withPeople === null ? (reason ?? '') : `${reason ?? ''}: ${knownText(withPeople)}`;
    await db.insert(chargeEvent).values({ ...event, kind: 'needs_attention', detail });
  }
  if (verdict.incident !== null) {
    const more = verdict.detail === undefined ? '' : `: ${verdict.detail}`;
    await addIncident(db, clock, verdict.incident, cabinetId, chargeId, `visit ${row.visitId}${more}`);
  }
}
