import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../shared/launcher.ts';

const program = join(import.meta.dirname, '../../testkit/main/platform/program-with-a-bug.ts');

/** The program on a Node that, as Electron does, only warns of a rejection that nobody handles. */
function run(bug: string): { code: number | null; errors: string; out: string } {
  const ended = spawnSync(process.execPath, ['--unhandled-rejections=warn', program, bug], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: ended.status, errors: ended.stderr, out: ended.stdout };
}

describe('a bug ends the program with its code and a line', () => {
  test.each([
    'throws',
    'rejects',
    'rejects with a text',
    'throws before there is a log',
    'rejects before there is a log',
  ])('it %s', (bug) => {
    const { code, errors, out } = run(bug);
    expect({ bug, code, errors }).toMatchObject({ code: exitCodes.bug });
    // Where there is a log it is told there, too.
    expect(errors).toMatch(/the app has a bug: .*the bug/);
    expect(out.includes('app.bug')).toBe(!bug.endsWith('no log') && !bug.includes('before'));
  });

  test('a log that cannot be written keeps it from nothing', () => {
    const { code, errors } = run('rejects with a broken log');
    expect(code).toBe(exitCodes.bug);
    expect(errors).toMatch(/the bug/);
  });

  test('it goes on without one', () => {
    expect(run('none')).toMatchObject({ code: 0, out: expect.stringContaining('the end') as string });
  });
});
