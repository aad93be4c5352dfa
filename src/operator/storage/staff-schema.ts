import { bigint, bigserial, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { StaffRole } from '../../shared/console/roles.ts';

/** Tables of the people who work for the operator (staff/), beside those of schema.ts. Times are wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

export const staffAccount = pgTable('staff_account', {
  accountId: text('account_id').primaryKey(),
  /** Null: the first administrator, who has not chosen it yet. */
  name: text('name'),
  role: text('role').$type<StaffRole>().notNull(),
  /** `invited`: nobody can sign in before the token was used. */
  state: text('state', { enum: ['invited', 'active', 'disabled'] }).notNull(),
  /** Argon2id (password.ts); null unless `active`. */
  passwordHash: text('password_hash'),
  /** Sealed (seal.ts); null unless `active`. */
  totpSecret: text('totp_secret'),
  /** The newest step of 30 s whose code was used: one code signs in once. */
  totpUsedStep: bigint('totp_used_step', { mode: 'number' }).notNull(),
  /** SHA-256 (hex) of the one-time token; null: there is none. */
  tokenHash: text('token_hash'),
  tokenEndsAtMs: timeMs('token_ends_at_ms'),
  /** Sealed: what whoever has the token puts into their authenticator. */
  tokenTotpSecret: text('token_totp_secret'),
  madeAtMs: timeMs('made_at_ms').notNull(),
  /** The account of the person (persons.ts) who has invited, reset or given it its role; null: the server itself has. */
  changedBy: text('changed_by'),
  /** The account of another person that has looked at that since (confirmation.ts). */
  confirmedBy: text('confirmed_by'),
});

/** SHA-256 (hex) of codes of 80 random bits, each good once. */
export const staffRecoveryCode = pgTable(
  'staff_recovery_code',
  { accountId: text('account_id').notNull(), codeHash: text('code_hash').notNull() },
  (t) => [primaryKey({ columns: [t.accountId, t.codeHash] })],
);

export const staffSession = pgTable('staff_session', {
  /** SHA-256 (hex) of the 256 random bits in the cookie. */
  tokenHash: text('token_hash').primaryKey(),
  accountId: text('account_id').notNull(),
  /** SHA-256 (hex) of what this browser is known by from now on (sign-in-limits.ts). */
  deviceHash: text('device_hash').notNull(),
  beganAtMs: timeMs('began_at_ms').notNull(),
  /** Last request, to the minute. */
  seenAtMs: timeMs('seen_at_ms').notNull(),
  /** Null: it goes on until it is idle or too old. */
  endedAtMs: timeMs('ended_at_ms'),
});

/** Who has done what, and why. Only added to; each row is sealed over the one before it (act-log.ts). */
export const staffAct = pgTable('staff_act', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  atMs: timeMs('at_ms').notNull(),
  accountId: text('account_id').notNull(),
  /** As the account was called then. */
  actor: text('actor').notNull(),
  act: text('act').notNull(),
  /** What it is about: a charge, a member, an incident, an account … */
  subject: text('subject').notNull(),
  reason: text('reason').notNull(),
  /** JSON. */
  before: text('before').notNull(),
  after: text('after').notNull(),
  /** The other account that has agreed; null: none was needed. */
  agreedBy: text('agreed_by'),
  /** Place in the chain, without a gap. */
  seq: integer('seq').notNull(),
  seal: text('seal').notNull(),
});

/** An act above the limit, which waits for somebody else to agree (console/proposals.ts). */
export const staffProposal = pgTable('staff_proposal', {
  proposalId: bigserial('proposal_id', { mode: 'number' }).primaryKey(),
  accountId: text('account_id').notNull(),
  actor: text('actor').notNull(),
  /** ConsoleAct as JSON. */
  act: text('act').notNull(),
  reason: text('reason').notNull(),
  /** What was seen, and what it would lead to (JSON). */
  version: text('version').notNull(),
  before: text('before').notNull(),
  after: text('after').notNull(),
  stakeMinor: bigint('stake_minor', { mode: 'number' }).notNull(),
  state: text('state', { enum: ['open', 'done', 'refused'] }).notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  endsAtMs: timeMs('ends_at_ms').notNull(),
});
