import { z } from 'zod';
import { memberMessageSchema } from '../model/message.schema.ts';

/** The newest first. */
export const phoneMessagesSchema = z.object({ messages: z.array(memberMessageSchema) });
export const readMessagesRequestSchema = z.object({
  /** As many as are ever told at once; others' are left as they are. */
  messageIds: z.array(z.number().int().min(0)).max(200),
});
