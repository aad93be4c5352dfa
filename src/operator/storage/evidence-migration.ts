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

/** Visits whose evidence a cabinet is asked for. */
export const evidenceWishes = {
  version: 80,
  name: 'evidence wishes',
  statements: [
    `create table evidence_wish (
       cabinet_id text not null,
       visit_id text not null,
       version bigint not null,
       asked_at_ms bigint not null,
       missing text,
       missing_at_ms bigint,
       primary key (cabinet_id, visit_id),
       check ((missing is null) = (missing_at_ms is null))
     )`,
    `create index evidence_wish_at on evidence_wish (asked_at_ms)`,
  ],
} as const;
