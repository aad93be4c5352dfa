import type { FastifyRequest } from 'fastify';
import { tokenPattern } from './tokens.ts';

/** What this request has in that cookie; null: not there, twice there, or no token of ours. */
export function tokenInCookie(
  { headers: { cookie = '' } }: Pick<FastifyRequest, 'headers'>,
  name: string,
): string | null {
  const found = cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value = ''] = found;
  return found.length === 1 && tokenPattern.test(value) ? value : null;
}
