import type { KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { and, eq, isNotNull, lt, sql } from 'drizzle-orm';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { bodyDigestHeader, clockSkewMaxMs, signatureHeaders, textToSign } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../shared/node/ed25519.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from './errors.ts';
import { claimGroupMax, claimGroupsMax, noncePurgeEveryMs, rateKeysMax } from '../limits.ts';
import { GroupedWork } from '../storage/grouped-work.ts';
import { writeNamed } from '../storage/named-writes.ts';
import { fewRows } from '../storage/rows-as-json.ts';
import { cabinet, nonce as nonceTable } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { Signatures } from './signatures.ts';

export interface RequestHead {
  readonly method: string;
  /** As on the request line, query included. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What the headers of a request claim; whether it is true its signature tells. */
export interface Claim {
  readonly cabinetId: string;
  readonly timestampMs: number;
  readonly nonce: string;
  readonly signature: Buffer;
  readonly head: RequestHead;
  /** What the body must hash to; the signature over it has been checked. Null: the cabinet does not say it. */
  readonly bodySha256Hex: string | null;
}

/** A claim of an enrolled cabinet, with its key; the signature is checked where the claim says what the body is. */
export interface CheckedClaim extends Claim {
  readonly key: KeyObject;
  /** The key was the cabinet's a short while ago; `isKeyCurrent` tells whether it still is. */
  readonly isKeyOfBefore: boolean;
  /** Its nonce had been used when the key was read; null: nobody has looked. */
  readonly isUsed: boolean | null;
}

/** What is known of a claim's cabinet and nonce. */
interface Known {
  /** Null: no such cabinet, or it has none. */
  readonly publicKey: string | null;
  readonly isUsed: boolean;
}

/** Who has signed a request, and when by the signer's word: within `clockSkewMaxMs` of our time. */
export interface Signer {
  readonly cabinetId: string;
  readonly signedAtMs: number;
  /** The key that the request was signed with; null: nobody had to sign. */
  readonly key: KeyObject | null;
}

const denied = (message: string) => fail('unauthenticated', message);
export const nonceForm = /^[A-Za-z0-9_-]{22}$/;
const timestampForm = /^[0-9]{1,15}$/;
const signatureForm = /^[A-Za-z0-9_-]{86}$/;
const digestForm = /^[0-9a-f]{64}$/;

/** Reads the headers, and nothing else: `unauthenticated` for what is no claim at all. */
export function readClaim(head: RequestHead): Result<Claim, ApiFailure> {
  const header = (name: string): string => {
    const value = head.headers[name];
    return typeof value === 'string' ? value : '';
  };
  const cabinetId = header(signatureHeaders.cabinet);
  const timestamp = header(signatureHeaders.timestamp);
  const nonce = header(signatureHeaders.nonce);
  const signature = header(signatureHeaders.signature);
  const digest = head.headers[bodyDigestHeader];
  if (!cabinetIdSchema.safeParse(cabinetId).success) return denied('no cabinet id, or not one');
  if (!timestampForm.test(timestamp)) return denied('no timestamp, or not one');
  if (!nonceForm.test(nonce)) return denied('no nonce, or not one');
  if (!signatureForm.test(signature)) return denied('no signature, or not one');
  if (digest !== undefined && !digestForm.test(header(bodyDigestHeader)))
    return denied('not the digest of a body');
  const timestampMs = Number(timestamp);
  const bodySha256Hex = digest === undefined ? null : header(bodyDigestHeader);
  const bytes = Buffer.from(signature, 'base64url');
  return ok({ cabinetId, timestampMs, nonce, signature: bytes, head, bodySha256Hex });
}

/**
 * Checks who sent a request (shared/api/signing.ts): known cabinet, time, signature, and that it is not a repeat of an
 * old one. What can be said without the body comes first.
 */
export class Authenticator {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #signatures: Signatures;
  readonly #known: GroupedWork<Claim, Known>;
  readonly #firstSights: GroupedWork<CheckedClaim, boolean>;
  /** By their text, those used last. What a text means never changes; whose it is the database says each time. */
  readonly #keys = new Map<string, KeyObject>();
  #purgeAtMs = 0;

  constructor(db: Db, clock: Clock, signatures: Signatures) {
    this.#db = db;
    this.#clock = clock;
    this.#signatures = signatures;
    const together = { sizeMax: claimGroupMax, groupsMax: claimGroupsMax };
    this.#known = new GroupedWork({ ...together, keysOf: () => [], work: (claims) => knownOf(db, claims) });
    this.#firstSights = new GroupedWork({
      ...together,
      // Of two copies that come together only one is the first.
      keysOf: ({ cabinetId, nonce }) => [`${cabinetId} ${nonce}`],
      work: (claims) => useUp(db, claims),
    });
  }

  /**
   * What can be said without the body: `unauthenticated` for what no body could make right. With a key that the cabinet had
   * a short while ago the database is not asked.
   */
  async check(claim: Claim, keyOfBefore: KeyObject | null): Promise<Result<CheckedClaim, ApiFailure>> {
    const { timestampMs, bodySha256Hex } = claim;
    const nowMs = this.#clock.nowMs();
    if (Math.abs(nowMs - timestampMs) > clockSkewMaxMs) {
      return {
        ok: false,
        error: { code: 'unauthenticated', message: 'the clock is too far off', nowMs },
      };
    }
    const known = keyOfBefore === null ? await this.#known.do(claim) : null;
    const key = keyOfBefore ?? this.#keyFrom(known?.publicKey ?? null);
    if (key === null) return denied('unknown cabinet');
    const isUsed = known?.isUsed ?? null;
    const checked: CheckedClaim = { ...claim, key, isKeyOfBefore: keyOfBefore !== null, isUsed };
    if (bodySha256Hex !== null && !(await this.#isSigned(checked, bodySha256Hex)))
      return denied('the signature does not fit');
    return ok(checked);
  }

  /** The body is the one that was signed. */
  async proves(claim: CheckedClaim, body: Uint8Array): Promise<Result<void, ApiFailure>> {
    const digest = createHash('sha256').update(body).digest('hex');
    const { bodySha256Hex } = claim;
    const isRight = bodySha256Hex === null ? await this.#isSigned(claim, digest) : bodySha256Hex === digest;
    return isRight ? ok() : denied('the signature does not fit');
  }

  /** `unauthenticated` for a key that was replaced since. To be called once the signature has been checked. */
  async isKeyCurrent({ cabinetId, key, isKeyOfBefore }: CheckedClaim): Promise<Result<void, ApiFailure>> {
    if (!isKeyOfBefore) return ok();
    const current = await enrolledKey(this.#db, cabinetId);
    return current?.equals(key) === true ? ok() : denied('the signature does not fit');
  }

  /** `unauthenticated` for a repeat, as far as it is known now; uses nothing up. */
  async isFresh(claim: CheckedClaim): Promise<Result<void, ApiFailure>> {
    const isUsed = claim.isUsed ?? (await this.#known.do(claim)).isUsed;
    return isUsed ? denied('this request was sent before') : ok();
  }

  /**
   * Uses the nonce up, while the key is the cabinet's: `unauthenticated` for a repeat, and for a key that was replaced since
   * the headers were read. To be called once all else has been checked.
   */
  async admit(claim: CheckedClaim): Promise<Result<Signer, ApiFailure>> {
    const { cabinetId, timestampMs, key } = claim;
    if (!(await this.#firstSight(claim)))
      return denied('this request was sent before, or its key was replaced');
    return ok({ cabinetId, signedAtMs: timestampMs, key });
  }

  #keyFrom(publicKey: string | null): KeyObject | null {
    const key = publicKey === null ? null : (this.#keys.get(publicKey) ?? keyFrom(publicKey));
    if (publicKey === null || key === null) return null;
    this.#keys.delete(publicKey);
    this.#keys.set(publicKey, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > rateKeysMax && oldest !== undefined) this.#keys.delete(oldest);
    return key;
  }

  async #isSigned(claim: CheckedClaim, bodySha256Hex: string): Promise<boolean> {
    const { cabinetId, timestampMs, nonce, signature, key, head } = claim;
    const { method, path } = head;
    const text = textToSign({ method, path, cabinetId, timestampMs, nonce, bodySha256Hex });
    return this.#signatures.verify(text, key, signature);
  }

  async #firstSight(claim: CheckedClaim): Promise<boolean> {
    const monotonicMs = this.#clock.monotonicMs();
    if (monotonicMs >= this.#purgeAtMs) {
      this.#purgeAtMs = monotonicMs + noncePurgeEveryMs;
      await this.#db.delete(nonceTable).where(lt(nonceTable.expiresAtMs, this.#clock.nowMs()));
    }
    return this.#firstSights.do(claim);
  }
}

/** In one statement for all of them, whose text is the same however many there are. */
async function knownOf(db: Db, claims: readonly Claim[]): Promise<Known[]> {
  const asked = claims.map(({ cabinetId, nonce }, n) => ({ n, cabinet_id: cabinetId, nonce }));
  const rowsAsked = sql`json_to_recordset(${JSON.stringify(asked)}::json)
    as r(n int, cabinet_id text, nonce text)`;
  const known = sql`(
    select s.n, c.public_key, exists (
      select 1 from nonce u where u.cabinet_id = s.cabinet_id and u.nonce = s.nonce) as is_used
    from ${fewRows(rowsAsked, 'cabinet_id', 's')}
    left join cabinet c on c.cabinet_id = s.cabinet_id
  ) known`;
  const rows = await db
    .select({
      n: sql`known.n`.mapWith(Number),
      publicKey: sql<string | null>`known.public_key`,
      isUsed: sql<boolean>`known.is_used`,
    })
    .from(known)
    .prepare('kaimen_known_claims')
    .execute();
  const byPlace = new Map(rows.map(({ n, ...row }) => [n, row]));
  return claims.map((_, n) => byPlace.get(n) ?? { publicKey: null, isUsed: false });
}

/** Uses up the nonces of those whose key is their cabinet's; whether each was the first. No two of them are the same. */
async function useUp(db: Db, claims: readonly CheckedClaim[]): Promise<boolean[]> {
  const rows = claims.map(({ cabinetId, nonce, timestampMs, key }) => ({
    cabinet_id: cabinetId,
    nonce,
    // Twice the allowance: our own clock may be set back a little after the purge.
    expires_at_ms: timestampMs + 2 * clockSkewMaxMs,
    public_key: rawPublicKey(key),
  }));
  // In one order in all instances, so that two with copies of the same requests do not wait for each other.
  const first = sql`
    insert into nonce (cabinet_id, nonce, expires_at_ms)
    select s.cabinet_id, s.nonce, s.expires_at_ms
    from ${fewRows(
      sql`json_to_recordset(${JSON.stringify(rows)}::json)
        as r(cabinet_id text, nonce text, expires_at_ms bigint, public_key text)`,
      'cabinet_id',
      's',
    )}
    join cabinet c on c.cabinet_id = s.cabinet_id and c.public_key = s.public_key
    order by s.cabinet_id, s.nonce
    on conflict do nothing
    returning cabinet_id, nonce`;
  const used = await writeNamed(db, {
    name: 'kaimen_use_nonces',
    parts: [['used', first]],
    from: sql`used`,
    columns: { cabinetId: 'cabinet_id', nonce: 'nonce' },
  });
  const firsts = new Set(used.map(({ cabinetId, nonce }) => `${cabinetId} ${nonce}`));
  return claims.map(({ cabinetId, nonce }) => firsts.has(`${cabinetId} ${nonce}`));
}

/**
 * A transaction that writes what belongs to a machine. The key is still its cabinet's, and stays so until the end of it: who
 * enrols another one waits, and ends what was written. `unauthenticated`, and nothing is done, for a key that was replaced
 * after the request was taken. The cabinet's row is locked before all others, as in an enrolment: so neither waits for the
 * other in a circle.
 */
export async function whileKeyHolds<T>(
  db: Db,
  signer: Pick<Signer, 'cabinetId' | 'key'>,
  work: (tx: Db) => Promise<Result<T, ApiFailure>>,
): Promise<Result<T, ApiFailure>> {
  return db.transaction(async (tx) =>
    (await holdsKey(tx, signer)) ? work(tx) : denied('the key was replaced'),
  );
}

async function holdsKey(tx: Db, { cabinetId, key }: Pick<Signer, 'cabinetId' | 'key'>): Promise<boolean> {
  if (key === null) return false;
  const isHeld = and(eq(cabinet.cabinetId, cabinetId), eq(cabinet.publicKey, rawPublicKey(key)));
  const held = await tx.select({ cabinetId: cabinet.cabinetId }).from(cabinet).where(isHeld).for('share');
  return held.length > 0;
}

/** The key that this cabinet has enrolled; null when it has none, or is not known. */
export async function enrolledKey(db: Db, cabinetId: string): Promise<KeyObject | null> {
  const [row] = await db
    .select({ publicKey: cabinet.publicKey })
    .from(cabinet)
    .where(eq(cabinet.cabinetId, cabinetId));
  return keyFrom(row?.publicKey ?? null);
}

function keyFrom(publicKey: string | null): KeyObject | null {
  return publicKey === null ? null : publicKeyFromRaw(publicKey);
}

/** Which cabinets have a key enrolled: the number of them that is remembered is bounded. */
export async function enrolledCabinets(db: Db): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ cabinetId: cabinet.cabinetId })
    .from(cabinet)
    .where(isNotNull(cabinet.publicKey))
    .limit(rateKeysMax);
  return new Set(rows.map(({ cabinetId }) => cabinetId));
}
