/** Promotions: each change all of them anew; what each cabinet was told of them; what they took off the lines of a charge. */
export const promotionTables = {
  version: 73,
  name: 'promotions',
  statements: [
    `create table promotion_version (
       version bigint primary key,
       promotions text not null,
       currency text not null,
       time_zone text not null,
       made_by text not null,
       made_at_ms bigint not null
     )`,
    `create table promotion_told (
       cabinet_id text not null,
       version bigint not null,
       first_at_ms bigint not null,
       last_at_ms bigint not null,
       primary key (cabinet_id, version)
     )`,
    `alter table charge_line add column discounts text`,
    `alter table cabinet_in_force add column promotions bigint`,
  ],
} as const;
