import { sql } from 'drizzle-orm';
import type { ServiceRole } from '../../shared/model/service.ts';
import { staffListOf } from '../../operator/fleet/cabinet-staff.ts';
import { Passwords } from '../../operator/staff/password.ts';
import { StaffKeys } from '../../operator/staff/seal.ts';
import { cabinetStaff, cabinetStaffVersion } from '../../operator/storage/schema.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { makeServiceCode } from '../../shared/node/service-code.ts';
import type { Clock } from '../../shared/clock.ts';

const passwords = new Passwords();

/** Somebody works at all cabinets from now on, as if a console's administrator had said so; `pin` null: none yet. */
export async function putCabinetStaff(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  staff: {
    readonly staffNo: string;
    readonly role: ServiceRole;
    readonly pin: string | null;
    readonly duressPin?: string;
    readonly isActive?: boolean;
  },
): Promise<void> {
  const { staffNo, role, pin, duressPin = '90215574', isActive = true } = staff;
  const hashes = {
    pinHash: pin === null ? null : await passwords.hash(pin),
    duressHash: pin === null ? null : await passwords.hash(duressPin),
  };
  const row = { name: `No. ${staffNo}`, role, cabinets: null, isActive, ...hashes, pinVersion: 1 };
  const set = { ...row, changedAtMs: clock.nowMs() };
  await db
    .insert(cabinetStaff)
    .values({ staffNo, ...set })
    .onConflictDoUpdate({ target: cabinetStaff.staffNo, set });
  await db
    .insert(cabinetStaffVersion)
    .values({ id: 1, version: 2 })
    .onConflictDoUpdate({
      target: cabinetStaffVersion.id,
      set: { version: sql`${cabinetStaffVersion.version} + 1` },
    });
}

/** A one-time code as the operator issues it, where nobody has made the operator seal its keys. */
export async function serviceCodeFor(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  { cabinetId, staffNo, serial }: { cabinetId: string; staffNo: string; serial: number },
): Promise<string> {
  const told = await staffListOf({ db, clock, keys: new StaffKeys(null) }, cabinetId);
  if (told === null) throw new Error('no key');
  const lastDay = Math.floor(clock.nowMs() / 86_400_000) + 1;
  return makeServiceCode({ codeKey: told.codeKey, cabinetId, staffNo }, { serial, lastDay });
}
