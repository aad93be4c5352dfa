import { randomBytes, randomInt } from 'node:crypto';
import { asc, eq, sql } from 'drizzle-orm';
import { faultOfPin } from '../../core/service/pin-rules.ts';
import type { CabinetStaffMember } from '../../shared/console/cabinet-staff.schema.ts';
import { assert } from '../../shared/assert.ts';
import { type ServiceRole, pinLength, staffCountMax, staffListLifeMs } from '../../shared/model/service.ts';
import { type StaffList, staffListSchema } from '../../shared/model/service.schema.ts';
import { makeServiceCode, serialMax } from '../../shared/node/service-code.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import type { Administrator } from '../staff/accounts.ts';
import { recordAct } from '../staff/act-log.ts';
import type { Passwords } from '../staff/password.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { hasChanged, seenVersionOf } from '../staff/seen-version.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import { cabinet, cabinetServiceKey, cabinetStaff, cabinetStaffVersion } from '../storage/schema.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import type { Db } from '../storage/storage.ts';

const dayMs = 86_400_000;
/** A one-time code is good to the end of the day after the one on which it was issued (UTC). */
const codeDays = 1;
/**
 * Of the PINs that are given. The pad lets nobody try forty a day; but whoever has stolen one cabinet, or its key, has the hash of
 * a PIN that opens all others, and tries as fast as they like: at 32 ms a try 8 digits were 37 days of one core, 12 are a
 * thousand years of it (ADR 0196).
 */
const pinDigits = pinLength.max;

export interface CabinetStaffParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
  readonly passwords: Passwords;
}

interface Said {
  readonly staffNo: string;
  readonly reason: string;
  /** Of the row as it was seen; null: there was none. Left out where nothing of it is overwritten. */
  readonly version?: string | null;
}
type Row = typeof cabinetStaff.$inferSelect;

export async function listCabinetStaff(db: Db): Promise<CabinetStaffMember[]> {
  const rows = await db.select().from(cabinetStaff).orderBy(asc(cabinetStaff.staffNo));
  return rows.map((row) => {
    const { staffNo, name, role, cabinets, isActive, pinHash, changedAtMs } = row;
    const said = { staffNo, name, role, cabinets: cabinetsOf(cabinets), isActive, changedAtMs };
    return { ...said, hasPin: pinHash !== null, version: versionOfRow(row) };
  });
}

/** A PIN that somebody sets at a cabinet is not known here: `pinVersion` is of those that are given. */
function versionOfRow({ name, role, cabinets, isActive, pinVersion }: Row): string {
  return seenVersionOf(JSON.stringify([name, role, cabinets, isActive, pinVersion]));
}

/** Adds somebody, brings them back, or changes name, role and cabinets. Of a new role the PIN stays. */
export async function setCabinetStaff(
  parts: CabinetStaffParts,
  actor: Administrator,
  said: Said & { readonly name: string; readonly role: ServiceRole; readonly cabinets: string[] | null },
): Promise<Result<void, ConsoleFailure>> {
  const { staffNo, name, role, cabinets } = said;
  return changing(parts, actor, said, 'cabinet_staff_set', async (tx, before) => {
    if (before?.isActive !== true) {
      const active = await tx.$count(cabinetStaff, eq(cabinetStaff.isActive, true));
      if (active >= staffCountMax) return fail('conflict', `more than ${staffCountMax} work at no fleet`);
    }
    const set = { name, role, cabinets: cabinets && JSON.stringify(cabinets), isActive: true };
    const changed = { ...set, changedAtMs: parts.clock.nowMs() };
    await tx
      .insert(cabinetStaff)
      .values({ staffNo, ...changed, pinVersion: 0 })
      .onConflictDoUpdate({ target: cabinetStaff.staffNo, set: changed });
    return ok({ value: undefined, after: { name, role, cabinets } });
  });
}

/** They have left: within minutes no cabinet that has a network lets them in, and none without one after the list's end. */
export async function removeCabinetStaff(
  parts: CabinetStaffParts,
  actor: Administrator,
  said: Said,
): Promise<Result<void, ConsoleFailure>> {
  return changing(parts, actor, said, 'cabinet_staff_remove', async (tx, before) => {
    if (before === undefined) return noSuch;
    const { staffNo, pinVersion } = before;
    const gone = { isActive: false, pinHash: null, duressHash: null, pinVersion: pinVersion + 1 };
    await tx
      .update(cabinetStaff)
      .set({ ...gone, changedAtMs: parts.clock.nowMs() })
      .where(eq(cabinetStaff.staffNo, staffNo));
    return ok({ value: undefined, after: { isActive: false } });
  });
}

/** A new PIN by chance, and the one to type under duress. Said once; what was set at a cabinet counts no more. */
export async function givePin(
  parts: CabinetStaffParts,
  actor: Administrator,
  said: Said,
): Promise<Result<{ pin: string; duressPin: string }, ConsoleFailure>> {
  const pin = newPin(said.staffNo, null);
  const duressPin = newPin(said.staffNo, pin);
  const [pinHash, duressHash] = [await parts.passwords.hash(pin), await parts.passwords.hash(duressPin)];
  return changing(parts, actor, said, 'cabinet_staff_pin', async (tx, before) => {
    if (before?.isActive !== true) return noSuch;
    const pinVersion = before.pinVersion + 1;
    await tx
      .update(cabinetStaff)
      .set({ pinHash, duressHash, pinVersion, changedAtMs: parts.clock.nowMs() })
      .where(eq(cabinetStaff.staffNo, before.staffNo));
    // Never the PIN itself.
    return ok({ value: { pin, duressPin }, after: { pinVersion } });
  });
}

/** A one-time code by which somebody comes in at one cabinet without a PIN, and sets one there. */
export async function issueServiceCode(
  parts: CabinetStaffParts,
  actor: Administrator,
  said: Said & { readonly cabinetId: string },
): Promise<Result<{ code: string; goodUntilMs: number }, ConsoleFailure>> {
  const { staffNo, cabinetId } = said;
  return changing(parts, actor, said, 'cabinet_service_code', async (tx, before) => {
    if (before === undefined || !worksAt(before, cabinetId)) return noSuch;
    const [known] = await tx.select().from(cabinet).where(eq(cabinet.cabinetId, cabinetId));
    if (known === undefined) return fail('not_found', 'no such cabinet');
    const codeKey = await codeKeyOf(tx, parts.keys, cabinetId);
    if (codeKey === null) return fail('conflict', 'the key of this cabinet was sealed with another secret');
    // Hours since the epoch at least: it rises over a database that was put back, too.
    const hours = Math.floor(parts.clock.nowMs() / 3_600_000);
    const [{ serial } = { serial: 0 }] = await tx
      .update(cabinetServiceKey)
      .set({ codeSerial: sql`greatest(${cabinetServiceKey.codeSerial} + 1, ${hours}::integer)` })
      .where(eq(cabinetServiceKey.cabinetId, cabinetId))
      .returning({ serial: cabinetServiceKey.codeSerial });
    if (serial > serialMax) return fail('conflict', 'no more codes for this cabinet');
    const lastDay = Math.floor(parts.clock.nowMs() / dayMs) + codeDays;
    const code = makeServiceCode({ codeKey, cabinetId, staffNo }, { serial, lastDay });
    const goodUntilMs = (lastDay + 1) * dayMs;
    return ok({ value: { code, goodUntilMs }, after: { cabinetId, serial, goodUntilMs } });
  });
}

/** Who works at this cabinet, as it is told (`staffListSchema`). A new list each day, so that its end moves on. */
export async function staffListOf(
  { db, clock, keys }: Pick<CabinetStaffParts, 'db' | 'clock' | 'keys'>,
  cabinetId: string,
): Promise<StaffList | null> {
  return db.transaction(async (tx) => {
    const codeKey = await codeKeyOf(tx, keys, cabinetId);
    if (codeKey === null) return null;
    const [version] = await tx.select().from(cabinetStaffVersion);
    const rows = await tx.select().from(cabinetStaff).orderBy(asc(cabinetStaff.staffNo));
    const issuedAtMs = Math.floor(clock.nowMs() / dayMs) * dayMs;
    const staff = rows
      .filter((row) => worksAt(row, cabinetId))
      .map(({ staffNo, name, role, pinHash, duressHash, pinVersion }) => ({
        staffNo,
        name,
        role,
        pinHash,
        duressHash,
        pinVersion,
      }));
    const times = { issuedAtMs, expiresAtMs: issuedAtMs + staffListLifeMs };
    return staffListSchema.parse({
      version: version?.version ?? 1,
      ...times,
      cabinetId,
      codeKey,
      staff,
    });
  });
}

/** One change at a time, by somebody who is still here; each is a new version of all lists, and on record. */
async function changing<T>(
  { db, clock, keys }: CabinetStaffParts,
  actor: Administrator,
  { staffNo, reason, version }: Said,
  act: string,
  change: (
    tx: Db,
    before: Row | undefined,
  ) => Promise<Result<{ readonly value: T; readonly after: object }, ConsoleFailure>>,
): Promise<Result<T, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<T, ConsoleFailure>> => {
    await lockOneAtATime(tx, 'cabinetStaff');
    if (!(await isStillHere(tx, actor))) return notHere;
    const [before] = await tx.select().from(cabinetStaff).where(eq(cabinetStaff.staffNo, staffNo));
    const isSeen = version === undefined || version === (before === undefined ? null : versionOfRow(before));
    if (!isSeen) return hasChanged;
    const changed = await change(tx, before);
    if (!changed.ok) return changed;
    const seconds = Math.floor(clock.nowMs() / 1000);
    await tx
      .insert(cabinetStaffVersion)
      .values({ id: 1, version: Math.max(2, seconds) })
      .onConflictDoUpdate({
        target: cabinetStaffVersion.id,
        set: { version: sql`greatest(${cabinetStaffVersion.version} + 1, ${seconds}::bigint)` },
      });
    const was = before && { name: before.name, role: before.role, isActive: before.isActive };
    const { value, after } = changed.value;
    const said = { act, subject: `cabinet_staff:${staffNo}`, reason, before: was ?? null, after };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok(value);
  });
}

/** Made when it is asked for first; null: it was sealed with another secret. */
async function codeKeyOf(tx: Db, keys: StaffKeys, cabinetId: string): Promise<string | null> {
  const of = `service code of ${cabinetId}`;
  const made = keys.seal(randomBytes(32), of);
  await tx
    .insert(cabinetServiceKey)
    .values({ cabinetId, codeKey: made, codeSerial: 0 })
    .onConflictDoNothing();
  const isIt = eq(cabinetServiceKey.cabinetId, cabinetId);
  const [row] = await tx.select().from(cabinetServiceKey).where(isIt);
  assert(row !== undefined, 'the key is there');
  return keys.open(row.codeKey, of)?.toString('base64url') ?? null;
}

function worksAt({ isActive, cabinets }: Row, cabinetId: string): boolean {
  return isActive && (cabinetsOf(cabinets)?.includes(cabinetId) ?? true);
}

function cabinetsOf(cabinets: string | null): string[] | null {
  return cabinets === null ? null : (JSON.parse(cabinets) as string[]);
}

function newPin(staffNo: string, other: string | null): string {
  for (;;) {
    const pin = String(randomInt(10 ** pinDigits)).padStart(pinDigits, '0');
    if (pin !== other && faultOfPin(pin, staffNo) === null) return pin;
  }
}

const noSuch = fail('not_found', 'nobody of this number works there');
