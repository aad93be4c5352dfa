import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../shared/util/logger.ts';
import { openTimeoutMs } from '../../testkit/operator/storages.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { fakeOrder } from '../storage/schema.ts';
import { openStorage } from '../storage/storage.ts';
import { reconcile } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-reconcile-'));
const env = { DATA_DIR: folder };
const csvFile = join(folder, 'found.csv');
let out: string[] = [];
let errors: string[] = [];

beforeAll(async () => {
  const opened = await openStorage({
    dataDir: folder,
    startFrom: await pgliteTemplate(),
    logger: silentLogger,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const row = { memberId: 'M', amountMinor: 5, currency: 'CNY', debitCount: 1 };
  await opened.value.db
    .insert(fakeOrder)
    .values({ chargeId: '=SHOP,1', ...row, atMs: Date.UTC(2026, 10, 28, 12) });
  await opened.value.close();
}, openTimeoutMs);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  [out, errors] = [[], []];
});
const order = (args: string[], more: Record<string, string> = {}) =>
  reconcile(
    args,
    { ...env, ...more },
    {
      log: (line: string) => out.push(line),
      error: (line: string) => errors.push(line),
    },
  );

it('compares a day, writes what it found, and people close it', { timeout: openTimeoutMs }, async () => {
  expect(await order(['--day=2026-11-28', `--csv=${csvFile}`])).toBe(0);
  expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
    { provider: 'operator', merchant: 'visits', day: '2026-11-28', differences: 0 },
    { provider: 'fake', merchant: 'fake', day: '2026-11-28', lines: 1, differences: 1 },
  ]);
  const [head = '', line = '', end] = readFileSync(csvFile, 'utf8').split('\r\n');
  expect(head.split(',').slice(0, 5)).toEqual(['id', 'provider', 'merchant', 'day', 'kind']);
  expect(line).toContain(`1,fake,fake,2026-11-28,unknown_order,not_our_number,finance,"'=SHOP,1",,5,CNY,`);
  expect(end).toBe('');
  expect(statSync(csvFile).mode & 0o777).toBe(0o600);
  out = [];
  expect(await order([])).toBe(0);
  expect(out.map((row) => JSON.parse(row) as unknown)).toMatchObject([{ id: 1, state: 'open' }]);
  const close = ['--close=1', '--as=explained', '--by=wang'];
  expect(await order([...close, '--why=the shop’s own till'])).toBe(0);
  expect(await order([...close, '--why=something else'])).toBe(1);
  out = [];
  expect(await order([])).toBe(0);
  expect(out).toEqual([]);
});

it.each([
  [['--day=2026-02-30']],
  [['--close=1', '--as=right', '--by=a', '--why=b']],
  [['--close=1', '--as=closed', '--by=a']],
  [['--close=x', '--as=closed', '--by=a', '--why=b']],
  [['--no-such-flag']],
])('refuses %j', async (args) => {
  expect(await order(args)).toBe(2);
  expect(errors).toHaveLength(1);
});

it('says which file it cannot read', { timeout: openTimeoutMs }, async () => {
  expect(await order(['--day=2026-11-28'], { PROVIDERS_FILE: join(folder, 'none') })).toBe(1);
  expect(errors.join(' ')).toContain('none');
});
