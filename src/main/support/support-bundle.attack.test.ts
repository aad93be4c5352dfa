import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { supportBundleMaxBytes } from '../../shared/model/support-bundle.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { createLogger } from '../platform/logger.ts';
import { logTail } from './log-tail.ts';
import { type SupportSources, makeSupportBundle, readSupportBundle } from './support-bundle.ts';

/** One secret of each kind that a cabinet has; whatever is planted, and wherever, none may leave. */
const secrets = {
  memberId: 'mem_7f3A9c21',
  memberName: '王小明',
  memberMasked: '138****5678',
  memberCode: 'KM1.eyJtIjoiTTEwMDEifQ.c2lnbmF0dXJl',
  token: 'Zx9-enrol-Token_0123456789abcdef',
  pin: '73920164',
  oneTimeCode: '48213377901265540187',
  privateKey: '-----BEGIN PRIVATE KEY-----MC4CAQAwBQYDK2VwBCIEIKk',
  keyHex: 'a1b2c3d4'.repeat(8),
  descriptor: '[0.0812,-0.1173,0.0455]',
  jpeg: '/9j/4AAQSkZJRgABAQ',
  visitId: 'KV01J9ZQX8T4F5R6S7',
  chargeId: 'KM01J9ZQX8T4F5R6S8',
  url: 'https://user:geheim@office.example/path?token=1',
  phone: '+86 21 5555 0100',
  serialNumber: 'FTDI-A10K9XYZ',
} as const;
const all = Object.values(secrets).join(' ');

let dir: string;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [dir, remove] = [scratch.path, scratch.remove];
});
afterEach(() => {
  remove();
});

/** With every secret in every place that has one more text than its schema names. */
function planted(): SupportSources {
  const more = { ...secrets, detail: all, message: all, note: [all] };
  return {
    dataDir: dir,
    about: () => ({
      ...{ cabinetId: 'A-0217', atMs: 1, version: '1.2.3', electron: '33.2.1', platform: 'linux' },
      ...{ arch: 'x64', ...more },
    }),
    devices: () => ({
      ...{ door: 'closed', isOnline: true, ...more },
      devices: [
        {
          ...{ id: 'lock', kind: 'lock', state: 'ready', errorCount: 0, resetCount: 0, trouble: null },
          ...{ sinceMs: 1, heardAgoMs: 2, ...more },
        },
      ],
    }),
    tests: () => ({ results: [{ test: 'network', atMs: 1, findings: [], facts: [], ...more }] }),
    cooling: () => ({ cooling: null, ...more }),
    settings: () => ({
      ...{ version: 1, isEnrolled: true, isOperatorLocal: false, showsCode: true, isSimulated: false },
      devices: [{ id: 'lock', kind: 'lock', ...more }],
      face: { enabled: true, rotation: 0, challengeAlways: false, isCameraNamed: true, ...more },
      evidence: { cleanDays: 1, flaggedDays: 1, disputedDays: 1, megabytesMax: 1, ...more },
      ...{ cooling: null, laneCount: 0, shelfCameraCount: 0, ...more },
    }),
    machine: () => Promise.resolve({ diskFreeBytes: 1, memoryFreeBytes: 1, appBytes: 1, ...more }),
    charges: () => ({
      unsettled: [{ state: 'queued', reason: 'network.timeout', count: 3, oldestMs: 1, ...more }],
      ...more,
    }),
    acts: () => ({ acts: [{ atMs: 1, act: 'openDoor', state: 'done', ...more }], ...more }),
  };
}

/** Lines with the secrets as the event, as keys, as values, in errors and their stacks, and outside of the form. */
function plantLog(): void {
  const log = createLogger({
    clock: new FakeClock(),
    level: 'debug',
    destination: { file: join(dir, 'kaimen.log') },
  });
  for (const secret of Object.values(secrets)) {
    for (const event of [
      'visit.state',
      'app.out_of_service',
      'alarm',
      'host.stderr',
      'unlock.failed',
      secret,
    ]) {
      log.info(event, { from: secret, to: secret, on: secret, reason: secret, kind: secret, why: secret });
      log.error(event, { error: new Error(`${secret}\n    at ${secret} (${secret}.js:1:1)`) });
      log.warn(event, { [secret]: 1, errorCode: secret, text: secret, error: secret });
      log.warn(event, { error: { code: secret, name: secret, message: secret, stack: `: ${secret}` } });
    }
  }
  const lines = Object.values(secrets).map((secret) => JSON.stringify({ event: secret, time: secret }));
  writeFileSync(join(dir, 'kaimen.log.1'), [...Object.values(secrets), ...lines].join('\n'));
  for (const secret of ['kaimen-73920164.txt', `${secrets.memberId}.jpg`])
    writeFileSync(join(dir, secret), all);
}

describe('a support bundle', () => {
  test('has no face, code, key, name, token or id of anybody in it, wherever they were', async () => {
    plantLog();
    const bundle = unwrap(await makeSupportBundle(planted()));
    const text = gunzipSync(bundle).toString('utf8');
    const found = Object.entries(secrets).filter(([, secret]) => text.includes(secret));
    expect(found).toEqual([]);
    // It was not left out by there being nothing.
    const parts = readSupportBundle(bundle);
    expect(parts.filter(({ part }) => part === 'log').length).toBeGreaterThan(50);
    expect(parts.map(({ part }) => part)).toEqual(
      expect.arrayContaining(['about', 'devices', 'tests', 'settings', 'storage', 'charges', 'acts', 'end']),
    );
  });

  test('says what happened in the words of the program, and where in it', async () => {
    const clock = new FakeClock();
    const log = createLogger({ clock, level: 'info', destination: { file: join(dir, 'kaimen.log') } });
    log.info('visit.state', { from: 'attract', to: 'authorising', on: 'codeScanned' });
    log.error('host.gone', { error: Object.assign(new Error('no'), { code: 'ENOSPC' }) });
    const parts = readSupportBundle(unwrap(await makeSupportBundle(planted())));
    const lines = parts.filter(({ part }) => part === 'log');
    expect(lines).toMatchObject([
      {
        event: 'visit.state',
        level: 'info',
        fields: { from: 'attract', to: 'authorising', on: 'codeScanned' },
      },
      { event: 'host.gone', level: 'error', fields: { errorCode: 'enospc' } },
    ]);
    expect(JSON.stringify(lines)).toMatch(/support-bundle\.attack\.test\.ts:\d+/);
    expect(parts.at(-1)).toEqual({ part: 'end', logLines: 2, leftOut: 0 });
  });

  test('stays within its bound, and keeps the newest of the log', async () => {
    const line = (i: number): string =>
      JSON.stringify({
        ...{ time: new Date(i).toISOString(), level: 'info', event: 'shelf.goods_vanished' },
        // As good as chance: it does not pack.
        fields: { count: Math.sin(i) * 1e9 },
      });
    const lines = Array.from({ length: 60_000 }, (_, i) => line(i));
    writeFileSync(join(dir, 'kaimen.log'), `${lines.join('\n')}\n`);
    const bundle = unwrap(await makeSupportBundle(planted()));
    expect(bundle.length).toBeLessThanOrEqual(supportBundleMaxBytes);
    const parts = readSupportBundle(bundle);
    expect(parts.findLast(({ part }) => part === 'log')).toMatchObject({
      time: new Date(59_999).toISOString(),
    });
    expect(parts.at(-1)).toMatchObject({ part: 'end', leftOut: 0 });
  });

  test.each([
    ['not in gzip', Buffer.from('{}')],
    ['cut off', 'cut'],
  ])('that is %s is not taken for one by its reader', async (_, bytes) => {
    const whole = unwrap(await makeSupportBundle(planted()));
    const read = (): unknown => readSupportBundle(typeof bytes === 'string' ? whole.subarray(0, -9) : bytes);
    expect(read).toThrow();
  });

  test('is not made of what cannot be read, and says so', async () => {
    const made = await makeSupportBundle({ ...planted(), dataDir: join(dir, 'gone') });
    expect(made).toMatchObject({ ok: false, error: { code: 'not_made' } });
  });
});

test('the end of a log that is larger than is looked at begins with a whole line, the newest first', async () => {
  writeFileSync(join(dir, 'kaimen.log'), 'one\ntwo\nthree\n');
  writeFileSync(join(dir, 'kaimen.log.1'), 'a\nb\n');
  expect(await logTail(dir, 8)).toEqual(['three']);
  expect(await logTail(dir)).toEqual(['three', 'two', 'one', 'b', 'a']);
});
