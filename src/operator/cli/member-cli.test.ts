import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../shared/util/logger.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { seedMembers } from '../members/sample-members.ts';
import { openLink, useLink } from '../phone/links.ts';
import { beginPhoneSession, findPhoneSession } from '../phone/sessions.ts';
import { openStorage } from '../storage/storage.ts';
import { inDatabase } from './in-database.ts';
import { members } from './member-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-members-'));
const DATA_DIR = join(folder, 'data');
const env = { DATA_DIR, PHONE_PAGE: 'https://m.example' };
const at = { databaseUrl: undefined, dataDir: DATA_DIR };

beforeAll(async () => {
  const startFrom = await pgliteTemplate();
  const opened = await openStorage({ dataDir: DATA_DIR, startFrom, logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  await seedMembers(opened.value.db);
  await opened.value.close();
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('makes a link that signs this member in, and ends their sessions', async () => {
  const { exitCode, lines } = await members(['link', 'M1001'], env);
  expect(exitCode).toBe(0);
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(lines.join('')));
  expect(url).toMatch(/^https:\/\/m\.example\/m\/in#[\w-]{43}$/);
  const token = new URL(url).hash.slice(1);
  const browser = 'b'.repeat(43);
  const session = await inDatabase(at, silentLogger, async (open) => {
    expect(await openLink(open, token, browser)).toBe('ready');
    expect(await useLink(open, token, browser)).toEqual({ memberId: 'M1001' });
    return beginPhoneSession(open.db, open.clock, 'M1001');
  });
  if (!session.ok) throw new Error(session.error.message);
  const find = () =>
    inDatabase(at, silentLogger, ({ db, clock }) => findPhoneSession(db, clock, session.value));
  expect(await find()).toMatchObject({ value: { memberId: 'M1001' } });
  expect(await members(['sign-out', 'M1001'], env)).toMatchObject({ exitCode: 0 });
  expect(await find()).toMatchObject({ value: null });
});

it.each<[string, string[], Record<string, string>]>([
  ['no act', [], env],
  ['another act', ['remove', 'M1001'], env],
  ['nobody', ['link'], env],
  ['somebody who is no member', ['link', 'M9999'], env],
  ['a name that none can have', ['link', 'M 1'], env],
  ['two members', ['link', 'M1001', 'M1002'], env],
  ['no page', ['link', 'M1001'], { DATA_DIR }],
  ['a page by plain http', ['link', 'M1001'], { ...env, PHONE_PAGE: 'http://m.example' }],
  ['a page with a path', ['link', 'M1001'], { ...env, PHONE_PAGE: 'https://m.example/m/' }],
  ['no database', ['link', 'M1001'], { PHONE_PAGE: 'https://m.example' }],
])('%s: 2, and no link', async (_name, args, of) => {
  const { exitCode, lines } = await members(args, of);
  expect(exitCode).toBe(2);
  expect(lines.join('')).not.toContain('#');
});
