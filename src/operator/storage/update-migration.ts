/** What cabinets are to run, and what they say that they run. */
export const updates = {
  version: 67,
  name: 'updates',
  statements: [
    `create table update_order (
       version integer primary key check (version > 0),
       cabinet_id text,
       body text not null
     )`,
    `create index update_order_cabinet on update_order (cabinet_id, version)`,
    `create table update_report (
       cabinet_id text primary key,
       running text not null,
       wanted text,
       state text not null,
       detail text not null,
       failures integer not null,
       signed_at_ms bigint not null,
       received_at_ms bigint not null
     )`,
  ],
} as const;

/** What each cabinet says that is in force there. */
export const inForce = {
  version: 72,
  name: 'in_force',
  statements: [
    `create table cabinet_in_force (
       cabinet_id text primary key,
       app text,
       catalog text,
       offline_policy bigint,
       cabinet_staff bigint,
       update_order integer,
       signed_at_ms bigint not null,
       received_at_ms bigint not null
     )`,
  ],
} as const;

/** Of how much use devices are with what runs, as cabinets say. */
export const usefulness = {
  version: 76,
  name: 'usefulness',
  statements: [`alter table update_report add column usefulness text`],
} as const;
