import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { csrfHeader } from '../../shared/util/page-call.ts';
import { csrfOf } from './tokens.ts';

type Asked = Pick<FastifyRequest, 'headers'>;

/**
 * A browser says where a request comes from (Origin with every POST; Sec-Fetch-Site with all). Whoever changes something has to
 * say it. Behind a proxy it must hand on the Host that was asked for.
 */
export function isFromOwnPage(method: 'GET' | 'POST', { headers }: Asked): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && !(method === 'GET' && site === 'none')) return false;
  if (origin === undefined) return method === 'GET';
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

/** The page was told by us what it sends: it is the page of this very session. */
export function hasTokenOf(sessionToken: string, { headers }: Asked): boolean {
  const [sent, expected] = [Buffer.from(String(headers[csrfHeader])), Buffer.from(csrfOf(sessionToken))];
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}
