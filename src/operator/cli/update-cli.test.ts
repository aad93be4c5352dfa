import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDataFolder } from '../../testkit/operator/templates.ts';
import { updateCli } from './update-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-updates-'));
const env = { DATA_DIR: join(folder, 'data') };
beforeAll(() => makeDataFolder(env.DATA_DIR), 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const act = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { exitCode, lines } = await updateCli(args, env);
  expect(exitCode).toBe(0);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
};

it('orders, pauses, resumes and withdraws; each keeps what was said before', async () => {
  const ordered = await act('order', '1.2.0', '--percent=5', '--window=02:00-05:30', '--days=7');
  expect(ordered).toMatchObject({
    version: 1,
    cabinetId: null,
    release: '1.2.0',
    percent: 5,
    isPaused: false,
  });
  expect(ordered['windows']).toEqual([{ fromMinute: 120, toMinute: 330 }]);
  expect(Number(ordered['expiresAtMs']) - Number(ordered['issuedAtMs'])).toBeGreaterThan(6.9 * 86_400_000);
  expect(await act('pause')).toMatchObject({ version: 2, release: '1.2.0', percent: 5, isPaused: true });
  expect(await act('resume')).toMatchObject({ version: 3, isPaused: false });
  expect(await act('order', '1.1.0', '--cabinet=CAB-1')).toMatchObject({ version: 4, cabinetId: 'CAB-1' });
  expect(await act('withdraw', '1.2.0')).toMatchObject({ version: 5, release: null, withdrawn: ['1.2.0'] });
  expect(await act('unpin', 'CAB-1')).toMatchObject({ version: 6, isPinEnded: true });
  expect(await act('status')).toMatchObject({ fleet: { release: null, withdrawn: ['1.2.0'] } });
});

it('what was withdrawn is ordered for nobody: it would be said to be done, and no cabinet would take it', async () => {
  await act('withdraw', '1.3.0');
  for (const args of [[], ['--cabinet=CAB-1']])
    expect(await updateCli(['order', '1.3.0', ...args], env)).toMatchObject({
      ...{ exitCode: 2, lines: [expect.stringContaining('1.3.0 was withdrawn')] },
    });
});

it.each([
  [[]],
  [['order']],
  [['order', 'newest']],
  [['order', '1.0.0', '--percent=101']],
  [['order', '1.0.0', '--window=2:00-5:00']],
  [['pause', 'now']],
  [['unpin']],
  [['what']],
  [['status', '--so']],
])('%j is no command', async (args) => {
  expect(await updateCli(args, env)).toMatchObject({ exitCode: 2 });
});
