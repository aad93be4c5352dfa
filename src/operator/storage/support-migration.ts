/** What cabinets say of their health when somebody of their staff asks for help. */
export const supportBundles = {
  version: 70,
  name: 'support_bundles',
  statements: [
    `create table support_bundle (
       cabinet_id text not null,
       name text not null,
       form integer not null,
       byte_count integer not null check (byte_count > 0),
       sealed text not null,
       received_at_ms bigint not null,
       primary key (cabinet_id, name)
     )`,
    `create index support_bundle_at on support_bundle (received_at_ms)`,
  ],
} as const;
