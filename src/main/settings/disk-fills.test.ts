import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { lastGoodSettings, openSettings } from './settings-file.ts';

/** The disk fills in the middle of a write: write(2) then takes a part and says how much, without an error. A limit of the file's size stands for it. */
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kaimen-full-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A cabinet with a scale under each lane, as the set-up writes it: some 6 KB. */
const lanes = Array.from({ length: 32 }, (_, i) => ({
  lane: i + 1,
  unitAddress: i + 1,
  bounds: { minMilligrams: -5_000_000, maxMilligrams: 20_000_000 },
}));
const transport = {
  kind: 'serial',
  match: { vendorId: 6790, productId: 29_987, portPath: '1-1.3' },
  baudRate: 9600,
};
const config = {
  cabinetId: 'KM-7',
  servicePhone: '400-000-0217',
  operatorUrl: 'https://operator.example',
  enrolToken: 'T'.repeat(32),
  cabinet: { simulated: false, devices: [{ kind: 'scale', protocol: 'scale-modbus', transport, lanes }] },
};
const path = (): string => join(dir, 'config.json');

function run(script: string, blocks: number): string {
  const url = new URL('./settings-file.ts', import.meta.url).href;
  const clock = new URL('../../shared/clock.ts', import.meta.url).href;
  writeFileSync(
    join(dir, 'run.ts'),
    [
      `import { openSettings } from '${url}';`,
      `import { systemClock } from '${clock}';`,
      `const dir = ${JSON.stringify(dir)};`,
      script,
    ].join('\n'),
  );
  const child = spawnSync(
    'sh',
    ['-c', `ulimit -f ${blocks}; exec "$0" "$1"`, process.execPath, join(dir, 'run.ts')],
    {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    },
  );
  return `${child.stdout}${child.stderr}`;
}

test('the token is erased as the disk fills: the settings are the old ones or the new ones, never half of them', () => {
  writeFileSync(path(), `${JSON.stringify(config, null, 2)}\n`);
  expect(readFileSync(path()).length).toBeGreaterThan(4096);
  expect(openSettings(dir, new FakeClock()), 'a good file').toMatchObject({ ok: true });
  const said = run(
    [
      'const store = openSettings(dir, systemClock);',
      'console.log(store.ok ? store.value.update({ enrolToken: null }).ok : store.error.message);',
    ].join('\n'),
    8,
  );
  expect(said.trim(), 'what the update says of itself').toMatch(/^(?:true|false)$/);
  // There is room again, and the program starts anew.
  const opened = openSettings(dir, new FakeClock());
  expect(opened.ok ? 'ok' : opened.error.message.slice(0, 120)).toBe('ok');
});

test('nor does half a copy take the place of the last good one', () => {
  writeFileSync(path(), JSON.stringify({ ...config, cabinet: undefined, servicePhone: '400-000-0001' }));
  expect(openSettings(dir, new FakeClock()).ok).toBe(true);
  writeFileSync(path(), `${JSON.stringify(config, null, 2)}\n`);
  run('openSettings(dir, systemClock);', 8);
  expect(lastGoodSettings(dir)?.servicePhone).toBe('400-000-0001');
  // There is room again.
  expect(openSettings(dir, new FakeClock()).ok).toBe(true);
  expect(lastGoodSettings(dir)?.servicePhone).toBe('400-000-0217');
});
