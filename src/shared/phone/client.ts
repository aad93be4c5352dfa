import type { PageAnswer, PageSender } from '../util/page-call.ts';
import { callPage } from '../util/page-call.ts';
import type { PhoneCallName, PhotoBytes } from './calls.ts';
import { phoneCalls } from './calls.ts';
import type { PhoneBody, PhoneError, PhoneReply } from './routes.ts';

export type PhoneSender = PageSender<string | PhotoBytes>;
export type PhoneAnswer<N extends PhoneCallName> = PageAnswer<PhoneReply<N>, PhoneError>;

/**
 * For the page, which has no zod: calls one route and takes the answer for what its own operator has agreed to send. Rejects as
 * `send` does.
 */
export function callPhone<N extends PhoneCallName>(
  send: PhoneSender,
  name: N,
  body: PhoneBody<N>,
  params: Readonly<Record<string, string>> = {},
): Promise<PhoneAnswer<N>> {
  const sent =
    body === undefined
      ? {}
      : { body: phoneCalls[name].body === 'json' ? JSON.stringify(body) : (body as PhotoBytes) };
  return callPage(
    send,
    phoneCalls[name],
    { ...sent, params },
    { value: (value) => value as PhoneReply<N>, error: (error) => error as PhoneError },
  );
}
