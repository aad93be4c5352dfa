import { ok } from '../../shared/result.ts';
import { markRead, messagesOf } from '../members/messages.ts';
import type { PhoneHandlers, PhoneParts } from './handlers.ts';

type MessageCalls = Pick<PhoneHandlers, 'messages' | 'readMessages'>;

/** What people of the operator have written to the member. */
export function messageHandlers(parts: PhoneParts): MessageCalls {
  return {
    messages: async ({ who }) => ok({ messages: await messagesOf(parts, who.memberId) }),
    readMessages: async ({ who, body: { messageIds } }) => {
      await markRead(parts, who.memberId, messageIds);
      return ok();
    },
  };
}
