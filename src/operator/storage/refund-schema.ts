import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { RefundState } from '../refunds/refund-life.ts';

/** Tables of refunds (refunds/), beside those of schema.ts. Times are wall-clock ms, amounts minor units. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** What the operator pays back by itself. One of a charge at a time, and together never more than was debited (a trigger). */
export const refund = pgTable('refund', {
  /** At the provider, and the idempotency key: here before the first request, and never another one. */
  refundId: text('refund_id').primaryKey(),
  chargeId: text('charge_id').notNull(),
  /** By which it was debited. */
  provider: text('provider').notNull(),
  amountMinor: integer('amount_minor').notNull(),
  currency: text('currency').notNull(),
  state: text('state').$type<RefundState>().notNull(),
  /** What was said last: why it is not done yet, or will not be. */
  detail: text('detail').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  /** When the provider was first asked; null: never. */
  askedAtMs: timeMs('asked_at_ms'),
  /** When it is taken up; null: it has ended. */
  dueAtMs: timeMs('due_at_ms'),
  endedAtMs: timeMs('ended_at_ms'),
  /** Answers in a row that say nothing. */
  failureCount: integer('failure_count').notNull(),
  /** Rises with each lease: an answer to an older one changes nothing. */
  leaseCount: integer('lease_count').notNull(),
});

/** What the fake provider has paid back. */
export const fakeRefund = pgTable('fake_refund', {
  refundId: text('refund_id').primaryKey(),
  chargeId: text('charge_id').notNull(),
  amountMinor: integer('amount_minor').notNull(),
  currency: text('currency').notNull(),
  atMs: timeMs('at_ms').notNull(),
});
