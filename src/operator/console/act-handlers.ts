import { and, desc, eq, lt } from 'drizzle-orm';
import type { z } from 'zod';
import type { logPageSchema, logParamsSchema } from '../../shared/console/acts.schema.ts';
import { ok } from '../../shared/result.ts';
import { consoleLogPageMax } from '../limits.ts';
import { brokenActOf } from '../staff/act-log.ts';
import { staffAct } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { ActParts } from './acts.ts';
import { previewAct } from './acts.ts';
import type { ConsoleHandlers } from './handlers.ts';
import { agree, doOrPropose, listProposals, refuse } from './proposals.ts';
import { someone } from './staff-handlers.ts';

type ActRoutes = 'previewAct' | 'act' | 'proposals' | 'agree' | 'refuse' | 'log' | 'checkLog';

/** What people do, and the log of it. */
export function actHandlers(parts: ActParts): Pick<ConsoleHandlers, ActRoutes> {
  return {
    previewAct: ({ who, body }) => previewAct(parts, someone(who), body),
    act: ({ who, body }) => doOrPropose(parts, someone(who), body),
    proposals: async () => ok(await listProposals(parts)),
    agree: ({ who, params, body }) => agree(parts, someone(who), params.proposalId, body.version),
    refuse: ({ who, params, body }) => refuse(parts, someone(who), params.proposalId, body.reason),
    log: async ({ params }) => ok(await readLog(parts.db, params)),
    checkLog: async () => ok({ brokenAt: await brokenActOf(parts.db, parts.keys.logKey) }),
  };
}

async function readLog(
  db: Db,
  { subject, before }: z.output<typeof logParamsSchema>,
): Promise<z.output<typeof logPageSchema>> {
  const isIt = subject === undefined ? undefined : eq(staffAct.subject, subject);
  const isBefore = before === undefined ? undefined : lt(staffAct.seq, before);
  const { seq, atMs, actor, act, reason, agreedBy } = staffAct;
  const items = await db
    .select({
      ...{ seq, atMs, actor, act, subject: staffAct.subject, reason, agreedBy },
      ...{ before: staffAct.before, after: staffAct.after },
    })
    .from(staffAct)
    .where(and(isIt, isBefore))
    .orderBy(desc(seq))
    .limit(consoleLogPageMax);
  return { items, next: items.length < consoleLogPageMax ? null : (items.at(-1)?.seq ?? null) };
}
