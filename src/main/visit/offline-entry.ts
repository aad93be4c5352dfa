import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  type OfflineCabinet,
  type OfflineMember,
  type OfflineProof,
  type Undelivered,
  type Unsettled,
  judgeOffline,
  offlineBlockOf,
} from '../../core/identity/offline-admission.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { type OfflineBlock, type ReasonCode, causeOf, isCodeReason } from '../../shared/model/charge.ts';
import { memberCodeLifetimeS, parseMemberCode } from '../../shared/model/member.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { OfflineAdmission, OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { minor } from '../../shared/money.ts';
import type { Minor } from '../../shared/money.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import { memberDigest } from '../../shared/node/member-digest.ts';
import type { Result } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { StorageFailure } from '../storage/database.ts';
import { type OfflineStore, usedCodesMax } from '../storage/offline-store.ts';

/** A code is taken by so much beyond its minute, as the operator does (memberCodeGraceMs), ms. */
export const offlineCodeSkewMs = 5_000;
/** So long after its end a code stays on record as used: the operator's time may go back by less. */
const usedCodeKeptMs = 10 * 60_000;
/** It is looked so often whether the cabinet still opens offline: a policy ends, and what waits becomes too old. */
const lookEveryMs = 5_000;

/** Let in without the operator. */
export interface OfflineYes {
  readonly member: Member;
  readonly maxMinor: Minor;
  readonly admission: OfflineAdmission;
}

export interface OfflineEntryOptions {
  readonly store: Pick<OfflineStore, 'deny' | 'allow' | 'isDenied' | 'codeUsedBy' | 'useCode'>;
  readonly policy: () => OfflinePolicy | null;
  readonly undelivered: () => Result<Undelivered, StorageFailure>;
  readonly owedBy: (memberId: string) => Result<Unsettled, StorageFailure>;
  readonly catalog: () => Catalog | null;
  /** The operator's time; null: it is not known for sure. */
  readonly sureNowMs: () => number | null;
  readonly isCutOff: () => boolean;
  readonly clock: Clock;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

type Facts<T> = Result<T, StorageFailure>;

/**
 * The way in while nobody can ask the operator (docs/payments.md#opening-while-offline). Gathers what core judges by, and has
 * on the disk what makes a code good once before it says yes.
 */
export class OfflineEntry {
  readonly #o: OfflineEntryOptions;
  readonly #listeners: Listeners;
  readonly #loop: RetryLoop;
  #lists: PolicyLists | null = null;
  #block: OfflineBlock | null = null;
  #isFullTold = false;
  /** By which visit the operator was first asked about each code. */
  readonly #asked = new Map<string, VisitId>();

  constructor(options: OfflineEntryOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#look() });
  }

  /** Nobody can be asked now, as far as is known. */
  get isCutOff(): boolean {
    return this.#o.isCutOff();
  }
  /** An operator has handed out a policy: else opening offline is nothing that this cabinet knows of. */
  get hasPolicy(): boolean {
    return this.#o.policy() !== null;
  }

  /** Why nobody comes in without a network now; null: somebody may. What cannot be read is nothing that could be capped. */
  get block(): OfflineBlock | null {
    const cabinet = this.#cabinet();
    return cabinet.ok ? offlineBlockOf(cabinet.value) : 'network.offline_cabinet_cap';
  }

  /** Called when `block` has changed. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    this.#loop.start();
  }
  stop(): void {
    void this.#loop.stop();
  }
  /** Something has changed that decides whether the cabinet opens offline. */
  wake(): void {
    this.#loop.wake();
  }

  /** Judges whoever wants the door opened. A yes by code is only said once the code is on record as used. */
  admit(request: AuthoriseRequest): OfflineYes | { readonly reason: ReasonCode } {
    const { clock, logger } = this.#o;
    const beganMs = clock.monotonicMs();
    const answer = this.#judged(request);
    // The disk took its time: whoever it was may be gone.
    const isLate = clock.monotonicMs() - beganMs > visitLimits.entryLateMs;
    const said = isLate && 'member' in answer ? ({ reason: 'system.storage_fault' } as const) : answer;
    if ('reason' in said) logger.info('offline.refused', { reason: said.reason });
    return said;
  }

  /**
   * The operator is about to be asked: from now on it may have used up the code for this visit, whatever comes back, and when.
   * Kept in memory: a program that starts does not know the time until it hears the operator.
   */
  asking(request: AuthoriseRequest): void {
    const code = codeIn(request);
    if (code === null || this.#asked.has(code.nonce)) return;
    const [oldest] = this.#asked.keys();
    if (this.#asked.size >= usedCodesMax && oldest !== undefined) this.#asked.delete(oldest);
    this.#asked.set(code.nonce, request.visitId);
  }

  /** Not one byte of that question has left. */
  notAsked(request: AuthoriseRequest): void {
    const code = codeIn(request);
    if (code !== null && this.#asked.get(code.nonce) === request.visitId) this.#asked.delete(code.nonce);
  }

  /** What the operator itself has said, while it could be asked: it counts when it cannot, and the code is used up. */
  heard(request: AuthoriseRequest, reply: AuthoriseReply): void {
    const noted = this.#noteUse(request, reply);
    if (!noted.ok) this.#o.logger.warn('offline.not_noted', { error: noted.error });
    const nowMs = this.#o.sureNowMs();
    if (nowMs === null || !this.hasPolicy || isForAccount(request)) return;
    const said = this.#noteStanding(request, reply, nowMs);
    if (!said.ok) this.#o.logger.warn('offline.not_noted', { error: said.error });
  }

  /**
   * Another visit has shown this code here, and was let in or answered: of one that the cabinet has let in by itself the
   * operator may not know yet, and would give the code to whoever asks first.
   */
  isUsedUp(request: AuthoriseRequest): Facts<boolean> {
    const code = codeIn(request);
    const usedBy = code === null ? null : this.#o.store.codeUsedBy(code.nonce);
    if (usedBy === null) return { ok: true, value: false };
    return usedBy.ok
      ? { ok: true, value: usedBy.value !== null && usedBy.value !== request.visitId }
      : usedBy;
  }

  #noteUse(request: AuthoriseRequest, reply: AuthoriseReply): Facts<unknown> {
    const code = codeIn(request);
    // One that is none of ours, or long over, may say any date: it is not to take the place of those that are.
    if (code === null || isNoCode(reply)) return { ok: true, value: null };
    return this.#o.store.useCode(code, request.visitId, (this.#o.sureNowMs() ?? 0) - usedCodeKeptMs);
  }

  #noteStanding(request: AuthoriseRequest, reply: AuthoriseReply, nowMs: number): Facts<unknown> {
    const { store } = this.#o;
    const memberId = 'faceOf' in request ? request.faceOf : codeIn(request)?.memberId;
    if (memberId === undefined) return { ok: true, value: null };
    if (reply.decision === 'refused')
      return isAboutMember(reply.reason) ? store.deny(memberId, nowMs) : { ok: true, value: null };
    const denied = store.isDenied(memberId);
    return denied.ok && denied.value ? store.allow(memberId) : denied;
  }

  #judged(request: AuthoriseRequest): OfflineYes | { readonly reason: ReasonCode } {
    const { sureNowMs, policy: policyNow, store } = this.#o;
    const [nowMs, policy] = [sureNowMs(), policyNow()];
    if (nowMs === null) return { reason: 'network.offline_time_unknown' };
    if (policy === null) return { reason: 'network.offline_no_policy' };
    if (isForAccount(request)) return { reason: 'network.unreachable' };
    const shown = this.#shown(request, this.#listsOf(policy), nowMs);
    if (shown === null) return { reason: 'account.code_malformed' };
    const facts = this.#facts(shown, request.visitId);
    if (!facts.ok) return { reason: 'system.storage_fault' };
    const { cabinet, proof, member } = facts.value;
    const judged = judgeOffline(cabinet, proof, member);
    if (!judged.ok) return { reason: judged.error.code };
    const { code, admission } = shown;
    assert(admission !== null, 'a face that is listed has a number');
    const used = code === null ? null : store.useCode(code, request.visitId, nowMs - usedCodeKeptMs);
    if (used?.ok === false) return { reason: 'system.storage_fault' };
    const { maxMinor } = judged.value;
    const named = shown.lists.members.get(shown.memberId)?.member;
    this.#o.logger.info('offline.admitted', {
      ...{ by: proof.by, maxMinor, policyVersion: policy.version },
      ...cabinet.undelivered,
    });
    return { member: named ?? { memberId: shown.memberId, display: '' }, maxMinor, admission };
  }

  /** Who it is by what is shown; null: it is no code. */
  #shown(request: AuthoriseRequest, lists: PolicyLists, nowMs: number): Shown | null {
    const { version: policyVersion } = lists.policy;
    if ('faceOf' in request) {
      const { faceOf: memberId, enrolmentId } = request;
      const isListed = enrolmentId !== undefined && lists.faces.has(enrolmentId);
      const admission = enrolmentId && ({ by: 'face', enrolmentId, policyVersion, atMs: nowMs } as const);
      return {
        memberId,
        lists,
        code: null,
        isGood: isListed ? 'good' : 'forged',
        admission: admission ?? null,
      };
    }
    const code = parseMemberCode(request.code);
    if (code === null) return null;
    const life = { lifetimeMs: memberCodeLifetimeS * 1000, skewMs: offlineCodeSkewMs };
    const isAlive = isWithinLife(code.expiresAtMs, nowMs, life);
    const isOurs = code.purpose === 'visit' && isSignedByAny(lists.keys, code);
    return {
      ...{ memberId: code.memberId, lists, code },
      isGood: isOurs ? (isAlive ? 'good' : 'expired') : 'forged',
      admission: { by: 'code', code: request.code, policyVersion, atMs: nowMs },
    };
  }

  #facts(
    { memberId, lists, code, isGood }: Shown,
    visitId: string,
  ): Facts<{ cabinet: OfflineCabinet; proof: OfflineProof; member: OfflineMember }> {
    const { store, owedBy } = this.#o;
    const cabinet = this.#cabinet();
    if (!cabinet.ok) return cabinet;
    const denied = store.isDenied(memberId);
    if (!denied.ok) return denied;
    const owed = owedBy(memberId);
    if (!owed.ok) return owed;
    const usedBy = code === null ? null : store.codeUsedBy(code.nonce);
    if (usedBy?.ok === false) return usedBy;
    const by = usedBy?.value ?? (code === null ? null : (this.#asked.get(code.nonce) ?? null));
    return {
      ok: true,
      value: {
        cabinet: cabinet.value,
        proof:
          code === null
            ? { by: 'face', isListed: isGood === 'good' }
            : { by: 'code', code: isGood, isUsed: by !== null && by !== visitId },
        member: {
          verifiedAtMs: lists.verifiedAtMs(memberId),
          isDenied: denied.value || lists.isDenied(memberId),
          unsettled: owed.value,
        },
      },
    };
  }

  #cabinet(): Facts<OfflineCabinet> {
    const { undelivered, policy: policyNow, catalog: catalogNow, sureNowMs } = this.#o;
    const waiting = undelivered();
    if (!waiting.ok) return waiting;
    const [policy, catalog] = [policyNow(), catalogNow()];
    const isOfCurrency = policy !== null && policy.currency === catalog?.currency;
    const prices = catalog?.products.map(({ priceMinor }) => priceMinor) ?? [];
    return {
      ok: true,
      value: {
        nowMs: sureNowMs(),
        policy: isOfCurrency ? policy : null,
        undelivered: waiting.value,
        dearestMinor: prices.length === 0 ? null : minor(Math.max(...prices)),
      },
    };
  }

  #listsOf(policy: OfflinePolicy): PolicyLists {
    if (this.#lists?.policy !== policy) this.#lists = new PolicyLists(policy);
    return this.#lists;
  }

  #look(): number {
    const { block } = this;
    if (block !== this.#block) {
      this.#block = block;
      this.#listeners.emit();
    }
    this.#tellIfFull(block);
    return lookEveryMs;
  }

  /** Staff hears how much waits, once for each time that the cabinet ceases to open for it. */
  #tellIfFull(block: OfflineBlock | null): void {
    const isFull = block === 'network.offline_cabinet_cap';
    const { undelivered, sureNowMs, tellStaff } = this.#o;
    const waiting = isFull && !this.#isFullTold ? undelivered() : null;
    this.#isFullTold = isFull;
    if (waiting?.ok !== true) return;
    const { count, sumMinor, oldestMs } = waiting.value;
    const ageMin = Math.round(((sureNowMs() ?? 0) - (oldestMs ?? 0)) / 60_000);
    // Null: people know of all of them.
    const age = oldestMs === null ? '' : `, oldest ${ageMin} min`;
    tellStaff(`offline_cabinet_cap: ${count} bills, ${sumMinor} minor units${age}`);
  }
}

/** What somebody has shown, as far as the policy and the time tell. */
interface Shown {
  readonly memberId: string;
  readonly lists: PolicyLists;
  /** Null: by face. */
  readonly code: { readonly nonce: string; readonly expiresAtMs: number } | null;
  readonly isGood: 'good' | 'forged' | 'expired';
  /** Null: a face from before there were enrolments. */
  readonly admission: OfflineAdmission | null;
}

/** The lists of a policy, to be asked: thousands are in them. */
class PolicyLists {
  readonly policy: OfflinePolicy;
  readonly members: ReadonlyMap<string, OfflinePolicy['members'][number]>;
  readonly faces: ReadonlySet<string>;
  readonly keys: readonly KeyObject[];
  readonly #digests: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;

  constructor(policy: OfflinePolicy) {
    this.policy = policy;
    this.members = new Map(policy.members.map((entry) => [entry.member.memberId, entry]));
    this.faces = new Set(policy.faces);
    this.keys = policy.memberCodeKeys.map(publicKeyFromRaw).filter((key) => key !== null);
    this.#digests = new Set(policy.memberDigests);
    this.#denied = new Set(policy.denied);
  }

  verifiedAtMs(memberId: string): OfflineMember['verifiedAtMs'] {
    if (this.#digests.has(memberDigest(this.policy.salt, memberId))) return 'within';
    return this.members.get(memberId)?.verifiedAtMs ?? null;
  }

  isDenied(memberId: string): boolean {
    return this.#denied.has(memberDigest(this.policy.salt, memberId));
  }
}

/** One of the 16 spellings of the signature is the operator's. */
function isSignedByAny(
  keys: readonly KeyObject[],
  { signed, signature: text }: { readonly signed: string; readonly signature: string },
): boolean {
  const signature = Buffer.from(text, 'base64url');
  if (signature.toString('base64url') !== text) return false;
  return keys.some((key) => verify(null, Buffer.from(signed), key, signature));
}

/** Null: by face, or no code. */
function codeIn(request: AuthoriseRequest) {
  return 'code' in request ? parseMemberCode(request.code) : null;
}

function isForAccount(request: AuthoriseRequest): boolean {
  return 'code' in request && request.purpose === 'account';
}

/** What was shown is no code that could be used up. */
function isNoCode(reply: AuthoriseReply): boolean {
  return (
    reply.decision === 'refused' && isCodeReason(reply.reason) && reply.reason !== 'account.code_replayed'
  );
}

/** It says something of the member, not of the code or the face that was shown. */
function isAboutMember(reason: ReasonCode): boolean {
  return causeOf(reason) === 'account' && !isCodeReason(reason) && reason !== 'account.face_not_enrolled';
}
