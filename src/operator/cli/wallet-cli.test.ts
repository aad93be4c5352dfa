import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLogger } from '../../shared/util/logger.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { seedMembers } from '../members/sample-members.ts';
import { openStorage } from '../storage/storage.ts';
import { wallet } from './wallet-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-wallet-'));
const env = { DATA_DIR: join(folder, 'data') };
const run = async (...args: string[]) => {
  const { exitCode, lines } = await wallet(args, env);
  return { exitCode, said: lines.map((one) => (one.startsWith('{') ? (JSON.parse(one) as unknown) : one)) };
};
const inCny = ['--currency', 'CNY'];
const topUp = ['top-up', 'M1001', ...inCny, '--amount', '50.00', '--reference', 'bank-1', '--by', 'anna'];
const holds = (balanceMinor: number) => ({
  exitCode: 0,
  said: [{ memberId: 'M1001', currency: 'CNY', balanceMinor }],
});

beforeAll(async () => {
  const opened = await openStorage({
    dataDir: env.DATA_DIR,
    startFrom: await pgliteTemplate(),
    logger: silentLogger,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  await seedMembers(opened.value.db);
  await opened.value.close();
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it(
  'opens a wallet, takes money in once, puts it right, shows it, and proves it',
  { timeout: 300_000 },
  async () => {
    expect(await run(...topUp)).toMatchObject({ exitCode: 1, said: [expect.stringContaining('not_found')] });
    expect(await run('open', 'M1001', ...inCny)).toEqual(holds(0));
    for (let i = 0; i < 2; i++) expect(await run(...topUp)).toEqual(holds(5_000));
    const adjust = ['adjust', 'M1001', ...inCny, '--reference', 'slip-1', '--by', 'ben', '--reason', '少收'];
    expect(await run(...adjust, '--amount=-50.01')).toMatchObject({ exitCode: 1 });
    expect(await run(...adjust, '--amount=-0.05')).toEqual(holds(4_995));
    const { exitCode, said } = await run('statement', 'M1001', ...inCny);
    expect(exitCode).toBe(0);
    expect(said).toMatchObject([
      {
        balanceMinor: 4_995,
        entries: [
          { kind: 'adjustment', amountMinor: -5, actor: 'ben', reason: '少收' },
          { kind: 'top_up', amountMinor: 5_000, actor: 'anna', reason: 'top-up bank-1' },
        ],
        olderBefore: null,
      },
    ]);
    expect(await run('audit')).toEqual({ exitCode: 0, said: [] });
  },
);

it.each([
  [],
  ['open'],
  ['open', 'M1001'],
  ['open', 'M 1', ...inCny],
  ['open', 'M1001', 'M1002', ...inCny],
  ['open', 'M1001', '--currency', 'XYZ'],
  ['close', 'M1001', ...inCny],
  ['audit', 'M1001'],
  [...topUp, '--amount', '50'],
  [...topUp, '--amount', '0.00'],
  [...topUp, '--amount=-1.00'],
  [...topUp, '--amount', '1e3.00'],
  [...topUp, '--unknown', 'x'],
  ['statement', 'M1001', ...inCny, '--before', 'x'],
])('is wrong usage: %j', async (...args) => {
  expect((await run(...args)).exitCode).toBe(2);
});

it('says that there is no database', async () => {
  expect((await wallet(['audit'], {})).exitCode).toBe(2);
  writeFileSync(join(folder, 'file'), '');
  expect((await wallet(['audit'], { DATA_DIR: join(folder, 'file') })).exitCode).toBe(2);
  const two = { DATABASE_URL: 'postgresql://127.0.0.1:1/x', DATABASE_URL_FILE: 'x' };
  expect((await wallet(['audit'], two)).exitCode).toBe(2);
  expect((await wallet(['audit'], { DATABASE_URL: 'postgresql://127.0.0.1:1/x' })).exitCode).toBe(2);
});
