import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

/**
 * Whoever can start the installed program tries to get into it. Against what `npm run package` has made; `npm run attack`
 * packs it first and says where it lies.
 */
const packed = process.env['KAIMEN_PACKED'] ?? '';
test.skip(packed === '' || !existsSync(packed), 'no packed app: npm run attack makes one');

let dir: string;
test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kaimen-packed-'));
});
test.afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Only bounds hanging: a refused start ends by itself. */
const hangMs = 120_000;
/** Starts it with a home of its own; what it wrote when it ended by itself. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const run = spawnSync(packed, [...root, '--disable-gpu', ...args], {
    env: { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, ...env },
    encoding: 'utf8',
    timeout: hangMs,
  });
  return { code: run.status, out: `${run.stdout}${run.stderr}` };
}
const proof = (): string => join(dir, 'proof');
const writesProof = (): string => `require('fs').writeFileSync(${JSON.stringify(proof())}, 'in')`;

test('as Node: it runs no script of mine', () => {
  const script = join(dir, 'script.js');
  writeFileSync(script, writesProof());
  const { code } = start([script], { ELECTRON_RUN_AS_NODE: '1' });
  expect(existsSync(proof())).toBe(false);
  expect(code).toBe(64);
});

test('NODE_OPTIONS: it requires no module of mine', () => {
  const script = join(dir, 'script.cjs');
  writeFileSync(script, writesProof());
  // With a switch that makes it end: a module would have been required before that.
  const { code } = start(['--inspect=0'], { NODE_OPTIONS: `--require ${script}` });
  expect(existsSync(proof())).toBe(false);
  expect(code).toBe(64);
});

for (const name of [
  '--inspect=0',
  '--inspect-brk=0',
  '--remote-debugging-port=0',
  '--js-flags=--expose-gc',
]) {
  test(`${name}: it does not start`, () => {
    const { code, out } = start([name]);
    expect(out).not.toMatch(/listening on ws/i);
    expect(code).toBe(64);
  });
}

test('another app in its place: it loads from its own archive only', () => {
  const app = join(dir, 'app');
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ main: 'main.js' }));
  writeFileSync(join(dir, 'main.js'), writesProof());
  start([dir, '--inspect=0']);
  start([app, '--inspect=0']);
  expect(existsSync(proof())).toBe(false);
});

test('its archive holds no private key', () => {
  const archive = readFileSync(join(packed, '..', 'resources', 'app.asar'), 'latin1');
  expect(archive).not.toMatch(/-----BEGIN (EC |RSA )?PRIVATE KEY-----/);
});
