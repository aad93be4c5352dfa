/**
 * Numbered, forward only, applied in order in one transaction at the start. A migration that has shipped is never
 * edited; a change is a new one at the end.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const first: Migration = {
  version: 1,
  name: 'first',
  statements: [
    `create table cabinet (
       cabinet_id text primary key,
       token_hash text not null,
       token_open boolean not null,
       public_key text,
       enrolled_at_ms bigint)`,
    `create table nonce (
       cabinet_id text not null references cabinet,
       nonce text not null,
       expires_at_ms bigint not null,
       primary key (cabinet_id, nonce))`,
    `create index nonce_expires on nonce (expires_at_ms)`,
    `create table member (
       member_id text primary key,
       display text not null,
       standing text not null check (standing in ('active', 'suspended')),
       owed_elsewhere_minor integer not null check (owed_elsewhere_minor >= 0),
       note text not null)`,
    `create table member_code_use (
       nonce text primary key,
       member_id text not null,
       cabinet_id text not null references cabinet,
       visit_id text not null,
       allowed boolean not null,
       reply text not null,
       at_ms bigint not null)`,
    `create index member_code_use_visit on member_code_use (visit_id)`,
    `create table charge (
       charge_id text primary key,
       cabinet_id text not null references cabinet,
       visit_id text not null,
       member_id text not null,
       currency text not null,
       total_minor integer not null check (total_minor >= 0),
       state text not null check (state in ('accepted', 'paid', 'collecting', 'needs_attention')),
       reason text,
       review boolean not null,
       body text not null,
       body_hash text not null,
       received_count integer not null check (received_count >= 1),
       first_at_ms bigint not null,
       paid_at_ms bigint,
       next_attempt_at_ms bigint,
       in_doubt boolean not null,
       retry_count integer not null,
       check ((state = 'paid') = (paid_at_ms is not null)),
       check ((state in ('accepted', 'collecting')) = (next_attempt_at_ms is not null)))`,
    `create index charge_due on charge (next_attempt_at_ms) where next_attempt_at_ms is not null`,
    `create index charge_visit on charge (visit_id)`,
    `create index charge_member_unpaid on charge (member_id) where state = 'collecting'`,
    `create index charge_first_at on charge (first_at_ms)`,
    `create table charge_event (
       id bigserial primary key,
       charge_id text not null references charge,
       at_ms bigint not null,
       kind text not null,
       detail text not null)`,
    `create index charge_event_charge on charge_event (charge_id)`,
    // The history of money is only ever added to, whoever holds the connection.
    `create function refuse_change() returns trigger language plpgsql as
       $$ begin raise exception '% is append-only', tg_table_name; end $$`,
    `create trigger charge_event_append_only before update or delete or truncate on charge_event
       for each statement execute function refuse_change()`,
    `create table provider_attempt (
       id bigserial primary key,
       charge_id text not null references charge,
       kind text not null check (kind in ('charge', 'query')),
       started_at_ms bigint not null,
       ended_at_ms bigint,
       outcome text)`,
    `create index provider_attempt_charge on provider_attempt (charge_id)`,
    `create table alarm (
       id bigserial primary key,
       cabinet_id text not null references cabinet,
       kind text not null,
       visit_id text,
       at_ms bigint not null,
       received_at_ms bigint not null,
       detail text not null,
       unique (cabinet_id, kind, at_ms))`,
    `create table incident (
       id bigserial primary key,
       at_ms bigint not null,
       kind text not null,
       cabinet_id text not null,
       charge_id text,
       detail text not null)`,
    `create table fake_order (
       charge_id text primary key,
       member_id text not null,
       amount_minor integer not null,
       currency text not null,
       debit_count integer not null,
       at_ms bigint not null)`,
  ],
};

/** What the shopper says is wrong, and what it does to the amount: only ever downward. */
const disputes: Migration = {
  version: 2,
  name: 'disputes',
  statements: [
    // Without a reference to charge: a dispute may arrive before the charge that it is about.
    `create table dispute (
       dispute_id text primary key,
       charge_id text not null,
       cabinet_id text not null references cabinet,
       body text not null,
       body_hash text not null,
       at_ms bigint not null,
       received_at_ms bigint not null)`,
    `create index dispute_charge on dispute (charge_id)`,
    `create trigger dispute_append_only before update or delete or truncate on dispute
       for each statement execute function refuse_change()`,
    `alter table charge add column disputed_minor integer not null default 0
       check (disputed_minor between 0 and total_minor)`,
    `alter table charge add column asked_minor integer`,
    `alter table charge add column paid_minor integer`,
    `update charge set paid_minor = total_minor where state = 'paid'`,
    `update charge set asked_minor = total_minor where in_doubt`,
    `alter table charge add check ((state = 'paid') = (paid_minor is not null))`,
    `alter table charge add check (not in_doubt or asked_minor is not null)`,
    `create function disputed_never_falls() returns trigger language plpgsql as
       $$ begin
         if new.disputed_minor < old.disputed_minor then raise exception 'what is disputed never falls'; end if;
         return new;
       end $$`,
    `create trigger charge_disputed before update of disputed_minor on charge
       for each row execute function disputed_never_falls()`,
  ],
};

/** Who has scanned a cabinet's own code. */
const claims: Migration = {
  version: 3,
  name: 'claims',
  statements: [
    `create table cabinet_claim (
       cabinet_id text not null references cabinet,
       showing text not null,
       member_id text not null,
       code text not null,
       code_nonce text not null unique,
       expires_at_ms bigint not null,
       primary key (cabinet_id, showing))`,
    `create index cabinet_claim_expires on cabinet_claim (expires_at_ms)`,
  ],
};

/** How many people's faces each cabinet keeps, by its last report. */
const faceCounts: Migration = {
  version: 4,
  name: 'face_counts',
  statements: [
    `create table face_count (
       cabinet_id text primary key references cabinet,
       enrolled integer not null check (enrolled >= 0),
       signed_at_ms bigint not null,
       received_at_ms bigint not null)`,
  ],
};

/** "My purchases": the newest of one member. */
const purchases: Migration = {
  version: 5,
  name: 'purchases',
  statements: ['create index charge_member on charge (member_id, first_at_ms)'],
};

export const migrations: readonly Migration[] = [first, disputes, claims, faceCounts, purchases];
