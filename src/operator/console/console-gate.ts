import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import { hasRight } from '../../shared/console/roles.ts';
import type { ConsoleRoute } from '../../shared/console/routes.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { hasTokenOf, isFromOwnPage } from '../http/own-page.ts';
import type { Session } from '../staff/sessions.ts';
import { findSession } from '../staff/sessions.ts';
import type { Db } from '../storage/storage.ts';
import { sessionTokenOf } from './cookies.ts';
import type { ConsoleFailure } from './errors.ts';

/** Somebody who is signed in, with the token of their session (of which only the hash is stored). */
export interface SignedIn extends Session {
  readonly token: string;
}

/**
 * Who may come in, before the body is read: the page of this very host, then somebody who is signed in, with the token that
 * only that page has been told, and with the right. Null: nobody is needed.
 */
export async function passGate(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  route: ConsoleRoute,
  request: FastifyRequest,
): Promise<Result<SignedIn | null, ConsoleFailure>> {
  if (!isFromOwnPage(route.method, request)) return fail('other_origin', 'not from the page of this console');
  if (route.access === 'anybody') return ok(null);
  const token = sessionTokenOf(request);
  const session = token === null ? null : await findSession(db, clock, token);
  if (token === null || session === null) return fail('unauthenticated', 'not signed in');
  if (route.method !== 'GET' && !hasTokenOf(token, request))
    return fail('other_origin', 'without the token of this session');
  if (route.access !== 'session' && !hasRight(session.role, route.access))
    return fail('forbidden', `not as ${session.role}`);
  return ok({ ...session, token });
}
