import { cabinetStaffTables } from './cabinet-staff-migration.ts';
import { accountsConfirmed } from './account-migration.ts';
import { catalogVersions, goodsPictures } from './catalog-migration.ts';
import { evidence, evidenceWishes } from './evidence-migration.ts';
import { supportBundles } from './support-migration.ts';
import { consoleIndexes } from './console-migration.ts';
import { cabinetPlaces, phoneReports, phoneSignIn } from './phone-migrations.ts';
import { chargesByHand } from './by-hand-migration.ts';
import { messages, messagesOfVisits } from './message-migration.ts';
import { payers } from './payer-migration.ts';
import { proposals } from './proposal-migration.ts';
import { staff } from './staff-migration.ts';
import { planograms } from './planogram-migration.ts';
import { cabinetStockTables } from './stock-migration.ts';
import { promotionTables } from './promotion-migration.ts';
import { cabinetSettingsTables, cabinetStates } from './settings-migration.ts';
import { inForce, updates, usefulness } from './update-migration.ts';

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

/**
 * What was worked out from other things on each read becomes columns and rows: visits, lines, the member's provider and
 * phone digits. The debit's lease gets a number, and a human's decision about a charge or an incident has a place.
 */
const visitsAndLines: Migration = {
  version: 6,
  name: 'visits_and_lines',
  statements: [
    `create table visit (
       id bigserial primary key,
       cabinet_id text not null references cabinet,
       visit_id text not null,
       member_id text not null,
       purpose text not null check (purpose in ('visit', 'account')),
       entry_method text not null check (entry_method in ('code', 'face')),
       code_nonce text unique,
       allowed boolean not null,
       reply text not null,
       at_ms bigint not null,
       check ((entry_method = 'code') = (code_nonce is not null)))`,
    `create index visit_visit on visit (visit_id)`,
    `create index visit_member on visit (cabinet_id, member_id)`,
    `create unique index visit_face on visit (cabinet_id, visit_id) where entry_method = 'face'`,
    // "My data" was stored as: answered "allowed", and yet not allowed to be charged.
    `insert into visit (cabinet_id, visit_id, member_id, purpose, entry_method, code_nonce, allowed, reply, at_ms)
       select cabinet_id, visit_id, member_id,
         case when not allowed and reply::json ->> 'decision' = 'allowed' then 'account' else 'visit' end,
         case when nonce like 'face:%' then 'face' else 'code' end,
         case when nonce like 'face:%' then null else nonce end,
         reply::json ->> 'decision' = 'allowed', reply, at_ms
       from member_code_use order by at_ms, nonce`,
    `drop table member_code_use`,
    `alter table cabinet_claim rename to qr_sign_in`,
    `alter index cabinet_claim_expires rename to qr_sign_in_expires`,

    `alter table member add column phone_last_digits text check (phone_last_digits ~ '^[0-9]{4}$')`,
    `update member set phone_last_digits = right(display, 4) where display ~ '^1[0-9]{2}[*]{4}[0-9]{4}$'`,
    `alter table member add column provider text not null default 'fake'`,
    `alter table member alter column provider drop default`,

    // JSON functions refuse the escapes of U+0000 and of half a pair of surrogates, which a text from outside may have:
    // for them they are other characters. A whole pair that was sent as escapes is lost in the copy of a name, too; the
    // body stays as it is.
    String.raw`create function readable(body text) returns json language sql as
       $$ select regexp_replace(
            regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ue000', 'g'),
            '(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\1\\ufffd', 'g')::json $$`,
    String.raw`create function unreadable(body text) returns text language sql as
       $$ select regexp_replace(body, '(?<!\\)((?:\\\\)*)\\ue000', '\1\\u0000', 'g') $$`,
    `alter table charge add column provider text`,
    `update charge set provider = 'fake'`,
    `alter table charge add column held_minor bigint not null default 0`,
    `alter table charge add column confirmed_by_shopper boolean`,
    `alter table charge add column review_reasons text`,
    `alter table charge add column opened_at_ms bigint`,
    `alter table charge add column closed_at_ms bigint`,
    `update charge set
       held_minor = (select coalesce(sum((l ->> 'amountMinor')::bigint), 0)
                     from json_array_elements(readable(body) -> 'heldLines') l),
       confirmed_by_shopper = (readable(body) ->> 'confirmedByShopper')::boolean,
       review_reasons = (readable(body) -> 'review')::text,
       opened_at_ms = (readable(body) ->> 'openedAtMs')::bigint,
       closed_at_ms = (readable(body) ->> 'closedAtMs')::bigint`,
    `alter table charge alter column held_minor drop default,
       alter column confirmed_by_shopper set not null, alter column review_reasons set not null,
       alter column opened_at_ms set not null, alter column closed_at_ms set not null`,
    `create table charge_line (
       charge_id text not null references charge,
       held boolean not null,
       position integer not null,
       sku text not null,
       name text not null,
       unit_price_minor integer not null,
       count integer not null,
       amount_minor integer not null,
       primary key (charge_id, held, position))`,
    ...(['lines', 'heldLines'] as const).map(
      (field) =>
        `insert into charge_line
           select charge_id, ${String(field === 'heldLines')}, l.position - 1, l.line ->> 'sku', unreadable((l.line -> 'name')::text),
             (l.line ->> 'unitPriceMinor')::integer, (l.line ->> 'count')::integer, (l.line ->> 'amountMinor')::integer
           from charge, json_array_elements(readable(body) -> '${field}') with ordinality as l(line, position)`,
    ),
    `create trigger charge_line_append_only before update or delete or truncate on charge_line
       for each statement execute function refuse_change()`,
    `create table dispute_line (
       dispute_id text not null references dispute,
       sku text not null,
       primary key (dispute_id, sku))`,
    `insert into dispute_line
       select distinct dispute_id, sku from dispute, json_array_elements_text(readable(body) -> 'skus') as sku`,
    `create trigger dispute_line_append_only before update or delete or truncate on dispute_line
       for each statement execute function refuse_change()`,

    `drop function readable`,
    `drop function unreadable`,

    // Two counts instead of one: a provider that is away and an account that is empty have their own back-off.
    `alter table charge rename column retry_count to unreachable_count`,
    `alter table charge add column decline_count integer not null default 0`,
    `update charge set decline_count = unreachable_count + 1, unreachable_count = 0 where state = 'collecting'`,
    `alter table charge alter column decline_count drop default`,
    `alter table charge add column lease_count integer not null default 0`,
    `alter table charge alter column lease_count drop default`,
    `alter table charge add column approved_minor integer check (approved_minor >= 0)`,
    `alter table charge add column refund_due_minor integer not null default 0`,
    `update charge set refund_due_minor = greatest(paid_minor - (total_minor - disputed_minor), 0)
       where state = 'paid'`,
    `alter table charge alter column refund_due_minor drop default`,
    // What was debited is also known where it was too little, and a human has to look.
    `do $$ declare found text; begin
       for found in select conname from pg_constraint where conrelid = 'charge'::regclass and contype = 'c'
         and pg_get_constraintdef(oid) like '%paid_minor IS NOT NULL%'
       loop execute format('alter table charge drop constraint %I', found); end loop;
     end $$`,
    `alter table charge add check (state <> 'paid' or paid_minor is not null)`,

    `alter table provider_attempt rename to debit_attempt`,
    `alter index provider_attempt_charge rename to debit_attempt_charge`,
    `alter table debit_attempt drop constraint provider_attempt_kind_check`,
    `alter table debit_attempt rename column kind to call`,
    `alter table debit_attempt rename column outcome to state`,
    `update debit_attempt set call = 'debit' where call = 'charge'`,
    `update debit_attempt set state = 'unanswered' where state is null`,
    `alter table debit_attempt alter column state set not null`,
    `alter table debit_attempt add check (call in ('debit', 'query'))`,
    `alter table debit_attempt add column provider text not null default 'fake'`,
    `alter table debit_attempt alter column provider drop default`,
    `alter table debit_attempt add column order_id text`,
    `update debit_attempt set order_id = charge_id`,
    `alter table debit_attempt alter column order_id set not null`,

    `alter table incident add column actor text`,
    `alter table incident add column resolution text`,
    `alter table incident add column resolved_at_ms bigint`,
    `alter table incident add check (num_nulls(actor, resolution, resolved_at_ms) in (0, 3))`,
    `create index incident_open on incident (id) where resolved_at_ms is null`,

    `alter table fake_order add column refunded_minor integer not null default 0`,
    `alter table fake_order alter column refunded_minor drop default`,
    `create table fake_refund (
       refund_id text primary key,
       charge_id text not null,
       amount_minor integer not null)`,
  ],
};

/** Version 6 made the column an integer at first; a database that it has migrated then has one still. */
const heldSums: Migration = {
  version: 7,
  name: 'held_sums',
  statements: [`alter table charge alter column held_minor type bigint`],
};

/**
 * When a number was last sent, so that "not found" can be told from "not yet"; what the provider has debited beside what was
 * paid in all; and calls that come to nothing counted instead of written down each. What is in doubt settles from now on.
 */
const settling: Migration = {
  version: 8,
  name: 'settling',
  statements: [
    `alter table charge add column asked_at_ms bigint`,
    `update charge set asked_at_ms = floor(extract(epoch from clock_timestamp()) * 1000)::bigint where in_doubt`,
    `alter table charge add column debited_minor integer`,
    `update charge set debited_minor = paid_minor
       where exists (select 1 from debit_attempt a where a.charge_id = charge.charge_id and a.state = 'paid')
       and not exists (select 1 from charge_event e where e.charge_id = charge.charge_id and e.kind = 'resolved'
         and e.detail::json ->> 'decision' = 'settled')`,
    // A charge in doubt is asked about until it is known, whatever was decided about it meanwhile.
    `do $$ declare found text; begin
       for found in select conname from pg_constraint where conrelid = 'charge'::regclass and contype = 'c'
         and pg_get_constraintdef(oid) like '%next_attempt_at_ms IS NOT NULL%'
       loop execute format('alter table charge drop constraint %I', found); end loop;
     end $$`,
    `alter table charge add check
       ((state in ('accepted', 'collecting') or in_doubt) = (next_attempt_at_ms is not null))`,
    `do $$ declare found text; begin
       for found in select conname from pg_constraint where conrelid = 'debit_attempt'::regclass and contype = 'c'
         and pg_get_constraintdef(oid) like '%call%'
       loop execute format('alter table debit_attempt drop constraint %I', found); end loop;
     end $$`,
    `alter table debit_attempt add check (call in ('debit', 'query', 'close'))`,
    `alter table debit_attempt add column count integer not null default 1`,
    `alter table debit_attempt alter column count drop default`,
    `alter table fake_order add column closed_at_ms bigint`,
    // Nothing has ever called the fake provider's refunds.
    `alter table fake_order drop column refunded_minor`,
    `drop table fake_refund`,
  ],
};

/** Tokens from before had no end: those that are open get a day from now on. And what the quotas look up. */
const tokenEndsAndQuotas: Migration = {
  version: 9,
  name: 'token_ends_and_quotas',
  statements: [
    `alter table cabinet add column token_ends_at_ms bigint not null default 0`,
    `update cabinet set token_ends_at_ms = (extract(epoch from now()) * 1000)::bigint + 86400000`,
    `create index dispute_cabinet on dispute (cabinet_id, received_at_ms)`,
    `create index incident_cabinet on incident (cabinet_id, kind, at_ms)`,
  ],
};

/** For the quota of alarms. */
const alarmQuota: Migration = {
  version: 10,
  name: 'alarm_quota',
  statements: [`create index alarm_cabinet on alarm (cabinet_id, kind, received_at_ms)`],
};

/** What is compared with a charge: the prices that were served; and what finds a member's and a cabinet's latest quickly. */
const exposure: Migration = {
  version: 11,
  name: 'exposure',
  statements: [
    `create table catalog_price (
       sku text not null,
       currency text not null,
       unit_price_minor integer not null,
       until_ms bigint,
       primary key (sku, currency, unit_price_minor))`,
    `create index visit_member_at on visit (member_id, at_ms)`,
    `create index charge_cabinet_at on charge (cabinet_id, first_at_ms)`,
    `create index charge_member_unsettled on charge (member_id) where state <> 'paid'`,
    `drop index charge_member_unpaid`,
  ],
};

/**
 * Whose face is kept where. Faces that came in within the 90 days after which an unused one is deleted are taken over as
 * `claimed`, by the cabinets' word alone, for 30 days; after that the member enrols anew.
 */
const faceEnrolments: Migration = {
  version: 12,
  name: 'face_enrolments',
  statements: [
    `create table face_enrolment (
       cabinet_id text not null references cabinet,
       enrolment_id text not null,
       member_id text not null,
       standing text not null check (standing in ('verified', 'claimed')),
       code_nonce text unique,
       enrolled_at_ms bigint not null,
       ends_at_ms bigint,
       withdrawn_at_ms bigint,
       primary key (cabinet_id, enrolment_id),
       check ((standing = 'verified') = (code_nonce is not null)),
       check ((standing = 'claimed') = (ends_at_ms is not null)))`,
    `create index face_enrolment_member on face_enrolment (member_id, cabinet_id)`,
    `create index face_enrolment_withdrawn on face_enrolment (withdrawn_at_ms)`,
    `alter table visit add column may_enrol boolean not null default false`,
    `alter table visit add column enrolment_id text`,
    `insert into face_enrolment (cabinet_id, enrolment_id, member_id, standing, enrolled_at_ms, ends_at_ms)
       select cabinet_id, 'claimed-' || member_id, member_id, 'claimed', min(at_ms),
         floor(extract(epoch from now()) * 1000)::bigint + 30::bigint * 86400000
       from visit where entry_method = 'face' and allowed
         and at_ms > floor(extract(epoch from now()) * 1000)::bigint - 90::bigint * 86400000
       group by cabinet_id, member_id`,
  ],
};

/** Keys for member codes that every instance has, and what members are told. */
const keysAndNotices: Migration = {
  version: 13,
  name: 'keys_and_notices',
  statements: [
    `create table member_code_key (
       key_id bigserial primary key,
       private_key text not null,
       made_at_ms bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint)`,
    `create table member_notice (
       id bigserial primary key,
       member_id text not null,
       kind text not null check (kind in ('face_enrolled', 'face_withdrawn', 'charged_by_face', 'debt')),
       ref text not null,
       cabinet_id text not null,
       amount_minor integer,
       currency text,
       at_ms bigint not null,
       unique (member_id, kind, ref),
       check (num_nulls(amount_minor, currency) in (0, 2)))`,
    `create index member_notice_member on member_notice (member_id, id)`,
    `create index member_notice_at on member_notice (at_ms)`,
  ],
};

/** Where each cabinet's record of charges ends, as it tells with its charges. */
const chainEnds: Migration = {
  version: 14,
  name: 'chain_ends',
  statements: [
    `create table chain_end (
       cabinet_id text not null references cabinet,
       seq bigint not null check (seq > 0),
       seal text not null,
       is_acknowledged boolean not null default false,
       signed_at_ms bigint not null,
       primary key (cabinet_id, seq))`,
  ],
};

/** For what is removed when it is old. */
const retention: Migration = {
  version: 15,
  name: 'retention',
  statements: [
    `create index visit_at on visit (at_ms)`,
    `create index alarm_received on alarm (received_at_ms)`,
    `create index incident_resolved on incident (resolved_at_ms) where resolved_at_ms is not null`,
    `create index face_enrolment_ends on face_enrolment (ends_at_ms) where ends_at_ms is not null`,
  ],
};

/** That a face from before is to be enrolled anew. */
const unconfirmedFaces: Migration = {
  version: 16,
  name: 'unconfirmed_faces',
  statements: [
    `alter table member_notice drop constraint member_notice_kind_check`,
    `alter table member_notice add check
       (kind in ('face_enrolled', 'face_withdrawn', 'face_unconfirmed', 'charged_by_face', 'debt'))`,
  ],
};

/** What a human decides about a charge before it arrives; without a foreign key, as its charge may never come. */
const earlyResolutions: Migration = {
  version: 17,
  name: 'early_resolutions',
  statements: [
    `create table early_resolution (
       charge_id text primary key,
       actor text not null,
       decision text not null check (decision in ('waive', 'settled')),
       amount_minor integer not null check (amount_minor >= 0),
       at_ms bigint not null)`,
    `create trigger early_resolution_append_only before update or delete or truncate on early_resolution
       for each statement execute function refuse_change()`,
  ],
};

/** Whether a face that was withdrawn is gone from its cabinet. Of those from before nobody knows: it is asked. */
const deletedFaces: Migration = {
  version: 18,
  name: 'deleted_faces',
  statements: [
    `alter table face_enrolment add column deleted_at_ms bigint`,
    `create index face_enrolment_to_delete on face_enrolment (cabinet_id)
       where withdrawn_at_ms is not null and deleted_at_ms is null`,
  ],
};

/** How charges were put right, as their cabinets are told; before there was a word for it only people decided. */
const resolutions: Migration = {
  version: 19,
  name: 'resolutions',
  statements: [
    `alter table charge add column resolved_how text check (resolved_how in ('debited', 'lines_released',
       'lines_dropped', 'adjusted', 'settled', 'written_off', 'voided', 'refunded'))`,
    `alter table charge add column resolved_by text
       check (resolved_by in ('shopper', 'support', 'provider', 'system'))`,
    `alter table charge add column resolved_at_ms bigint`,
    `alter table charge add check (num_nulls(resolved_how, resolved_by, resolved_at_ms) in (0, 3))`,
    `update charge set resolved_by = 'support', resolved_at_ms = decided.at_ms,
       resolved_how = case when decided.detail like '%"decision":"waive"%' then 'written_off'
         when decided.detail like '%"decision":"settled"%' then 'settled' else 'debited' end
       from (select distinct on (charge_id) charge_id, at_ms, detail from charge_event where kind = 'resolved'
         order by charge_id, id desc) as decided
       where decided.charge_id = charge.charge_id`,
  ],
};

/** The operator's key for its answers, where it is given none. */
const answerKeys: Migration = {
  version: 20,
  name: 'answer_keys',
  statements: [`create table answer_key (key_id bigserial primary key, private_key text not null)`],
};

/**
 * A decision that is made early is about one cabinet's charge; those from before, which name none, are about a visit of
 * before. And a notice is once for each cabinet, because the number that it is about is chosen by a cabinet.
 */
const scopedByCabinet: Migration = {
  version: 21,
  name: 'scoped_by_cabinet',
  statements: [
    `alter table early_resolution add column cabinet_id text not null default ''`,
    `alter table early_resolution add column last_visit_id bigint not null default 0`,
    `alter table early_resolution disable trigger early_resolution_append_only`,
    `update early_resolution e set last_visit_id =
       coalesce((select max(v.id) from visit v where v.at_ms <= e.at_ms), 0)`,
    `alter table early_resolution enable trigger early_resolution_append_only`,
    `alter table early_resolution alter column cabinet_id drop default`,
    `alter table early_resolution alter column last_visit_id drop default`,
    `alter table early_resolution drop constraint early_resolution_pkey`,
    `alter table early_resolution add primary key (charge_id, cabinet_id)`,
    `alter table member_notice drop constraint member_notice_member_id_kind_ref_key`,
    `alter table member_notice add unique (member_id, kind, ref, cabinet_id)`,
  ],
};

/**
 * What is taken back before it comes is remembered until it can come no more. And a decision that names no cabinet is about
 * nobody's charge, whatever visits there were.
 */
const comesInAnyOrder: Migration = {
  version: 22,
  name: 'comes_in_any_order',
  statements: [
    `create table early_withdrawal (
       cabinet_id text not null references cabinet,
       enrolment_id text not null,
       at_ms bigint not null,
       primary key (cabinet_id, enrolment_id))`,
    `create index early_withdrawal_at on early_withdrawal (at_ms)`,
    `alter table early_resolution drop column last_visit_id`,
  ],
};

/** What was reported and nobody has decided about yet: it counts against the member (visits/exposure.ts). */
const contestedSums: Migration = {
  version: 23,
  name: 'contested_sums',
  statements: [
    `alter table charge add column contested_minor integer not null default 0
       check (contested_minor between 0 and disputed_minor)`,
    `update charge set contested_minor = disputed_minor where approved_minor is null`,
    `alter table charge alter column contested_minor drop default`,
    `create index charge_member_contested on charge (member_id) where contested_minor > 0`,
  ],
};

/**
 * Which charges are their member's by more than a cabinet's word. Of those from before: what was or is to be debited, what
 * was held for a reason that is looked for in known visits alone, and of the rest what still has its visit, as its first
 * charge. Visits end after 90 days: what was held longer than that and is known by nothing else counts no more.
 */
const knownVisits: Migration = {
  version: 24,
  name: 'known_visits',
  statements: [
    `alter table charge add column visit_known boolean not null default true`,
    `update charge c set visit_known = false
       where c.state = 'needs_attention' and c.reason in ('system.rejected', 'system.conflict')
         and not exists (select 1 from debit_attempt a where a.charge_id = c.charge_id)
         and (not exists (select 1 from visit v where v.visit_id = c.visit_id and v.cabinet_id = c.cabinet_id
                and v.member_id = c.member_id and v.purpose = 'visit' and v.allowed)
           or exists (select 1 from charge o where o.visit_id = c.visit_id and o.cabinet_id = c.cabinet_id
                and (o.first_at_ms, o.charge_id) < (c.first_at_ms, c.charge_id)))`,
    `alter table charge alter column visit_known drop default`,
  ],
};

/** A word for what is paid back in part; and what staff has left as paid, but for a refund, was paid back. */
const partialRefunds: Migration = {
  version: 25,
  name: 'partial_refunds',
  statements: [
    `alter table charge drop constraint charge_resolved_how_check`,
    `alter table charge add constraint charge_resolved_how_check check (resolved_how in ('debited',
       'lines_released', 'lines_dropped', 'adjusted', 'settled', 'written_off', 'voided', 'refunded',
       'refunded_in_part'))`,
    `update charge set resolved_how =
       case when refund_due_minor < paid_minor then 'refunded_in_part' else 'refunded' end
       where state = 'paid' and resolved_how = 'written_off' and refund_due_minor > 0
         and contested_minor = 0 and not review`,
  ],
};

/** A word for a report that was looked at and is not paid back; and why people decide what they do, also early. */
const deniedDisputes: Migration = {
  version: 26,
  name: 'denied_disputes',
  statements: [
    `alter table charge drop constraint charge_resolved_how_check`,
    `alter table charge add constraint charge_resolved_how_check check (resolved_how in ('debited',
       'lines_released', 'lines_dropped', 'adjusted', 'settled', 'written_off', 'voided', 'refunded',
       'refunded_in_part', 'dispute_denied'))`,
    `alter table early_resolution add column reason text`,
  ],
};

/**
 * How the face of a visit stood when it was let in. Of those from before by the times in its enrolment, as it was judged then.
 * (27 and 28 never were, and must not come: a database at 29 would pass them over.)
 */
const facesOfVisits: Migration = {
  version: 29,
  name: 'faces_of_visits',
  statements: [
    `alter table visit add column face_standing text check (face_standing in ('verified', 'claimed'))`,
    `update visit v set face_standing = (
       select e.standing from face_enrolment e
         where e.cabinet_id = v.cabinet_id and e.member_id = v.member_id
           and e.enrolment_id = coalesce(v.enrolment_id, e.enrolment_id)
           and e.enrolled_at_ms <= v.at_ms
           and (e.withdrawn_at_ms is null or e.withdrawn_at_ms > v.at_ms)
           and (e.ends_at_ms is null or e.ends_at_ms > v.at_ms)
         order by e.standing = 'verified' desc limit 1)
       where v.entry_method = 'face'`,
  ],
};

/** A decision about a charge that is not here yet may be put right by another one, which is kept beside it. */
const laterEarlyDecisions: Migration = {
  version: 30,
  name: 'later_early_decisions',
  statements: [
    `alter table early_resolution drop constraint early_resolution_pkey`,
    `alter table early_resolution add column id bigserial primary key`,
    `create index early_resolution_charge on early_resolution (charge_id)`,
  ],
};

/** What is to be paid back is a number, that a decision can lower. Of those from before it stood in their words. */
const refundsAsNumbers: Migration = {
  version: 31,
  name: 'refunds_as_numbers',
  statements: [
    `alter table incident add column amount_minor integer`,
    `update incident set amount_minor = (
       select least(sum(found[1]::bigint), 2147483647)
         from regexp_matches(detail, 'pay back (\\d{1,10})', 'g') found)
       where kind = 'refund_due'`,
  ],
};

/** Providers that move money: what they know members and orders by, and that some of them go on asking by themselves. */
const realProviders: Migration = {
  version: 32,
  name: 'real_providers',
  statements: [
    `create table provider_account (
       member_id text not null,
       provider text not null,
       account text not null,
       agreement text not null check (agreement in ('asked', 'valid', 'void', 'ended')),
       changed_at_ms bigint not null,
       primary key (member_id, provider)
     )`,
    `create index provider_account_account on provider_account (provider, account)`,
    `create table provider_order (
       order_id text not null,
       provider text not null,
       known text,
       began_at_ms bigint not null,
       changed_at_ms bigint not null,
       primary key (order_id, provider)
     )`,
    `alter table charge add column collected_by_provider boolean not null default false`,
    `alter table debit_attempt drop constraint debit_attempt_call_check`,
    `alter table debit_attempt add check (call in ('debit', 'query', 'close', 'lower'))`,
  ],
};

/** Whether the database was put back, and what its cabinets have not spoken of since. */
const putBack: Migration = {
  version: 33,
  name: 'put_back',
  statements: [
    `create table database_identity (
       only_row boolean primary key default true check (only_row),
       identity text not null
     )`,
    `alter table charge add column awaits_cabinet boolean not null default false`,
  ],
};

/** Providers' bills, and where they and our charges say different things. */
const bills: Migration = {
  version: 34,
  name: 'bills',
  statements: [
    `create table bill (
       provider text not null,
       merchant text not null,
       day text not null,
       state text not null check (state in ('waiting', 'read', 'missing', 'damaged')),
       tries integer not null,
       detail text not null,
       line_count integer,
       asked_at_ms bigint not null,
       primary key (provider, merchant, day)
     )`,
    `create table bill_line (
       provider text not null,
       merchant text not null,
       day text not null,
       position integer not null,
       kind text not null check (kind in ('payment', 'refund')),
       order_id text not null,
       ref text not null,
       amount_minor bigint not null check (amount_minor >= 0),
       currency text not null,
       at_ms bigint not null,
       primary key (provider, merchant, day, position)
     )`,
    `create index bill_line_order on bill_line (provider, merchant, order_id)`,
    `create table difference (
       id bigserial primary key,
       key text not null unique,
       provider text not null,
       merchant text not null,
       day text not null,
       kind text not null,
       cause text not null,
       owner text not null,
       order_id text not null,
       here_minor bigint,
       there_minor bigint,
       currency text not null,
       detail text not null default '',
       found_at_ms bigint not null,
       seen_at_ms bigint not null,
       is_gone boolean not null default false,
       state text not null default 'open' check (state in ('open', 'explained', 'closed')),
       actor text,
       resolution text,
       resolved_at_ms bigint
     )`,
    `create index difference_order on difference (provider, merchant, order_id)`,
    `create index difference_open on difference (kind) where state = 'open'`,
    `create index charge_paid_at on charge (provider, paid_at_ms) where debited_minor is not null`,
  ],
};

/** Opening while offline: what cabinets were told, whom they may let in, and who was let in so. */
const offlineOpening: Migration = {
  version: 35,
  name: 'offline_opening',
  statements: [
    `alter table member add column verified_at_ms bigint`,
    `update member m set verified_at_ms = v.at_ms from (
       select member_id, max(at_ms) as at_ms from visit
         where purpose = 'visit' and allowed and (entry_method = 'code' or face_standing = 'verified')
         group by member_id) v
       where v.member_id = m.member_id`,
    `create index member_verified_at on member (verified_at_ms) where verified_at_ms is not null`,
    `alter table visit add column offline_policy_version bigint`,
    `create index visit_offline on visit (cabinet_id, at_ms) where offline_policy_version is not null`,
    `create table offline_policy (
       version bigint primary key,
       issued_at_ms bigint not null,
       expires_at_ms bigint not null,
       fingerprint text not null,
       caps text not null,
       told text)`,
    `create table offline_code_key (public_key text primary key, told_at_ms bigint not null)`,
  ],
};

/** Collection has a schedule and an end. What is in collection by now counts from now. */
const collectionEnds: Migration = {
  version: 36,
  name: 'collection_ends',
  statements: [
    `alter table charge
       add column collecting_since_ms bigint,
       add column waits_for_shopper boolean not null default false,
       add column reminded_count integer not null default 0 check (reminded_count >= 0),
       add column collection_ended boolean not null default false`,
    `update charge set collecting_since_ms = (extract(epoch from clock_timestamp()) * 1000)::bigint
       where state = 'collecting'`,
    `create index charge_member_debt on charge (member_id) where state = 'collecting' or collection_ended`,
    `alter table member_notice drop constraint member_notice_kind_check`,
    `alter table member_notice add constraint member_notice_kind_check check (kind in
       ('face_enrolled', 'face_withdrawn', 'face_unconfirmed', 'charged_by_face', 'debt', 'debt_reminder'))`,
  ],
};

/**
 * The ledger of the prepaid wallet. An entry takes from one account what it gives to another, so that all of them sum to zero;
 * a member's balance is what entries have made of it, and never below zero, whoever holds the connection.
 */
const walletLedger: Migration = {
  version: 37,
  name: 'wallet_ledger',
  statements: [
    `create table wallet_account (
       account_id bigserial primary key,
       kind text not null check (kind in ('member', 'revenue', 'refunds', 'top_ups', 'adjustments')),
       member_id text,
       currency text not null check (currency ~ '^[A-Z]{3}$'),
       balance_minor bigint check (balance_minor >= 0),
       opened_at_ms bigint not null,
       check ((kind = 'member') = (member_id is not null)),
       check ((kind = 'member') = (balance_minor is not null)),
       unique (account_id, currency))`,
    `create unique index wallet_account_member on wallet_account (member_id, currency) where member_id is not null`,
    `create unique index wallet_account_house on wallet_account (kind, currency) where member_id is null`,
    `create table wallet_entry (
       entry_id bigserial primary key,
       kind text not null check (kind in ('top_up', 'debit', 'refund', 'adjustment')),
       idempotency_key text not null unique,
       debit_account_id bigint not null,
       credit_account_id bigint not null,
       currency text not null,
       amount_minor bigint not null check (amount_minor > 0),
       order_id text check ((kind in ('debit', 'refund')) = (order_id is not null)),
       actor text not null,
       reason text not null,
       at_ms bigint not null,
       check (debit_account_id <> credit_account_id),
       foreign key (debit_account_id, currency) references wallet_account (account_id, currency),
       foreign key (credit_account_id, currency) references wallet_account (account_id, currency))`,
    `create index wallet_entry_debit on wallet_entry (debit_account_id, entry_id)`,
    `create index wallet_entry_credit on wallet_entry (credit_account_id, entry_id)`,
    `create index wallet_entry_order on wallet_entry (order_id) where order_id is not null`,
    `create function wallet_entry_moves() returns trigger language plpgsql as
       $$ declare debited text; credited text; begin
         select kind into debited from wallet_account where account_id = new.debit_account_id;
         select kind into credited from wallet_account where account_id = new.credit_account_id;
         if not exists (select 1 from (values ('top_up', 'top_ups', 'member'), ('debit', 'member', 'revenue'),
             ('refund', 'refunds', 'member'), ('adjustment', 'adjustments', 'member'),
             ('adjustment', 'member', 'adjustments')) as may (kind, debits, credits)
             where may.kind = new.kind and debits = debited and credits = credited) then
           raise exception 'no % takes from % and gives to %', new.kind, debited, credited
             using errcode = 'check_violation';
         end if;
         update wallet_account set balance_minor = balance_minor - new.amount_minor
           where account_id = new.debit_account_id and kind = 'member';
         update wallet_account set balance_minor = balance_minor + new.amount_minor
           where account_id = new.credit_account_id and kind = 'member';
         return null; end $$`,
    `create trigger wallet_entry_moves after insert on wallet_entry
       for each row execute function wallet_entry_moves()`,
    `create trigger wallet_entry_append_only before update or delete or truncate on wallet_entry
       for each statement execute function refuse_change()`,
    // Only from within the trigger above: a balance is nothing but what entries have made of it.
    `create function wallet_account_changes() returns trigger language plpgsql as
       $$ begin
         if pg_trigger_depth() < 2 or (to_jsonb(new) - 'balance_minor') <> (to_jsonb(old) - 'balance_minor') then
           raise exception 'entries alone change an account';
         end if;
         return new; end $$`,
    `create trigger wallet_account_changes before update on wallet_account
       for each row execute function wallet_account_changes()`,
    `create function wallet_account_begins() returns trigger language plpgsql as
       $$ begin
         if new.balance_minor <> 0 then raise exception 'an account begins with nothing'; end if;
         return new; end $$`,
    `create trigger wallet_account_begins before insert on wallet_account
       for each row execute function wallet_account_begins()`,
    `create trigger wallet_account_kept before delete or truncate on wallet_account
       for each statement execute function refuse_change()`,
  ],
};

/**
 * How a visit has ended, as its cabinet says. A visit whose charge was named when it was allowed is of a cabinet that says
 * so; of those from before nothing is expected.
 */
const visitClosings: Migration = {
  version: 38,
  name: 'visit_closings',
  statements: [
    `alter table visit add column charge_id text, add column watch_at_ms bigint, add column listed_at_ms bigint`,
    `create index visit_watch on visit (watch_at_ms) where watch_at_ms is not null`,
    `create table visit_closing (
       cabinet_id text not null,
       visit_id text not null,
       charge_id text not null,
       ended text not null check (ended in ('never_unlocked', 'not_opened', 'unlock_failed', 'nothing_taken',
         'cancelled', 'charge', 'left_open')),
       total_minor integer not null check (total_minor >= 0),
       held_minor integer not null check (held_minor >= 0),
       closed_at_ms bigint not null,
       received_at_ms bigint not null,
       body_hash text not null,
       primary key (cabinet_id, visit_id)
     )`,
    `create index visit_closing_received on visit_closing (received_at_ms)`,
  ],
};

/** Orders that were opened before the door, and when each is to be closed if nothing comes of it. */
const ordersBeforeDoor: Migration = {
  version: 39,
  name: 'orders_before_door',
  statements: [
    `create table visit_order (
       order_id text primary key,
       provider text not null,
       cabinet_id text not null,
       visit_id text not null,
       member_id text not null,
       state text not null check (state in ('asked', 'open', 'refused', 'debited', 'closed', 'failed')),
       opened_at_ms bigint not null,
       due_at_ms bigint,
       failure_count integer not null,
       lease_count integer not null,
       check ((state in ('debited', 'closed', 'failed')) = (due_at_ms is null))
     )`,
    `create index visit_order_due on visit_order (due_at_ms) where due_at_ms is not null`,
    `create index visit_order_opened on visit_order (opened_at_ms)`,
  ],
};

/** For which cabinet a code was made is kept for as long as a charge from offline may bring it. */
const scansByCode: Migration = {
  version: 40,
  name: 'scans_by_code',
  statements: ['create index qr_sign_in_code on qr_sign_in (code_nonce)'],
};

/** What is paid back by the operator itself, and since when its memory may have gaps. */
const refunds: Migration = {
  version: 41,
  name: 'refunds',
  statements: [
    `create table refund (
       refund_id text primary key,
       charge_id text not null references charge,
       provider text not null,
       amount_minor integer not null check (amount_minor > 0),
       currency text not null,
       state text not null check (state in ('due', 'asked', 'pending', 'refunded', 'people', 'dropped')),
       detail text not null,
       made_at_ms bigint not null,
       asked_at_ms bigint,
       due_at_ms bigint,
       ended_at_ms bigint,
       failure_count integer not null,
       lease_count integer not null,
       check ((state in ('due', 'asked', 'pending')) = (due_at_ms is not null)),
       check ((due_at_ms is null) = (ended_at_ms is not null)),
       check (state not in ('asked', 'pending', 'refunded') or asked_at_ms is not null)
     )`,
    `create index refund_of_charge on refund (charge_id)`,
    `create unique index refund_open on refund (charge_id) where due_at_ms is not null`,
    `create index refund_due on refund (due_at_ms) where due_at_ms is not null`,
    // Whoever adds one holds the lock of the charge's row, so that two are never added side by side.
    `create function refund_within_debit() returns trigger language plpgsql as
       $$ begin
         if (select sum(amount_minor) from refund where charge_id = new.charge_id and state <> 'dropped')
           > coalesce((select debited_minor from charge where charge_id = new.charge_id), 0)
         then raise exception 'more would be paid back of % than was debited', new.charge_id; end if;
         return null;
       end $$`,
    `create trigger refund_within_debit after insert or update on refund
       for each row execute function refund_within_debit()`,
    `create function refund_stays() returns trigger language plpgsql as
       $$ begin
         if (new.refund_id, new.charge_id, new.provider, new.amount_minor, new.currency)
           is distinct from (old.refund_id, old.charge_id, old.provider, old.amount_minor, old.currency)
         then raise exception 'refund % is another one', old.refund_id; end if;
         return new;
       end $$`,
    `create trigger refund_stays before update on refund for each row execute function refund_stays()`,
    `create table fake_refund (
       refund_id text primary key,
       charge_id text not null references fake_order,
       amount_minor integer not null check (amount_minor > 0),
       currency text not null,
       at_ms bigint not null
     )`,
    `alter table database_identity add column put_back_at_ms bigint`,
    `create index incident_refund_due on incident (charge_id) where kind = 'refund_due' and resolved_at_ms is null`,
  ],
};

/** Visits of which nothing was heard are looked for again and again (reconciliation/visits.ts). */
const silentVisits: Migration = {
  version: 42,
  name: 'silent_visits',
  statements: [
    `create index visit_listed on visit (listed_at_ms) where listed_at_ms is not null`,
    `create index difference_visits on difference (order_id) where provider = 'operator' and state = 'open'`,
  ],
};

/** Alipay's bill has the number of its credit order: by it a line is led back to our charge. */
const theirNumbers: Migration = {
  version: 43,
  name: 'their_numbers',
  statements: [
    `alter table provider_order add column their_number text`,
    `update provider_order set their_number = known::json ->> 'creditOrderNo'
       where provider = 'alipay' and known is not null`,
    // By the database, so that it is there whichever instance has written the rest.
    `create function provider_order_number() returns trigger language plpgsql as
       $$ begin
         if new.provider = 'alipay' then new.their_number := new.known::json ->> 'creditOrderNo'; end if;
         return new;
       end $$`,
    `create trigger provider_order_number before insert or update of known on provider_order
       for each row execute function provider_order_number()`,
    `create index provider_order_theirs on provider_order (provider, their_number) where their_number is not null`,
  ],
};

/** Who comes to a page to pay and does not pay puts no debit off. */
const plannedDebits: Migration = {
  version: 44,
  name: 'planned_debits',
  statements: [
    'alter table charge add column planned_at_ms bigint',
    'alter table charge add column asked_before_ms bigint',
  ],
};

/** A refund that people make in Stripe's own pages has the number of the intent alone: by it, too, a line is led back. */
const theirIntents: Migration = {
  version: 45,
  name: 'their_intents',
  statements: [
    `create or replace function provider_order_number() returns trigger language plpgsql as
       $$ begin
         if new.provider = 'alipay' then new.their_number := new.known::json ->> 'creditOrderNo';
         elsif new.provider = 'stripe' then new.their_number := new.known::json -> 'intent' ->> 'id';
         end if;
         return new;
       end $$`,
    `update provider_order set their_number = known::json -> 'intent' ->> 'id'
       where provider = 'stripe' and known is not null`,
  ],
};

/** A provider's words about an agreement overtake each other. */
const agreementTimes: Migration = {
  version: 46,
  name: 'agreement_times',
  statements: ['alter table provider_account add column said_since_ms bigint'],
};

/** A provider may have several merchants, whose ids begin with its name. */
const merchants: Migration = {
  version: 47,
  name: 'merchants',
  statements: [
    `create or replace function provider_order_number() returns trigger language plpgsql as
       $$ begin
         if split_part(new.provider, ':', 1) = 'alipay' then
           new.their_number := new.known::json ->> 'creditOrderNo';
         elsif split_part(new.provider, ':', 1) = 'stripe' then
           new.their_number := new.known::json -> 'intent' ->> 'id';
         end if;
         return new;
       end $$`,
  ],
};

/** What a member is asked for before a provider may be asked for their money. */
const signUps: Migration = {
  version: 48,
  name: 'sign_ups',
  statements: [
    `create table sign_up (
       sign_up_id text primary key,
       member_id text not null,
       provider text not null,
       state text not null check (state in ('asked', 'valid', 'refused', 'expired')),
       page text,
       known text,
       asked_at_ms bigint not null,
       ends_at_ms bigint not null,
       due_at_ms bigint,
       failure_count integer not null,
       lease_count integer not null,
       check ((page is null) = (known is null)),
       check ((state = 'asked') = (due_at_ms is not null))
     )`,
    `create unique index sign_up_open on sign_up (member_id, provider) where state = 'asked'`,
    `create index sign_up_member on sign_up (member_id, asked_at_ms)`,
    `create index sign_up_due on sign_up (due_at_ms) where due_at_ms is not null`,
  ],
};

/** An id is one merchant's for ever: charges, accounts and bills have it. What bills were read of is known already. */
const merchantNumbers: Migration = {
  version: 49,
  name: 'merchant_numbers',
  statements: [
    `create table merchant (id text primary key, number text not null)`,
    `insert into merchant (id, number)
       select distinct on (provider) provider, merchant from bill
       where state = 'read' and split_part(provider, ':', 1) in ('wechat', 'alipay', 'stripe') and merchant <> 'own'
       order by provider, day desc`,
  ],
};

/** What the payer's bank takes back stands in a bill, too. */
const chargebacks: Migration = {
  version: 50,
  name: 'chargebacks',
  statements: [
    'alter table bill_line drop constraint bill_line_kind_check',
    `alter table bill_line add constraint bill_line_kind_check
       check (kind in ('payment', 'refund', 'chargeback', 'chargeback_reversed'))`,
  ],
};

/** A refund that did not reach its payer stands in a bill, too. */
const failedRefunds: Migration = {
  version: 59,
  name: 'failed_refunds',
  statements: [
    'alter table bill_line drop constraint bill_line_kind_check',
    `alter table bill_line add constraint bill_line_kind_check
       check (kind in ('payment', 'refund', 'refund_failed', 'chargeback', 'chargeback_reversed'))`,
  ],
};

/** An agreement that was ended here, of which the provider has still to be told. */
const agreementEnds: Migration = {
  version: 66,
  name: 'agreement_ends',
  statements: [
    `alter table provider_account add column end_due_at_ms bigint,
       add check (end_due_at_ms is null or agreement = 'ended')`,
    `create index provider_account_end_due on provider_account (end_due_at_ms) where end_due_at_ms is not null`,
  ],
};

/** What is listed of a member's account at a provider, and of no charge. */
const accountIncidents: Migration = {
  version: 77,
  name: 'account_incidents',
  statements: [
    `alter table incident add column member_id text, add column provider text`,
    `create index incident_account on incident (member_id, provider) where member_id is not null`,
  ],
};

export const migrations: readonly Migration[] = [
  first,
  disputes,
  claims,
  faceCounts,
  purchases,
  visitsAndLines,
  heldSums,
  settling,
  tokenEndsAndQuotas,
  alarmQuota,
  exposure,
  faceEnrolments,
  keysAndNotices,
  chainEnds,
  retention,
  unconfirmedFaces,
  earlyResolutions,
  deletedFaces,
  resolutions,
  answerKeys,
  scopedByCabinet,
  comesInAnyOrder,
  contestedSums,
  knownVisits,
  partialRefunds,
  deniedDisputes,
  facesOfVisits,
  laterEarlyDecisions,
  refundsAsNumbers,
  realProviders,
  putBack,
  bills,
  offlineOpening,
  collectionEnds,
  walletLedger,
  visitClosings,
  ordersBeforeDoor,
  scansByCode,
  refunds,
  silentVisits,
  theirNumbers,
  plannedDebits,
  theirIntents,
  agreementTimes,
  merchants,
  signUps,
  merchantNumbers,
  chargebacks,
  staff,
  consoleIndexes,
  proposals,
  phoneSignIn,
  cabinetPlaces,
  phoneReports,
  chargesByHand,
  messages,
  failedRefunds,
  accountsConfirmed,
  catalogVersions,
  goodsPictures,
  payers,
  cabinetStaffTables,
  evidence,
  agreementEnds,
  updates,
  cabinetStockTables,
  planograms,
  supportBundles,
  inForce,
  promotionTables,
  cabinetSettingsTables,
  usefulness,
  accountIncidents,
  messagesOfVisits,
  cabinetStates,
  evidenceWishes,
];
