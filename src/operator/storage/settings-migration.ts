/** How each cabinet is, by its own word. */
export const cabinetStates = {
  version: 79,
  name: 'cabinet_states',
  statements: [
    `create table cabinet_state (
       cabinet_id text primary key,
       body text not null,
       signed_at_ms bigint not null,
       received_at_ms bigint not null
     )`,
  ],
} as const;

/** What the settings of each cabinet are to be, each change a row; and what each says of them. */
export const cabinetSettingsTables = {
  version: 75,
  name: 'cabinet settings',
  statements: [
    `create table cabinet_settings (
       cabinet_id text not null,
       version bigint not null,
       seen_version bigint not null,
       changes text not null,
       made_by text not null,
       made_at_ms bigint not null,
       primary key (cabinet_id, version)
     )`,
    `create index cabinet_settings_version on cabinet_settings (version)`,
    `create table cabinet_settings_report (
       cabinet_id text primary key,
       body text not null,
       signed_at_ms bigint not null,
       received_at_ms bigint not null
     )`,
  ],
} as const;
