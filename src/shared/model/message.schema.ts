import { z } from 'zod';
import { readsAsWritten } from '../util/plain-words.ts';

/**
 * What somebody who works for the operator writes to a member: in their own words alone (`free`), or words that the page has in
 * the member's language, with or without their own below.
 */
export const messageTemplates = [
  'free',
  /** What you have reported was looked at. */
  'looked_at',
  /** Of a visit no charge had come: we have made it. */
  'charged_by_hand',
  /** Money goes back to you. */
  'money_back',
  /** Your account does not pay: please look at it. */
  'account_needed',
  /** Something went wrong, and we are sorry. */
  'sorry',
] as const;

export const messageTextMax = 500;
/** No more than text: lines, and nothing that changes how it reads (controls, turned directions, half a character). */
export const messageTextSchema = z
  .string()
  .trim()
  .max(messageTextMax)
  .refine((text) => readsAsWritten(text.replaceAll('\n', '')), 'letters, signs and lines alone');

/** As a member reads it. */
export const memberMessageSchema = z.object({
  messageId: z.number(),
  template: z.enum(messageTemplates),
  text: z.string(),
  /** Which purchase it is about. */
  chargeId: z.string().nullable(),
  atMs: z.number(),
  isRead: z.boolean(),
});
export type MemberMessage = z.infer<typeof memberMessageSchema>;
