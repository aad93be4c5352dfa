import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { type Stick, deviceOf, findStick, writeToStick } from './usb-stick.ts';

let dir: string;
let remove: () => void;
let stick: Stick;
const clock = new FakeClock();
const bytes = Buffer.from('what is wrong with this cabinet');
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  dir = join(scratch.path, 'stick');
  mkdirSync(dir);
  stick = { path: dir, device: deviceOf(statSync(dir).dev) };
});
afterEach(() => {
  remove();
});
const write = (files: Partial<typeof nodeFiles> = {}, name = 'a.gz', to = stick) =>
  writeToStick(to, name, bytes, { clock, files: { ...nodeFiles, ...files } });
const failing = (code: string) => (): Promise<never> =>
  Promise.reject(Object.assign(new Error(code), { code }));

/** The file itself answers, and one of its calls does not. */
function openWith(call: 'writeFile' | 'sync', code: string): Partial<typeof nodeFiles> {
  return {
    open: async (path, flags, mode) => {
      const file = await nodeFiles.open(path, flags, mode);
      if (String(path).endsWith('.part')) file[call] = failing(code);
      return file;
    },
  };
}

describe('a file on a stick', () => {
  test('is there whole, under its own name alone', async () => {
    expect(await write()).toMatchObject({ ok: true });
    expect(readdirSync(dir)).toEqual(['a.gz']);
    expect(readFileSync(join(dir, 'a.gz'))).toEqual(bytes);
  });

  test.each([
    ['full', 'ENOSPC', 'stick_full'],
    ['pulled', 'EIO', 'stick_pulled'],
    ['pulled and gone', 'ENODEV', 'stick_pulled'],
    ['read-only', 'EROFS', 'stick_read_only'],
    ['odd', 'EWHATEVER', 'stick_failed'],
  ])(
    'is not there at all when the stick is %s, as it is written or brought onto it',
    async (_, code, said) => {
      for (const call of ['writeFile', 'sync'] as const) {
        expect(await write(openWith(call, code))).toMatchObject({ ok: false, error: { code: said } });
        expect(readdirSync(dir)).toEqual([]);
      }
      expect(await write({ rename: failing(code) })).toMatchObject({ error: { code: said } });
      expect(readdirSync(dir)).toEqual([]);
    },
  );

  test('is not begun where there is no room for it', async () => {
    const statfs = (async (path: string) =>
      Object.assign(await nodeFiles.statfs(path), { bavail: 0 })) as never;
    expect(await write({ statfs })).toMatchObject({ error: { code: 'stick_full' } });
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each(['a.gz', 'a.gz.part'])(
    'follows no link that stands at %s, and overwrites nothing',
    async (name) => {
      const outside = join(dir, '..', 'outside');
      for (const target of [outside, join(dir, 'nowhere')]) {
        writeFileSync(outside, 'mine');
        symlinkSync(target, join(dir, name));
        expect(await write()).toMatchObject({ error: { code: 'stick_unsafe' } });
        expect(readFileSync(outside, 'utf8')).toBe('mine');
        expect(existsSync(join(dir, 'nowhere'))).toBe(false);
        await nodeFiles.unlink(join(dir, name));
      }
      writeFileSync(join(dir, name), 'somebody’s');
      expect(await write()).toMatchObject({ error: { code: 'stick_unsafe' } });
      expect(readFileSync(join(dir, name), 'utf8')).toBe('somebody’s');
    },
  );

  test('goes nowhere when the place of the stick is a link, a file, gone, or another disk', async () => {
    const other = join(dir, '..', 'link');
    symlinkSync(dir, other);
    expect(await write({}, 'a.gz', { ...stick, path: other })).toMatchObject({
      error: { code: 'stick_unsafe' },
    });
    writeFileSync(join(dir, 'file'), '');
    expect(await write({}, 'a.gz', { ...stick, path: join(dir, 'file') })).toMatchObject({
      error: { code: 'stick_unsafe' },
    });
    expect(await write({}, 'a.gz', { ...stick, path: join(dir, 'gone') })).toMatchObject({
      error: { code: 'stick_pulled' },
    });
    // It was pulled meanwhile: a folder of the cabinet's own disk has its name now.
    expect(await write({}, 'a.gz', { ...stick, device: '8:99' })).toMatchObject({
      error: { code: 'stick_pulled' },
    });
    expect(readdirSync(dir)).toEqual(['file']);
  });

  test('is given up when the stick does not answer', async () => {
    let answer = (_: Error): void => undefined;
    const statfs = () =>
      new Promise<never>((_, reject) => {
        answer = reject;
      });
    const asked = write({ statfs });
    await clock.advance(60_000);
    expect(await asked).toMatchObject({ error: { code: 'stick_pulled' } });
    answer(new Error('EIO'));
  });
});

describe('the stick', () => {
  const usb =
    '/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host4/target4:0:0/4:0:0:0/block/sdb/sdb1';
  const disk = '/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda1';
  const find = (mounts: readonly string[], places: Readonly<Record<string, string>>) =>
    findStick({
      readFile: (() => Promise.resolve(mounts.join('\n'))) as never,
      realpath: ((path: string) => {
        const place = places[path.replace('/sys/dev/block/', '')];
        return place === undefined ? Promise.reject(new Error('none')) : Promise.resolve(place);
      }) as never,
    });
  const mount = (device: string, path: string, root = '/'): string =>
    `97 28 ${device} ${root} ${path} rw,nosuid,nodev - vfat /dev/sdb1 rw`;

  test('is what hangs on a USB port and is mounted where such things are', async () => {
    const mounts = [mount('8:1', '/'), mount('8:17', '/media/kiosk/MY\\040STICK')];
    expect(await find(mounts, { '8:1': disk, '8:17': usb })).toEqual({
      ok: true,
      value: { path: '/media/kiosk/MY STICK', device: '8:17' },
    });
  });

  test.each([
    ['nothing is mounted', []],
    ['the system itself runs from USB', [mount('8:17', '/'), mount('8:17', '/boot/efi')]],
    ['a disk inside is mounted there', [mount('8:1', '/mnt/data')]],
    ['a part of it is bound elsewhere', [mount('8:17', '/media/x', '/etc')]],
    ['a name leads elsewhere', [mount('8:17', '/media/../etc')]],
    ['what is told is garbage', ['', 'x', '1 2 3 4', mount('../..', '/media/x')]],
  ])('is none when %s', async (_, mounts) => {
    expect(await find(mounts, { '8:1': disk, '8:17': usb })).toMatchObject({ error: { code: 'no_stick' } });
  });

  test('is not guessed among several; one that is mounted twice is one', async () => {
    const [one, two] = [mount('8:17', '/media/a'), mount('8:33', '/media/b')];
    const places = { '8:17': usb, '8:33': usb.replace('1-2', '1-3') };
    expect(await find([one, two], places)).toMatchObject({ error: { code: 'many_sticks' } });
    expect(await find([one, mount('8:17', '/media/again')], places)).toMatchObject({ ok: true });
  });
});
