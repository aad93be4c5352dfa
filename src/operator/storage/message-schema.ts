import { bigint, bigserial, pgTable, text } from 'drizzle-orm/pg-core';
import { messageTemplates } from '../../shared/model/message.schema.ts';

/** What people who work here write to members (members/messages.ts), beside the tables of schema.ts. Times are wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

export const memberMessage = pgTable('member_message', {
  messageId: bigserial('message_id', { mode: 'number' }).primaryKey(),
  memberId: text('member_id').notNull(),
  template: text('template', { enum: messageTemplates }).notNull(),
  /** In their own words; empty: the template says it. */
  body: text('body').notNull(),
  chargeId: text('charge_id'),
  /** Which visit it is about, where there was no charge of it; both, or neither. */
  cabinetId: text('cabinet_id'),
  visitId: text('visit_id'),
  actor: text('actor').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  /** Null: not yet. */
  readAtMs: timeMs('read_at_ms'),
  endsAtMs: timeMs('ends_at_ms').notNull(),
});
