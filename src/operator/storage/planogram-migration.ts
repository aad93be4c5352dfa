/** What is to stand in each cabinet, each change a row. */
export const planograms = {
  version: 69,
  name: 'planograms',
  statements: [
    `create table planogram (
       cabinet_id text not null,
       version bigint not null,
       slots text not null,
       made_by text not null,
       made_at_ms bigint not null,
       primary key (cabinet_id, version)
     )`,
  ],
} as const;
