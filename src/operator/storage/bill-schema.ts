import { bigint, bigserial, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { billLineKinds } from '../reconciliation/bill.ts';
import type { Cause, DifferenceKind, Owner } from '../reconciliation/kinds.ts';

/** Tables of the reconciliation (reconciliation/), beside those of schema.ts. Times are wall-clock ms, amounts minor units. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });
const minorUnits = (name: string) => bigint(name, { mode: 'number' });

/** The bill of one merchant at one provider for one day of that provider (YYYY-MM-DD), and how asking for it went. */
export const bill = pgTable(
  'bill',
  {
    provider: text('provider').notNull(),
    merchant: text('merchant').notNull(),
    day: text('day').notNull(),
    state: text('state', { enum: ['waiting', 'read', 'missing', 'damaged'] }).notNull(),
    /** How often it was asked for. */
    tries: integer('tries').notNull(),
    /** Why it could not be read the last time. */
    detail: text('detail').notNull(),
    /** Null: it was not read. */
    lineCount: integer('line_count'),
    askedAtMs: timeMs('asked_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.merchant, t.day] })],
);

/** What stands in the bills that were read. */
export const billLine = pgTable(
  'bill_line',
  {
    provider: text('provider').notNull(),
    merchant: text('merchant').notNull(),
    day: text('day').notNull(),
    /** Its place in the bill, from 0. */
    position: integer('position').notNull(),
    kind: text('kind', { enum: billLineKinds }).notNull(),
    /** Ours, where the provider's number leads to it. */
    orderId: text('order_id').notNull(),
    /** The provider's number of the movement. */
    ref: text('ref').notNull(),
    amountMinor: minorUnits('amount_minor').notNull(),
    currency: text('currency').notNull(),
    atMs: timeMs('at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.merchant, t.day, t.position] })],
);

/** Where a bill and our charges say different things. Only people close one; nothing else follows from it. */
export const difference = pgTable('difference', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  /** Of whom, kind, order and numbers: what is found again is the same row. */
  key: text('key').notNull(),
  provider: text('provider').notNull(),
  merchant: text('merchant').notNull(),
  /** Of the bill with which it was found. */
  day: text('day').notNull(),
  kind: text('kind').$type<DifferenceKind>().notNull(),
  cause: text('cause').$type<Cause>().notNull(),
  owner: text('owner').$type<Owner>().notNull(),
  /** Empty: it is about the bill. */
  orderId: text('order_id').notNull(),
  hereMinor: minorUnits('here_minor'),
  thereMinor: minorUnits('there_minor'),
  currency: text('currency').notNull(),
  detail: text('detail').notNull().default(''),
  foundAtMs: timeMs('found_at_ms').notNull(),
  seenAtMs: timeMs('seen_at_ms').notNull(),
  /** It was looked for again and not found: a later bill, or a late answer, has settled it. It stays open until people say so. */
  isGone: boolean('is_gone').notNull().default(false),
  /** `explained`: known why, and right as it is. `closed`: it was put right. */
  state: text('state', { enum: ['open', 'explained', 'closed'] })
    .notNull()
    .default('open'),
  /** Who has said so, in which words and when; null while it is open. */
  actor: text('actor'),
  resolution: text('resolution'),
  resolvedAtMs: timeMs('resolved_at_ms'),
});
