import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../shared/util/logger.ts';
import { bytesOfBase32 } from '../../testkit/operator/authenticator.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { acceptInvitation, listAccounts, lookInvitation } from '../staff/accounts.ts';
import { brokenActOf } from '../staff/act-log.ts';
import { Passwords } from '../staff/password.ts';
import { StaffKeys } from '../staff/seal.ts';
import { SignInLimits } from '../staff/sign-in-limits.ts';
import type { StaffParts } from '../staff/sign-in.ts';
import { signIn } from '../staff/sign-in.ts';
import { totpCode, totpStepOf } from '../staff/totp.ts';
import { MemberCodeKeyring } from '../members/member-code-keyring.ts';
import { staffAct } from '../storage/schema.ts';
import { openStorage } from '../storage/storage.ts';
import { consoleAccounts } from './console-cli.ts';
import { inDatabase } from './in-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-console-'));
const secret = 'a secret that nobody guesses: 0123456789';
const secretFile = (name: string, text: string): string => {
  writeFileSync(join(folder, name), `${text}\n`, { mode: 0o400 });
  return join(folder, name);
};
const DATA_DIR = join(folder, 'data');
const env = { DATA_DIR, MEMBER_CODE_SECRET_FILE: secretFile('secret', secret) };
const password = 'a long password';

/** As the service has it. */
async function service<T>(work: (parts: StaffParts) => Promise<T>): Promise<T> {
  const at = { databaseUrl: undefined, dataDir: DATA_DIR };
  const done = await inDatabase(at, silentLogger, ({ db, clock }) =>
    work({
      ...{ db, clock, keys: new StaffKeys(secret) },
      ...{ passwords: new Passwords(), limits: new SignInLimits(clock, []) },
    }),
  );
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
}

const tokenOf = ({ lines }: { lines: readonly string[] }): string =>
  z.object({ token: z.string() }).parse(JSON.parse(lines.join(''))).token;
const isToken = async (token: string): Promise<boolean> =>
  service(async (parts) => (await lookInvitation(parts, token)).ok);
const accept = (token: string, name: string) =>
  service(async (parts) => {
    const looked = await lookInvitation(parts, token);
    if (!looked.ok) throw new Error(looked.error.message);
    const code = totpCode(bytesOfBase32(looked.value.totpSecret), totpStepOf(parts.clock.nowMs()));
    const accepted = await acceptInvitation(parts, { token, name, password, code });
    expect(accepted).toMatchObject({ ok: true });
    return accepted.ok ? accepted.value.recoveryCodes : [];
  });

beforeAll(async () => {
  const startFrom = await pgliteTemplate();
  const opened = await openStorage({ dataDir: DATA_DIR, startFrom, logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  await opened.value.close();
  // The service has run: its keys are sealed.
  await service(({ db, clock }) => new MemberCodeKeyring({ db, clock, secret }).publicKeys());
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('lets in the first administrator, and whoever has lost everything, and says so in the log', async () => {
  const first = await consoleAccounts(['set-up'], env);
  expect(first.exitCode).toBe(0);
  const second = await consoleAccounts(['set-up'], env);
  expect(await isToken(tokenOf(first))).toBe(false);
  const codes = await accept(tokenOf(second), 'anna');
  expect(await consoleAccounts(['set-up'], env)).toMatchObject({ exitCode: 1 });

  const why = ['--by', 'Zhang Wei', '--reason', 'phone in the river'];
  expect(await consoleAccounts(['reset', 'ben', ...why], env)).toMatchObject({ exitCode: 1 });
  const reset = await consoleAccounts(['reset', 'anna', ...why], env);
  expect(reset.exitCode).toBe(0);
  // What she had counts no more, from the moment on at which it was said.
  const withOld = await service((parts) =>
    signIn(parts, { name: 'anna', password, code: codes[0] ?? '' }, { address: '203.0.113.7', device: null }),
  );
  expect(withOld).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  await accept(tokenOf(reset), 'anna');
  expect(await consoleAccounts(['confirm', 'ben', ...why], env)).toMatchObject({ exitCode: 1 });
  // Whom the server has let in counts already: nothing is to be done.
  expect(await consoleAccounts(['confirm', 'anna', ...why], env)).toEqual({ exitCode: 0, lines: ['done'] });
  expect(await service(({ db }) => listAccounts(db))).toMatchObject([
    { name: 'anna', role: 'admin', state: 'active' },
  ]);
  const acts = await service(({ db }) => db.select().from(staffAct).orderBy(staffAct.seq));
  expect(acts.map(({ act, actor, reason }) => [act, actor, reason])).toEqual([
    ['staff_accept', 'anna', 'with the one-time token'],
    ['staff_reset_on_server', 'server: Zhang Wei', 'phone in the river'],
    ['staff_accept', 'anna', 'with the one-time token'],
  ]);
  expect(await service(({ db, keys }) => brokenActOf(db, keys.logKey))).toBeNull();
});

it.each<[string, string[], Record<string, string>]>([
  ['no act', [], env],
  ['another act', ['remove', 'anna'], env],
  ['a set-up of somebody', ['set-up', 'anna'], env],
  ['a set-up with a reason', ['set-up', '--reason', 'why not'], env],
  ['nobody to let in', ['reset', '--by', 'x', '--reason', 'lost'], env],
  ['nobody who does it', ['reset', 'anna', '--reason', 'lost'], env],
  ['no reason', ['reset', 'anna', '--by', 'x'], env],
  ['nobody who confirms', ['confirm', 'anna', '--reason', 'she is here'], env],
  ['two', ['reset', 'anna', 'ben', '--by', 'x', '--reason', 'lost'], env],
  ['an option that there is not', ['set-up', '--force'], env],
  ['no database', ['set-up'], { MEMBER_CODE_SECRET_FILE: env.MEMBER_CODE_SECRET_FILE }],
  ['no secret, where the service has one', ['set-up'], { DATA_DIR }],
  [
    'another secret than the service has',
    ['set-up'],
    { DATA_DIR, MEMBER_CODE_SECRET_FILE: secretFile('other', 'x'.repeat(40)) },
  ],
])('is not done with %s', async (_name, args, given) => {
  const { exitCode, lines } = await consoleAccounts(args, given);
  expect(exitCode).toBe(2);
  expect(lines.join('\n')).not.toBe('');
});
