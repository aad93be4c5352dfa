import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { lastGoodSettings, openSettings } from './settings-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kaimen-settings-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const text = JSON.stringify({
  cabinetId: 'KM-7',
  place: { zh: '一号楼', en: 'Building 1' },
  servicePhone: '400-000-0217',
});
const write = (bytes: string | Buffer): void => {
  writeFileSync(join(dir, 'config.json'), bytes);
};
const open = () => openSettings(dir, new FakeClock());

test('a byte order mark in front is no part of it', () => {
  write(`\uFEFF${text}`);
  const opened = open();
  expect(opened).toMatchObject({ ok: true, value: { settings: { place: { zh: '一号楼' } } } });
  // And a change can be written.
  expect(opened.ok && opened.value.update({ servicePhone: '110' }).ok).toBe(true);
  expect(open()).toMatchObject({ ok: true, value: { settings: { servicePhone: '110', cabinetId: 'KM-7' } } });
});

test.each([
  ['a folder', 'no file', (path: string) => mkdirSync(path)],
  ['a pipe', 'no file', (path: string) => execFileSync('mkfifo', [path])],
  ['far too large', 'too many', (path: string) => writeFileSync(path, ' '.repeat(5 * 1024 * 1024))],
])('%s in its place is refused with the reason, and holds nothing up', (_, why, make) => {
  make(join(dir, 'config.json'));
  expect(open()).toMatchObject({
    ok: false,
    error: { code: 'settings.invalid', message: expect.stringContaining(why) as unknown },
  });
});

test('through a link the file that it names is changed, and it stays a link', () => {
  const elsewhere = join(dir, 'elsewhere.json');
  writeFileSync(elsewhere, text);
  symlinkSync(elsewhere, join(dir, 'config.json'));
  const opened = open();
  expect(opened.ok && opened.value.update({ servicePhone: '110' }).ok).toBe(true);
  expect(lstatSync(join(dir, 'config.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(elsewhere, 'utf8')).toContain('"110"');
});

test.each([
  // The two characters of 中文 in GBK.
  [
    'GBK',
    Buffer.concat([
      Buffer.from(text.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from('d6d0cec4', 'hex'),
      Buffer.from('"}'),
    ]),
  ],
  ['UTF-16 with its mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['Latin 1', Buffer.from(text.replace('Building', 'B\u00fcro'), 'latin1')],
])('in %s: refused with the reason, left as it is', (_, bytes) => {
  write(bytes);
  expect(open()).toMatchObject({
    ok: false,
    error: { code: 'settings.invalid', message: expect.stringMatching(/UTF-8/) as unknown },
  });
  expect(readFileSync(join(dir, 'config.json')).equals(bytes)).toBe(true);
});

test('what could be read last is kept, for the number to call, whatever becomes of the file', () => {
  expect(lastGoodSettings(dir)).toBeNull();
  write(text);
  expect(open().ok).toBe(true);
  for (const spoilt of ['{ "cabinetId": ', '', '[]', '{"servicePhone":"call me"}', '\0\0\0\0']) {
    write(spoilt);
    expect(open().ok, spoilt).toBe(false);
    expect(lastGoodSettings(dir)).toMatchObject({ servicePhone: '400-000-0217', place: { zh: '一号楼' } });
    expect(readFileSync(join(dir, 'config.json'), 'utf8')).toBe(spoilt);
  }
});

test('a change that would make the file too large to be read again is refused, and the file stays', () => {
  // Written in one line by hand; the app writes a line for each entry.
  const large = JSON.stringify({ ...JSON.parse(text), later: Array.from({ length: 900_000 }, () => 1) });
  write(large);
  const opened = open();
  expect(opened.ok && opened.value.update({ servicePhone: '110' })).toMatchObject({
    error: { code: 'settings.io', message: expect.stringContaining('too many') as unknown },
  });
  expect(readFileSync(join(dir, 'config.json'), 'utf8')).toBe(large);
  expect(open().ok).toBe(true);
});
