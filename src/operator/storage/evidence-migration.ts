/** What cabinets tell of their shelves, visit by visit. */
export const evidence = {
  version: 65,
  name: 'evidence',
  statements: [
    `create table evidence_part (
       cabinet_id text not null,
       visit_id text not null,
       part integer not null check (part >= 0),
       charge_id text not null,
       why text not null check (why in ('flagged', 'disputed')),
       is_last boolean not null,
       dropped integer not null,
       events text not null,
       received_at_ms bigint not null,
       primary key (cabinet_id, visit_id, part)
     )`,
    `create index evidence_part_at on evidence_part (received_at_ms)`,
    `create index evidence_part_charge on evidence_part (charge_id)`,
  ],
} as const;
