import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Page, Route } from 'playwright-core';
import type { PhoneCallName } from '../../src/shared/phone/calls.ts';
import { phoneCalls, phonePagePath } from '../../src/shared/phone/calls.ts';
import type { PhoneError, PhoneReply } from '../../src/shared/phone/routes.ts';
import { pageContentTypes } from '../../src/shared/util/content-types.ts';

const origin = 'https://m.example';

/** What the operator says to one call: an answer, a refusal, no network, or nothing for ever. */
type Said<N extends PhoneCallName> = PhoneReply<N> | PhoneError['error'] | 'offline' | 'silent';
export type SaidToPhone = { readonly [N in PhoneCallName]?: Said<N> };

const statusOf: Readonly<Record<PhoneError['error'], number>> = {
  bad_request: 400,
  unauthenticated: 401,
  other_origin: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  unavailable: 503,
  internal: 500,
};

/**
 * Serves the built page of phones to a browser from nowhere, with an operator that answers as it is told; what it is not told it
 * leaves unanswered. For pictures: what the real one says and sends along, the e2e have.
 */
export async function servePhonePage(page: Page, folder: string, said: SaidToPhone): Promise<void> {
  await page.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith(`${phonePagePath}api/`)) return answer(route, pathname, said);
    const name = pathname.includes('.') ? pathname.slice(phonePagePath.length) : 'index.html';
    const contentType = pageContentTypes[extname(name)] ?? 'application/octet-stream';
    return route.fulfill({ body: readFileSync(join(folder, name)), contentType });
  });
}

export function addressAt(place: string): string {
  return `${origin}${phonePagePath}${place}`;
}

async function answer(route: Route, pathname: string, said: SaidToPhone): Promise<void> {
  const method = route.request().method();
  const names = Object.keys(phoneCalls) as PhoneCallName[];
  const name = names.find((one) => {
    const { path } = phoneCalls[one];
    const form = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);
    return phoneCalls[one].method === method && form.test(pathname);
  });
  const answered = name === undefined ? 'not_found' : said[name];
  if (answered === 'offline') return route.abort('internetdisconnected');
  if (answered === 'silent' || answered === undefined) return undefined;
  if (typeof answered === 'string')
    return route.fulfill({ status: statusOf[answered], json: { error: answered, message: '' } });
  return route.fulfill({ json: answered });
}
