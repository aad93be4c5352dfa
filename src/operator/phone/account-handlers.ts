import { and, asc, desc, eq, gt, isNull, lte, or } from 'drizzle-orm';
import type { PhoneAgreement } from '../../shared/phone/account.schema.ts';
import { ok } from '../../shared/result.ts';
import { claimedFaceMaxMs } from '../limits.ts';
import { withdrawAsMember } from '../members/face-enrolments.ts';
import { faceEnrolment, member, providerAccount } from '../storage/schema.ts';
import { phoneFailureOf } from './errors.ts';
import type { PhoneHandlers, PhoneParts } from './handlers.ts';
import { placesOf } from './places.ts';

type AccountCalls = Pick<PhoneHandlers, 'agreements' | 'signUp' | 'endAgreement' | 'faces' | 'withdrawFaces'>;

/** By whom a member pays, and where their face is kept. */
export function accountHandlers(parts: PhoneParts): AccountCalls {
  return {
    agreements: async ({ who }) => ok({ agreements: await agreementsOf(parts, who.memberId) }),
    signUp: async ({ who, params: { provider } }) => {
      const asked = await parts.signUps.ask(who.memberId, provider);
      return asked.ok ? asked : { ok: false, error: phoneFailureOf(asked.error) };
    },
    endAgreement: async ({ who, params: { provider } }) => {
      const ended = await parts.agreementEnds.end(who.memberId, provider);
      return ended.ok
        ? ok({ agreements: await agreementsOf(parts, who.memberId) })
        : { ok: false, error: phoneFailureOf(ended.error) };
    },
    faces: async ({ who }) => ok({ faces: await facesOf(parts, who.memberId) }),
    withdrawFaces: async ({ who, body: { cabinetId } }) => {
      await withdrawAsMember(parts, who.memberId, cabinetId);
      return ok({ faces: await facesOf(parts, who.memberId) });
    },
  };
}

/** Every provider that a member can agree with here, and those that they have an account at. */
async function agreementsOf(
  { db, providers, signUps }: PhoneParts,
  memberId: string,
): Promise<PhoneAgreement[]> {
  const [found] = await db.select().from(member).where(eq(member.memberId, memberId));
  const accounts = await db
    .select()
    .from(providerAccount)
    .where(eq(providerAccount.memberId, memberId))
    .orderBy(asc(providerAccount.provider));
  const asked = await signUps.listOf(memberId);
  const current = found === undefined ? [] : [found.provider];
  const names = new Set([...current, ...accounts.map(({ provider }) => provider), ...providers.names]);
  return [...names].flatMap((provider): PhoneAgreement[] => {
    const account = accounts.find((one) => one.provider === provider);
    const signUp = providers.findReal(provider)?.signUp;
    const maySignUp = signUp !== undefined;
    const isCurrent = current.includes(provider);
    if (!maySignUp && !isCurrent && account === undefined) return [];
    return [
      {
        provider,
        isCurrent,
        maySignUp,
        means: providers.find(provider)?.means ?? null,
        agreement: account?.agreement ?? null,
        changedAtMs: account?.changedAtMs ?? null,
        ends:
          account?.agreement !== 'valid' || signUp === undefined
            ? null
            : signUp.end === undefined
              ? 'at_provider'
              : 'here',
        signUp: asked.find((one) => one.provider === provider) ?? null,
      },
    ];
  });
}

/** Faces that count, and those that a cabinet has still to delete. */
async function facesOf({ db, clock }: PhoneParts, memberId: string) {
  const nowMs = clock.nowMs();
  const { endsAtMs, withdrawnAtMs, deletedAtMs, enrolledAtMs } = faceEnrolment;
  const isThere = and(
    eq(faceEnrolment.memberId, memberId),
    isNull(deletedAtMs),
    or(isNull(endsAtMs), and(gt(endsAtMs, nowMs), lte(endsAtMs, nowMs + claimedFaceMaxMs))),
  );
  const rows = await db
    .select({ cabinetId: faceEnrolment.cabinetId, enrolledAtMs, withdrawnAtMs })
    .from(faceEnrolment)
    .where(isThere)
    .orderBy(desc(enrolledAtMs));
  const placeOf = await placesOf(
    db,
    rows.map(({ cabinetId }) => cabinetId),
  );
  return rows.map(({ cabinetId, enrolledAtMs: atMs, withdrawnAtMs: goneMs }) => ({
    ...{ cabinetId, place: placeOf(cabinetId).place, enrolledAtMs: atMs },
    state: goneMs === null ? ('kept' as const) : ('leaving' as const),
  }));
}
