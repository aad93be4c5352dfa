/** The shopper's page: who is signed in on a phone, and by which one-time links. */
export const phoneSignIn = {
  version: 54,
  name: 'phone_sign_in',
  statements: [
    `alter table member add column language text check (language in ('zh', 'en'))`,
    `create table member_link (
       token_hash text primary key,
       member_id text not null references member,
       made_by text not null,
       made_at_ms bigint not null,
       ends_at_ms bigint not null,
       browser_hash text,
       used_at_ms bigint
     )`,
    `create index member_link_member on member_link (member_id, made_at_ms)`,
    `create index member_link_ends on member_link (ends_at_ms)`,
    `create table phone_session (
       token_hash text primary key,
       member_id text not null references member,
       began_at_ms bigint not null,
       seen_at_ms bigint not null,
       ended_at_ms bigint
     )`,
    `create index phone_session_member on phone_session (member_id, began_at_ms)`,
    `create index phone_session_seen on phone_session (seen_at_ms)`,
  ],
} as const;

/** Where a cabinet stands, in words and on the map. */
export const cabinetPlaces = {
  version: 55,
  name: 'cabinet_places',
  statements: [
    'alter table cabinet add column place text',
    'alter table cabinet add column latitude double precision check (latitude between -90 and 90)',
    'alter table cabinet add column longitude double precision check (longitude between -180 and 180)',
    `alter table cabinet add constraint cabinet_position check ((latitude is null) = (longitude is null))`,
  ],
} as const;

/** What a member writes and shows of a purchase that they report by phone. */
export const phoneReports = {
  version: 56,
  name: 'phone_reports',
  statements: [
    `create table phone_report (
       dispute_id text primary key,
       charge_id text not null references charge,
       member_id text not null,
       body text not null,
       reason text not null,
       at_ms bigint not null
     )`,
    `create index phone_report_charge on phone_report (charge_id)`,
    `create index phone_report_member on phone_report (member_id, at_ms)`,
    `create table report_photo (
       photo_id bigserial primary key,
       charge_id text not null references charge,
       member_id text not null,
       content_type text not null check (content_type in ('image/jpeg', 'image/png', 'image/webp')),
       bytes bytea not null,
       hash text not null,
       at_ms bigint not null,
       unique (charge_id, hash)
     )`,
    `create index report_photo_member on report_photo (member_id, at_ms)`,
    `create index report_photo_at on report_photo (at_ms)`,
  ],
} as const;
