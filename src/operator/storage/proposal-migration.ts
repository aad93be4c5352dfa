/** Acts of the console that wait for a second person. */
export const proposals = {
  version: 53,
  name: 'proposals',
  statements: [
    `create table staff_proposal (
       proposal_id bigserial primary key,
       account_id text not null references staff_account,
       actor text not null,
       act text not null,
       reason text not null,
       version text not null,
       before text not null,
       after text not null,
       stake_minor bigint not null,
       state text not null check (state in ('open', 'done', 'refused')),
       made_at_ms bigint not null,
       ends_at_ms bigint not null
     )`,
    `create index staff_proposal_open on staff_proposal (ends_at_ms) where state = 'open'`,
  ],
} as const;
