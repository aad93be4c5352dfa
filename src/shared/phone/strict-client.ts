import { callPage } from '../util/page-call.ts';
import type { PhoneCallName, PhotoBytes } from './calls.ts';
import type { PhoneAnswer, PhoneSender } from './client.ts';
import type { PhoneBody, PhoneReply, PhoneRoute } from './routes.ts';
import { phoneErrorSchema, phoneRoutes } from './routes.ts';

/** `callPhone` for who can read the answer: a ZodError when it is not as agreed. */
export function callPhoneStrictly<N extends PhoneCallName>(
  send: PhoneSender,
  name: N,
  body: PhoneBody<N>,
  params: Readonly<Record<string, string>> = {},
): Promise<PhoneAnswer<N>> {
  const route: PhoneRoute = phoneRoutes[name];
  const sent =
    body === undefined ? {} : { body: route.body === 'json' ? JSON.stringify(body) : (body as PhotoBytes) };
  return callPage(
    send,
    route,
    { ...sent, params },
    {
      value: (value) => route.reply?.parse(value) as PhoneReply<N>,
      error: (error) => phoneErrorSchema.parse(error),
    },
  );
}
