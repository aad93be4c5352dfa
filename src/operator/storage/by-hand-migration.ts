/** Charges that people have made because none came from a cabinet (charges/charge-by-hand.ts), and since when prices are served. */
export const chargesByHand = {
  version: 57,
  name: 'charges_by_hand',
  statements: [
    `create table charge_by_hand (
       charge_id text primary key references charge,
       cabinet_id text not null,
       visit_id text not null,
       actor text not null,
       reason text not null,
       made_at_ms bigint not null,
       original_hash text,
       original_body text,
       original_at_ms bigint,
       unique (cabinet_id, visit_id),
       check (num_nulls(original_hash, original_body, original_at_ms) in (0, 3))
     )`,
    // Null: from before that was noted.
    `alter table catalog_price add column since_ms bigint`,
    `alter table member_notice drop constraint member_notice_kind_check`,
    `alter table member_notice add constraint member_notice_kind_check check (kind in
       ('face_enrolled', 'face_withdrawn', 'face_unconfirmed', 'charged_by_face', 'charged_by_hand', 'debt',
       'debt_reminder'))`,
  ],
} as const;
