import { bigint, boolean, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { serviceRoles } from '../../shared/model/service.ts';

/** Who opens service mode at cabinets (fleet/cabinet-staff.ts), beside the tables of schema.ts. */
export const cabinetStaff = pgTable('cabinet_staff', {
  staffNo: text('staff_no').primaryKey(),
  name: text('name').notNull(),
  role: text('role', { enum: serviceRoles }).notNull(),
  /** Ids (JSON); null: all cabinets. */
  cabinets: text('cabinets'),
  /** False: they have left. The number stays, for records name it. */
  isActive: boolean('is_active').notNull(),
  /** PHC string of argon2id; null: none was given. */
  pinHash: text('pin_hash'),
  duressHash: text('duress_hash'),
  /** Rises with each PIN that is given, or taken. */
  pinVersion: integer('pin_version').notNull(),
  changedAtMs: bigint('changed_at_ms', { mode: 'number' }).notNull(),
});

/** The version of all lists: seconds since the epoch where that is more, so that it rises over a database that was put back, too. */
export const cabinetStaffVersion = pgTable('cabinet_staff_version', {
  id: integer('id').primaryKey(),
  version: bigint('version', { mode: 'number' }).notNull(),
});

/** By which a cabinet's one-time codes are sealed, and the number of the last one that was issued. */
export const cabinetServiceKey = pgTable('cabinet_service_key', {
  cabinetId: text('cabinet_id').primaryKey(),
  /** Sealed (staff/seal.ts). */
  codeKey: text('code_key').notNull(),
  codeSerial: integer('code_serial').notNull(),
});
