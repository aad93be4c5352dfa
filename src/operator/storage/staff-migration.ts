/** People who work for the operator: accounts, sessions, and what they have done (staff/). */
export const staff = {
  version: 51,
  name: 'staff',
  statements: [
    `create table staff_account (
       account_id text primary key,
       name text unique,
       role text not null check (role in ('support', 'finance', 'admin', 'auditor')),
       state text not null check (state in ('invited', 'active', 'disabled')),
       password_hash text,
       totp_secret text,
       totp_used_step bigint not null,
       token_hash text unique,
       token_ends_at_ms bigint,
       token_totp_secret text,
       made_at_ms bigint not null,
       check ((state = 'active') = (password_hash is not null and totp_secret is not null)),
       check (state <> 'active' or name is not null),
       check ((token_hash is null) = (token_ends_at_ms is null)),
       check ((token_hash is null) = (token_totp_secret is null))
     )`,
    `create table staff_recovery_code (
       account_id text not null references staff_account,
       code_hash text not null,
       primary key (account_id, code_hash)
     )`,
    `create table staff_session (
       token_hash text primary key,
       account_id text not null references staff_account,
       device_hash text not null,
       began_at_ms bigint not null,
       seen_at_ms bigint not null,
       ended_at_ms bigint
     )`,
    `create index staff_session_account on staff_session (account_id, began_at_ms)`,
    `create index staff_session_device on staff_session (device_hash)`,
    `create index staff_session_seen on staff_session (seen_at_ms)`,
    `create table staff_act (
       id bigserial primary key,
       at_ms bigint not null,
       account_id text not null references staff_account,
       actor text not null,
       act text not null,
       subject text not null,
       reason text not null,
       before text not null,
       after text not null,
       agreed_by text references staff_account,
       seq integer not null unique,
       seal text not null,
       check (agreed_by <> account_id)
     )`,
    `create index staff_act_subject on staff_act (subject, id)`,
    `create index staff_act_account on staff_act (account_id, id)`,
    `create trigger staff_act_append_only before update or delete or truncate on staff_act
       for each statement execute function refuse_change()`,
  ],
} as const;
