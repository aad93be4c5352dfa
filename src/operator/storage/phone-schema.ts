import { bigint, bigserial, customType, pgTable, text } from 'drizzle-orm/pg-core';

/** Tables of the shopper's page (phone/), beside those of schema.ts. Times are wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** A one-time link that signs a member in. */
export const memberLink = pgTable('member_link', {
  /** SHA-256 (hex) of the 256 random bits in the link. */
  tokenHash: text('token_hash').primaryKey(),
  memberId: text('member_id').notNull(),
  /** Who had it made. */
  madeBy: text('made_by').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  endsAtMs: timeMs('ends_at_ms').notNull(),
  /** SHA-256 (hex) of what the browser that has opened it first is known by; null: nobody has. */
  browserHash: text('browser_hash'),
  /** Null: nobody has signed in by it. */
  usedAtMs: timeMs('used_at_ms'),
});

export const phoneSession = pgTable('phone_session', {
  /** SHA-256 (hex) of the 256 random bits in the cookie. */
  tokenHash: text('token_hash').primaryKey(),
  memberId: text('member_id').notNull(),
  beganAtMs: timeMs('began_at_ms').notNull(),
  /** Last request, to the hour. */
  seenAtMs: timeMs('seen_at_ms').notNull(),
  /** Null: it goes on until it is idle or too old. */
  endedAtMs: timeMs('ended_at_ms'),
});

/** What a member wrote of a dispute that they have sent by phone. */
export const phoneReport = pgTable('phone_report', {
  disputeId: text('dispute_id').primaryKey(),
  chargeId: text('charge_id').notNull(),
  memberId: text('member_id').notNull(),
  /** As it was sent (canonical JSON): the same again is the same report. */
  body: text('body').notNull(),
  /** In the member's words. */
  reason: text('reason').notNull(),
  atMs: timeMs('at_ms').notNull(),
});

/** Pictures of reported goods, as they were sent: nothing here reads more of them than their size. */
export const reportPhoto = pgTable('report_photo', {
  photoId: bigserial('photo_id', { mode: 'number' }).primaryKey(),
  chargeId: text('charge_id').notNull(),
  memberId: text('member_id').notNull(),
  contentType: text('content_type', { enum: ['image/jpeg', 'image/png', 'image/webp'] }).notNull(),
  bytes: bytes('bytes').notNull(),
  /** SHA-256 (hex): the same picture again is the same. */
  hash: text('hash').notNull(),
  atMs: timeMs('at_ms').notNull(),
});
