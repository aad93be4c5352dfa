import { z } from 'zod';
import { enrolmentIdSchema } from '../ids.schema.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { memberCodeMaxLength } from './member.ts';
import { memberSchema } from './member.schema.ts';
import type { OfflineCaps } from './offline-policy.ts';
import { offlineListMax, offlinePolicyLifeMs } from './offline-policy.ts';

const timeMsSchema = z.number().int().min(0);
const durationMsSchema = z.number().int().min(0);
const countSchema = z.number().int().min(0).max(10_000);

const offlineCapsSchema = z.object({
  visitMaxMinor: minorSchema,
  memberSumMinor: minorSchema,
  memberCount: countSchema,
  cabinetSumMinor: minorSchema,
  cabinetCount: countSchema,
  oldestAgeMs: durationMsSchema,
  verifiedWithinMs: durationMsSchema,
  faceListAgeMaxMs: durationMsSchema,
}) satisfies z.ZodType<OfflineCaps>;

/** `memberDigest` (shared/node/member-digest.ts) of a member under the salt of this policy. */
const digestSchema = z.string().regex(/^[A-Za-z0-9_-]{11}$/);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(offlineListMax);

/**
 * Answer to `GET /v1/offline-policy`: what this one cabinet may do while it has no network. Times are the operator's (wall, ms).
 *
 * **When a cabinet takes it**: the answer is proven (answer-signing.ts), `expiresAtMs` is ahead of the operator's time, and
 * `version` is not below the one it keeps. One of the same version takes the place of the one that is kept: within a version
 * `members` and `faces` may have become fewer. A lower version is refused (an answer of another instance that is a moment
 * behind, or somebody's): what is kept stays. Versions never go back, also not when the operator's database is put back. A
 * proven 404 `not_found` ends what is kept.
 *
 * **Whom a cabinet lets in by it**, while `nowMs < expiresAtMs` and its time is sure:
 *  - not whose digest stands in `denied`, or whom the cabinet itself has heard refused since;
 *  - who stands in `members` with `nowMs - verifiedAtMs <= caps.verifiedWithinMs`, or whose digest stands in `memberDigests`
 *    (those have been verified within that time until the policy ends);
 *  - by a code (KM1) that a key of `memberCodeKeys` has signed, that is alive by the operator's time as the cabinet knows it,
 *    whose nonce was not used here; or by a face of this cabinet whose enrolment stands in `faces`, while the policy is no
 *    older than `caps.faceListAgeMaxMs`;
 *  - within the caps.
 */
export const offlinePolicySchema = z
  .object({
    /** Rises with each issue; that of this operator, for all its cabinets. */
    version: z.number().int().min(1),
    issuedAtMs: timeMsSchema,
    expiresAtMs: timeMsSchema,
    /** Of all sums here. A cabinet that sells in another one opens for nobody offline. */
    currency: currencySchema,
    caps: offlineCapsSchema,
    /** Ed25519 public keys of member codes, raw 32 bytes, base64url; newest first. */
    memberCodeKeys: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{43}$/))
      .min(1)
      .max(4),
    /** 16 bytes, base64url: what the digests of this version are made with. */
    salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
    /**
     * Members in good standing whom the operator has let in at this very cabinet, most recent first, as its screen showed them:
     * no name that it was not told before.
     */
    members: listOf(z.object({ member: memberSchema, verifiedAtMs: timeMsSchema })),
    /**
     * Members in good standing whom the operator has let in lately at any of its cabinets, most recent first (also those of
     * `members`). Of who is not in `members` there is no name: the screen greets without one.
     */
    memberDigests: listOf(digestSchema),
    /** Members who were let in lately and may not come in now: suspended, or with debts. */
    denied: listOf(digestSchema),
    /** Enrolments of faces that stand at this cabinet, with the member's own code behind them; newest first. */
    faces: listOf(enrolmentIdSchema),
  })
  .refine(({ issuedAtMs, expiresAtMs }) => expiresAtMs > issuedAtMs, { message: 'it ends before it begins' })
  .refine(({ issuedAtMs, expiresAtMs }) => expiresAtMs - issuedAtMs <= offlinePolicyLifeMs, {
    message: 'it is good for too long',
  });
export type OfflinePolicy = z.infer<typeof offlinePolicySchema>;

/**
 * Why a visit was let in without the operator, in the body of its charge: only there, and only for such a visit (a visit that
 * the operator has answered has none). `policyVersion`: by which policy; `atMs`: when, by the operator's time as the cabinet
 * knew it, ms. `code`: the whole text that the phone showed: the member's own proof, alive at `atMs`. `enrolmentId`: of the
 * face, which is the cabinet's word alone. How the operator judges it: operator/visits/offline-admission.ts.
 */
export const offlineAdmissionSchema = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('code'),
    code: z.string().min(1).max(memberCodeMaxLength),
    policyVersion: z.number().int().min(1),
    atMs: timeMsSchema,
  }),
  z.object({
    by: z.literal('face'),
    enrolmentId: enrolmentIdSchema,
    policyVersion: z.number().int().min(1),
    atMs: timeMsSchema,
  }),
]);
export type OfflineAdmission = z.infer<typeof offlineAdmissionSchema>;
