/** Who opens service mode at cabinets (fleet/cabinet-staff.ts), and the one-time codes of each. */
export const cabinetStaffTables = {
  version: 64,
  name: 'cabinet_staff',
  statements: [
    `create table cabinet_staff (
       staff_no text primary key,
       name text not null,
       role text not null check (role in ('restocker', 'technician', 'administrator')),
       cabinets text,
       is_active boolean not null,
       pin_hash text,
       duress_hash text,
       pin_version integer not null,
       changed_at_ms bigint not null,
       check ((pin_hash is null) = (duress_hash is null)),
       check (is_active or pin_hash is null)
     )`,
    `create table cabinet_staff_version (
       id integer primary key check (id = 1),
       version bigint not null
     )`,
    `create table cabinet_service_key (
       cabinet_id text primary key,
       code_key text not null,
       code_serial integer not null check (code_serial >= 0)
     )`,
  ],
} as const;
