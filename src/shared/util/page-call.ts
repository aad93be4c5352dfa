import { pathAndQueryOf } from './route-path.ts';

/** With everything that is not a GET, once there is a session: what the page was told with it (`csrf`). */
export const csrfHeader = 'x-kaimen-csrf';

/** How a request of one of our pages gets to the operator is the caller's: `fetch` in the page, none in tests. */
export type PageSender<Body = string> = (request: {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON, or what the route says; left out: there is none. */
  readonly body?: Body;
}) => Promise<{ readonly status: number; readonly body: unknown }>;

export type PageAnswer<Value, PageError> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly error: PageError };

/** Calls one route of a page's table. How the answer is read is the caller's. Rejects as `send` and those do. */
export async function callPage<Body, Value, PageError>(
  send: PageSender<Body>,
  route: { readonly method: 'GET' | 'POST'; readonly path: string },
  { body, params = {} }: { readonly body?: Body; readonly params?: Readonly<Record<string, string>> },
  read: {
    readonly value: (sent: unknown) => Value;
    readonly error: (sent: unknown) => PageError;
  },
): Promise<PageAnswer<Value, PageError>> {
  const request = { method: route.method, path: pathAndQueryOf(route, params) };
  const answer = await send(body === undefined ? request : { ...request, body });
  if (answer.status >= 300) return { ok: false, status: answer.status, error: read.error(answer.body) };
  return { ok: true, value: read.value(answer.body) };
}
