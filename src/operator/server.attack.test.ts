import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('./server.ts', import.meta.url));
const nodeOf24 = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));

describe('the operator as it is packed', () => {
  it.each(['', 'prod', 'Production', ' production'])(
    'is in production with NODE_ENV=%j',
    (name) => {
      // Else it begins in memory, with a provider that moves no money, and ends with its input.
      const { status, stderr } = spawnSync(nodeOf24, [entry, '--until-stdin-ends'], {
        env: { PATH: process.env['PATH'], NODE_ENV: name },
        input: '',
        encoding: 'utf8',
      });
      expect(stderr).toContain('production needs DATABASE_URL');
      expect(status).toBe(2);
    },
    120_000,
  );
});
