import { and, desc, eq, gt, isNotNull, ne } from 'drizzle-orm';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import { minor } from '../../shared/money.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { MemberCode } from '../../shared/model/member.ts';
import type { OfflineAdmission } from '../../shared/model/offline-policy.schema.ts';
import type { OfflineCaps } from '../../shared/model/offline-policy.ts';
import { offlinePolicyLifeMs } from '../../shared/model/offline-policy.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import type { Policy } from '../limits.ts';
import { chargeAgeMaxMs, offlineComparedMax } from '../limits.ts';
import { readMemberCode } from '../members/member-code.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { charge, faceEnrolment, member, offlineCodeKey, offlinePolicy, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { IncidentKind } from '../support/incidents.ts';
import { belongsElsewhere, codeLife } from './authorise.ts';
import type { OfflineVisit } from './offline-caps.ts';
import { brokenCaps } from './offline-caps.ts';

/**
 * What a charge says of how its visit was let in offline; of a code what it says, null: none that we have made. `unreadable`:
 * it says something that we do not know how to read.
 */
export type OfflineProof =
  | { readonly by: 'unreadable' }
  | (Extract<OfflineAdmission, { by: 'code' }> & { readonly read: MemberCode | null })
  | Extract<OfflineAdmission, { by: 'face' }>;

type ReadProof = Exclude<OfflineProof, { by: 'unreadable' }>;

/**
 * What becomes of a visit that was let in offline. `admitted`: it is a visit like any other now, and its charge is debited;
 * `concern`: people look at it, for the cabinet has gone beyond its policy. `refused`: the charge is held.
 */
export type OfflineVerdict =
  | { readonly outcome: 'admitted'; readonly concern: string | null }
  | {
      readonly outcome: 'refused';
      readonly reason: ReasonCode;
      readonly incident: IncidentKind;
      readonly detail: string;
    };

interface AdmissionOptions {
  readonly clock: Clock;
  readonly policy: Policy;
}

/**
 * Reads what the charge brings as a proof; null: it brings none. The keys that sign codes now are asked, then those that
 * cabinets were told before. Outside the transaction of the charge, which the embedded database lets nobody read beside.
 */
export async function readProof(
  { db, memberCodes }: { readonly db: Db; readonly memberCodes: Pick<MemberCodes, 'read'> },
  admission: OfflineAdmission | 'unreadable' | undefined,
): Promise<OfflineProof | null> {
  if (admission === undefined) return null;
  if (admission === 'unreadable') return { by: 'unreadable' };
  if (admission.by === 'face') return admission;
  const now = await memberCodes.read(admission.code);
  if (now.ok) return { ...admission, read: now.value };
  if (now.error.code !== 'account.code_unknown') return { ...admission, read: null };
  for (const { publicKey, toldAtMs } of await db.select().from(offlineCodeKey)) {
    const key = publicKeyFromRaw(publicKey);
    const read = key === null ? null : readMemberCode({ publicKey: key }, admission.code);
    if (read?.ok !== true) continue;
    // No cabinet takes it for longer than the last policy that named its key: what is of later, a thief of the key has made.
    const isOfItsTime = read.value.expiresAtMs <= toldAtMs + offlinePolicyLifeMs + codeLife.lifetimeMs;
    return { ...admission, read: isOfItsTime ? read.value : null };
  }
  return { ...admission, read: null };
}

const refused = (incident: IncidentKind, detail: string): OfflineVerdict => ({
  outcome: 'refused',
  reason: incident === 'offline_code_replayed' ? 'account.code_replayed' : 'system.rejected',
  incident,
  detail,
});

/**
 * Judges a charge whose visit the operator has not let in, and books that visit where its proof holds. A code is the
 * member's own proof that they stood there: what it opened is debited, and where the cabinet broke its policy people look.
 * A face is the cabinet's word alone: it counts within the policy, and is held beyond it. Null: there is nothing to judge
 * (no proof, or the operator has let this member in itself). After the cabinet's row is locked; locks the member's.
 */
export async function admitOffline(
  tx: Db,
  options: AdmissionOptions,
  body: ChargeBody,
  proof: OfflineProof | null,
): Promise<OfflineVerdict | null> {
  if (proof === null || (await isLetIn(tx, body))) return null;
  if (proof.by === 'unreadable')
    return refused('offline_not_proven', 'what its cabinet says of how it was let in cannot be read');
  const [account] = await tx
    .select()
    .from(member)
    .where(eq(member.memberId, body.memberId))
    .for('no key update');
  if (account === undefined) return refused('offline_not_proven', 'nobody of ours');
  if (proof.atMs > options.clock.nowMs() + clockSkewMaxMs)
    return refused('offline_not_proven', 'let in at a time that is not yet');
  const issued = await issuedAs(tx, proof.policyVersion);
  const doubt = await doubtOf(tx, body, proof, issued);
  if (doubt !== null) return doubt;
  const concerns = await concernsOf(tx, body, proof, { issued, verifiedAtMs: account.verifiedAtMs });
  if (proof.by === 'face' && concerns.length > 0)
    return refused('offline_beyond_policy', concerns.join(', '));
  const visitMaxMinor = (issued?.caps ?? options.policy.offline ?? options.policy).visitMaxMinor;
  const { memberId, display } = account;
  const reply: AuthoriseReply = {
    decision: 'allowed',
    member: { memberId, display },
    visitMaxMinor: minor(visitMaxMinor),
    phoneDigits: null,
  };
  const booked = await book(tx, body, proof, JSON.stringify(reply));
  if (booked === 'taken')
    return proof.by === 'code'
      ? refused('offline_code_replayed', 'its code has opened another visit')
      : refused('charge_without_visit', 'its visit was another face’s');
  if (booked === 'had_refused') concerns.push('the operator had refused it, and was not heard');
  return { outcome: 'admitted', concern: concerns.length === 0 ? null : concerns.join(', ') };
}

/** This very visit and member, by the operator itself. */
async function isLetIn(tx: Db, { cabinetId, visitId, memberId }: ChargeBody): Promise<boolean> {
  const rows = await tx
    .select({ id: visit.id })
    .from(visit)
    .where(
      and(
        eq(visit.visitId, visitId),
        eq(visit.cabinetId, cabinetId),
        eq(visit.memberId, memberId),
        eq(visit.purpose, 'visit'),
        eq(visit.allowed, true),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

/** A policy as it was issued; the lists of members in it are not kept. */
interface IssuedPolicy {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly caps: OfflineCaps;
}

/** Null: not known, because it never was, is long gone, or went with a database that was put back. */
async function issuedAs(tx: Db, version: number): Promise<IssuedPolicy | null> {
  const [row] = await tx.select().from(offlinePolicy).where(eq(offlinePolicy.version, version));
  if (row === undefined) return null;
  const { issuedAtMs, expiresAtMs, caps } = row;
  return { issuedAtMs, expiresAtMs, caps: JSON.parse(caps) as OfflineCaps };
}

/** Why nothing is debited for this proof at all; null: it holds. */
async function doubtOf(
  tx: Db,
  body: ChargeBody,
  proof: ReadProof,
  issued: IssuedPolicy | null,
): Promise<OfflineVerdict | null> {
  if (proof.by === 'face') {
    const stood = await didFaceStand(tx, body, proof, issued);
    return stood ? null : refused('face_not_enrolled', 'let in offline');
  }
  const { read, atMs } = proof;
  if (read?.purpose !== 'visit') return refused('offline_not_proven', 'no code of ours that opens a door');
  if (read.memberId !== body.memberId) return refused('offline_not_proven', 'the code of another member');
  if (!isWithinLife(read.expiresAtMs, atMs, codeLife))
    return refused('offline_not_proven', 'a code of another time');
  if (await belongsElsewhere(tx, body.cabinetId, read))
    return refused('offline_not_proven', 'a code that a scan has made for another cabinet');
  return null;
}

/**
 * The face was enrolled there with the member's own code, and stood when they came, or when the policy was issued: of what was
 * withdrawn since the cabinet could not hear.
 */
async function didFaceStand(
  tx: Db,
  { cabinetId, memberId }: ChargeBody,
  { enrolmentId, atMs }: Extract<OfflineProof, { by: 'face' }>,
  issued: IssuedPolicy | null,
): Promise<boolean> {
  const [face] = await tx
    .select()
    .from(faceEnrolment)
    .where(
      and(
        eq(faceEnrolment.cabinetId, cabinetId),
        eq(faceEnrolment.enrolmentId, enrolmentId),
        eq(faceEnrolment.memberId, memberId),
        eq(faceEnrolment.standing, 'verified'),
      ),
    );
  if (face === undefined || face.enrolledAtMs > atMs + clockSkewMaxMs) return false;
  return face.withdrawnAtMs === null || face.withdrawnAtMs > Math.min(atMs, issued?.issuedAtMs ?? atMs);
}

/** In what the cabinet has gone beyond its policy, in our own words; empty: in nothing. */
async function concernsOf(
  tx: Db,
  body: ChargeBody,
  proof: ReadProof,
  { issued, verifiedAtMs }: { readonly issued: IssuedPolicy | null; readonly verifiedAtMs: number | null },
): Promise<string[]> {
  if (issued === null) return ['by a policy that is not known'];
  const { by, atMs } = proof;
  const { issuedAtMs, expiresAtMs, caps } = issued;
  const concerns: string[] = [];
  if (atMs < issuedAtMs - clockSkewMaxMs || atMs >= expiresAtMs)
    concerns.push('by a policy that was not good then');
  if (by === 'face' && atMs - issuedAtMs > caps.faceListAgeMaxMs)
    concerns.push('by a list of faces that was too old');
  if (verifiedAtMs === null || verifiedAtMs < atMs - caps.verifiedWithinMs)
    concerns.push('not let in by the operator lately');
  const { memberId, totalMinor, closedAtMs: shutAtMs } = body;
  const others = await unsettledSince(tx, body, atMs);
  if (others.length >= offlineComparedMax) concerns.push('more visits than are compared');
  else concerns.push(...brokenCaps(caps, { memberId, atMs, shutAtMs, totalMinor }, others));
  return concerns;
}

/** Other visits of this cabinet that were let in offline and whose charges came after this time. */
async function unsettledSince(
  tx: Db,
  { cabinetId, visitId }: ChargeBody,
  atMs: number,
): Promise<OfflineVisit[]> {
  return tx
    .select({
      memberId: visit.memberId,
      atMs: visit.atMs,
      shutAtMs: charge.closedAtMs,
      totalMinor: charge.totalMinor,
      untilMs: charge.firstAtMs,
    })
    .from(visit)
    .innerJoin(charge, and(eq(charge.visitId, visit.visitId), eq(charge.cabinetId, visit.cabinetId)))
    .where(
      and(
        eq(visit.cabinetId, cabinetId),
        isNotNull(visit.offlinePolicyVersion),
        gt(visit.atMs, atMs - chargeAgeMaxMs),
        gt(charge.firstAtMs, atMs),
        ne(visit.visitId, visitId),
      ),
    )
    .orderBy(desc(visit.atMs))
    .limit(offlineComparedMax);
}

/**
 * Writes the visit down as let in, and uses up its code. `taken`: another visit has used the code, or another face was shown in
 * this one; `had_refused`: the operator had refused this code or face for this very visit, and the cabinet was offline by then.
 */
async function book(
  tx: Db,
  { cabinetId, visitId, memberId }: ChargeBody,
  proof: ReadProof,
  reply: string,
): Promise<'booked' | 'taken' | 'had_refused'> {
  const { atMs, policyVersion: offlinePolicyVersion } = proof;
  const codeNonce = proof.by === 'code' ? (proof.read?.nonce ?? null) : null;
  const as = { allowed: true, reply, atMs, offlinePolicyVersion };
  const inserted = await tx
    .insert(visit)
    .values({
      ...{ cabinetId, visitId, memberId, purpose: 'visit', entryMethod: proof.by, codeNonce, ...as },
      ...(proof.by === 'face' ? { enrolmentId: proof.enrolmentId, faceStanding: 'verified' as const } : {}),
    })
    .onConflictDoNothing()
    .returning({ id: visit.id });
  if (inserted.length > 0) return 'booked';
  const isShown =
    proof.by === 'face'
      ? and(eq(visit.entryMethod, 'face'), eq(visit.enrolmentId, proof.enrolmentId))
      : eq(visit.codeNonce, proof.read?.nonce ?? '');
  const isIt = and(
    isShown,
    eq(visit.memberId, memberId),
    eq(visit.cabinetId, cabinetId),
    eq(visit.visitId, visitId),
    eq(visit.purpose, 'visit'),
  );
  const changed = await tx.update(visit).set(as).where(isIt).returning({ id: visit.id });
  return changed.length > 0 ? 'had_refused' : 'taken';
}
