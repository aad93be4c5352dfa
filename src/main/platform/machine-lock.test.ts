import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { until } from '../../testkit/until.ts';
import { holdMachine } from './machine-lock.ts';

const nodeOf24 = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const module = new URL('./machine-lock.ts', import.meta.url).href;
/** Only bounds hanging. */
const hangMs = 120_000;

test.runIf(process.platform === 'linux')(
  'one program of a name on this machine: a second one is told no, the first hears of it; after kill -9 it is free',
  { timeout: hangMs },
  async () => {
    const name = `kaimen-test-${randomUUID()}`;
    const script = `const { holdMachine } = await import(${JSON.stringify(module)});
      console.log(await holdMachine(${JSON.stringify(name)}, () => console.log('second')));
      setInterval(() => {}, 1000);`;
    const first = spawn(nodeOf24, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    first.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await until('the first one holds it', () => Promise.resolve(out === 'true\n' ? true : null));
    expect(await holdMachine(name, () => undefined)).toBe(false);
    await until('the first one has heard', () => Promise.resolve(out === 'true\nsecond\n' ? true : null));
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await holdMachine(name, () => undefined)).toBe(true);
    expect(await holdMachine(`${name}-other`, () => undefined)).toBe(true);
    expect(await holdMachine(name, () => undefined)).toBe(false);
  },
);
