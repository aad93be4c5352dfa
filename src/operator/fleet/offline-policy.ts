import { createHash } from 'node:crypto';
import { type SQL, and, desc, eq, gte, inArray, isNotNull, isNull, lt, not, or, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { OfflineCaps } from '../../shared/model/offline-policy.ts';
import { offlineListMax, offlinePolicyLifeMs } from '../../shared/model/offline-policy.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { memberDigest } from '../../shared/node/member-digest.ts';
import type { Random } from '../../shared/random.ts';
import type { Policy } from '../limits.ts';
import { offlinePolicyCheckMs, offlinePolicyEveryMs } from '../limits.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { cannotBeAsked } from '../providers/provider-accounts.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { cabinet, faceEnrolment, member, offlineCodeKey, offlinePolicy, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import { toldOf } from '../visits/authorise.ts';
import { membersInDebt } from '../visits/exposure.ts';
import type { ServedCatalog } from './catalog.ts';
import { watchOfflineRisk } from './offline-risk.ts';

export interface OfflinePoliciesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly memberCodes: Pick<MemberCodes, 'publicKeys'>;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
  readonly providers: ProviderRegistry;
}

/** What is of the whole fleet, and what is added for one cabinet. */
type OfCabinet = 'members' | 'faces';
type FleetPart = Omit<OfflinePolicy, OfCabinet>;

interface Issued {
  readonly fingerprint: string;
  readonly told: FleetPart;
}

/** A policy as one cabinet is told it; `text` is made when it is wanted. */
interface ToldPolicy {
  readonly etag: string;
  readonly text: () => Promise<string>;
}

/**
 * Issues what cabinets may do without a network. It is in the database, so that all instances tell the same: a new version
 * each hour, and within a minute when somebody is suspended or the keys or caps change. What it says of members is as of its
 * issue; what it says of faces is so now, so that a face that was withdrawn is in none any more.
 */
export class OfflinePolicies {
  readonly #options: OfflinePoliciesOptions;
  /** When this instance last looked whether a new one is due (monotonic, ms). */
  #lookedAtMs: number | null = null;
  #newest: Issued | null = null;

  constructor(options: OfflinePoliciesOptions) {
    this.#options = options;
  }

  /** What this cabinet is told (`offlinePolicySchema`); null: nobody opens offline here. */
  async of(cabinetId: string): Promise<ToldPolicy | null> {
    const caps = this.#options.policy.offline;
    if (caps === null) return null;
    const { told } = await this.#current(caps);
    const faces = await this.#facesAt(cabinetId);
    const ofFaces = createHash('sha256').update(faces.join()).digest('base64url').slice(0, 11);
    return {
      etag: `"${told.version}-${ofFaces}"`,
      text: async () => JSON.stringify({ ...told, members: await this.#membersAt(cabinetId, told), faces }),
    };
  }

  /** Issues a new one where it is due, though nobody has asked for it. */
  async renew(): Promise<void> {
    const caps = this.#options.policy.offline;
    if (caps !== null) await this.#current(caps);
  }

  async #current(caps: OfflineCaps): Promise<Issued> {
    const { db, clock } = this.#options;
    const newest = await this.#read(db);
    const isLooked =
      this.#lookedAtMs !== null && clock.monotonicMs() - this.#lookedAtMs < offlinePolicyCheckMs;
    if (newest !== null && isLooked) return newest;
    this.#lookedAtMs = clock.monotonicMs();
    const memberCodeKeys = [...(await this.#options.memberCodes.publicKeys())];
    const fingerprint = await this.#fingerprint(caps, memberCodeKeys);
    if (newest !== null && !this.#isDue(newest, fingerprint)) return newest;
    return db.transaction(async (tx) => {
      // One instance at a time: whoever waits here finds the new one.
      await tx.execute(sql`lock table ${offlinePolicy} in exclusive mode`);
      const found = await this.#read(tx);
      if (found !== null && !this.#isDue(found, fingerprint)) return found;
      return this.#issue(tx, { caps, memberCodeKeys, fingerprint, before: found?.told.version ?? 0 });
    });
  }

  async #read(db: Db): Promise<Issued | null> {
    const [newest] = await db
      .select({ version: offlinePolicy.version })
      .from(offlinePolicy)
      .orderBy(desc(offlinePolicy.version))
      .limit(1);
    if (newest === undefined) return null;
    if (this.#newest?.told.version === newest.version) return this.#newest;
    const [row] = await db
      .select({ fingerprint: offlinePolicy.fingerprint, told: offlinePolicy.told })
      .from(offlinePolicy)
      .where(isNotNull(offlinePolicy.told))
      .orderBy(desc(offlinePolicy.version))
      .limit(1);
    if (row?.told == null) return null;
    this.#newest = { fingerprint: row.fingerprint, told: JSON.parse(row.told) as FleetPart };
    return this.#newest;
  }

  /** One that was issued while the clock was ahead is as good as old. */
  #isDue({ fingerprint, told }: Issued, wanted: string): boolean {
    const ageMs = this.#options.clock.nowMs() - told.issuedAtMs;
    return fingerprint !== wanted || Math.abs(ageMs) >= offlinePolicyEveryMs;
  }

  /** Of what a cabinet is to hear within minutes; debts it hears with the next hour's. */
  async #fingerprint(caps: OfflineCaps, keys: readonly string[]): Promise<string> {
    const { db, clock, catalog } = this.#options;
    const isLately = isWithin(member.verifiedAtMs, clock.nowMs(), caps.verifiedWithinMs);
    const suspended = await db
      .select({ memberId: member.memberId })
      .from(member)
      .where(and(eq(member.standing, 'suspended'), isLately))
      .orderBy(desc(member.verifiedAtMs), member.memberId)
      .limit(offlineListMax);
    const of = [caps, keys, catalog.catalog.currency, suspended.map(({ memberId }) => memberId)];
    return createHash('sha256').update(JSON.stringify(of)).digest('hex');
  }

  async #issue(
    tx: Db,
    issue: {
      readonly caps: OfflineCaps;
      readonly memberCodeKeys: string[];
      readonly fingerprint: string;
      readonly before: number;
    },
  ): Promise<Issued> {
    const { clock, random, catalog } = this.#options;
    const { caps, memberCodeKeys, fingerprint, before } = issue;
    const nowMs = clock.nowMs();
    const salt = Buffer.from(random.bytes(16)).toString('base64url');
    const version = Math.max(before + 1, Math.floor(nowMs / 1000));
    const times = { issuedAtMs: nowMs, expiresAtMs: nowMs + offlinePolicyLifeMs };
    const { currency } = catalog.catalog;
    const lists = await this.#listsOf(tx, caps, salt, nowMs);
    const told: FleetPart = { version, ...times, currency, caps, memberCodeKeys, salt, ...lists };
    await tx.update(offlinePolicy).set({ told: null }).where(isNotNull(offlinePolicy.told));
    await tx
      .insert(offlinePolicy)
      .values({ version, ...times, fingerprint, caps: JSON.stringify(caps), told: JSON.stringify(told) });
    await tx
      .insert(offlineCodeKey)
      .values(memberCodeKeys.map((publicKey) => ({ publicKey, toldAtMs: nowMs })))
      .onConflictDoUpdate({ target: offlineCodeKey.publicKey, set: { toldAtMs: nowMs } });
    await watchOfflineRisk(tx, clock, this.#options.policy);
    return { fingerprint, told };
  }

  async #listsOf(
    tx: Db,
    caps: OfflineCaps,
    salt: string,
    nowMs: number,
  ): Promise<Pick<FleetPart, 'memberDigests' | 'denied'>> {
    const { clock, policy, catalog, providers } = this.#options;
    const isShut = or(
      eq(member.standing, 'suspended'),
      cannotBeAsked(tx, providers),
      gte(member.owedElsewhereMinor, policy.unpaidMaxMinor),
      inArray(member.memberId, membersInDebt(tx, clock, policy, catalog.catalog.currency)),
    );
    const digestsOf = async (which: SQL | undefined): Promise<string[]> => {
      const rows = await tx
        .select({ memberId: member.memberId })
        .from(member)
        .where(which)
        .orderBy(desc(member.verifiedAtMs), member.memberId)
        .limit(offlineListMax);
      return rows.map(({ memberId }) => memberDigest(salt, memberId));
    };
    // Still verified lately when the policy ends.
    const untilItsEndMs = Math.max(0, caps.verifiedWithinMs - offlinePolicyLifeMs);
    const isGood = isShut === undefined ? undefined : not(isShut);
    return {
      memberDigests: await digestsOf(and(isWithin(member.verifiedAtMs, nowMs, untilItsEndMs), isGood)),
      denied: await digestsOf(and(isWithin(member.verifiedAtMs, nowMs, caps.verifiedWithinMs), isShut)),
    };
  }

  /** Whom the operator has let in at this cabinet, and at this machine: another one before it was told other names. */
  async #membersAt(
    cabinetId: string,
    { issuedAtMs, caps, salt, denied }: FleetPart,
  ): Promise<OfflinePolicy['members']> {
    const { db, providers } = this.#options;
    const last = db
      .select({ memberId: visit.memberId, atMs: sql`max(${visit.atMs})`.mapWith(Number).as('at_ms') })
      .from(visit)
      .innerJoin(cabinet, eq(cabinet.cabinetId, visit.cabinetId))
      .where(
        and(
          eq(visit.cabinetId, cabinetId),
          eq(visit.purpose, 'visit'),
          eq(visit.allowed, true),
          isNull(visit.offlinePolicyVersion),
          or(eq(visit.entryMethod, 'code'), eq(visit.faceStanding, 'verified')),
          isWithin(visit.atMs, issuedAtMs, caps.verifiedWithinMs),
          // None that is let in while this version counts.
          lt(visit.atMs, issuedAtMs),
          gte(visit.atMs, cabinet.enrolledAtMs),
        ),
      )
      .groupBy(visit.memberId)
      .as('last');
    const rows = await db
      .select({ atMs: last.atMs, found: member })
      .from(last)
      .innerJoin(member, eq(member.memberId, last.memberId))
      .where(eq(member.standing, 'active'))
      .orderBy(desc(last.atMs), member.memberId)
      .limit(offlineListMax);
    const shut = new Set(denied);
    return rows
      .filter(({ found }) => !shut.has(memberDigest(salt, found.memberId)))
      .map(({ found, atMs }) => ({ member: toldOf(providers, found), verifiedAtMs: atMs }));
  }

  async #facesAt(cabinetId: string): Promise<OfflinePolicy['faces']> {
    const rows = await this.#options.db
      .select({ enrolmentId: faceEnrolment.enrolmentId })
      .from(faceEnrolment)
      .where(
        and(
          eq(faceEnrolment.cabinetId, cabinetId),
          eq(faceEnrolment.standing, 'verified'),
          isNull(faceEnrolment.withdrawnAtMs),
        ),
      )
      .orderBy(desc(faceEnrolment.enrolledAtMs), faceEnrolment.enrolmentId)
      .limit(offlineListMax);
    return rows.map(({ enrolmentId }) => enrolmentId as OfflinePolicy['faces'][number]);
  }
}
