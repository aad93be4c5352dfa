import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { GoodsPicture } from '../../shared/model/goods-picture.schema.ts';
import { keptPictureName } from '../../shared/model/goods-picture.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { until } from '../../testkit/until.ts';
import { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import {
  GoodsPictureSync,
  pictureEveryMs,
  pictureLookEveryMs,
  pictureRetryMs,
} from './goods-picture-sync.ts';
import type { OperatorFailure } from './operator-client.ts';

const bytesOf = (text: string): Buffer =>
  Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d494844520000000a0000000a', 'hex'), Buffer.from(text)]);
const nameOf = (bytes: Buffer): string => keptPictureName(createHash('sha256').update(bytes).digest('hex'));
const answerOf = (bytes: Buffer): Result<GoodsPicture, OperatorFailure> =>
  ok({ type: 'image/png', data: bytes.toString('base64') });

function catalogOf(...pictures: string[]): Catalog {
  const products = pictures.map((picture, at) => ({
    ...{ sku: `s${at}`, name: { zh: '货', en: 'x' }, priceMinor: 100, weightG: 10, picture },
  }));
  return catalogSchema.parse({ version: '1', currency: 'CNY', products, tags: [] });
}

let scratch: ReturnType<typeof makeScratchFolder>;
let clock: FakeClock;
beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock();
});
afterEach(() => {
  scratch.remove();
});

function make(answer: (name: string) => Result<GoodsPicture, OperatorFailure>) {
  const files = new GoodsPictureFiles(scratch.path);
  const asked: string[] = [];
  const world = { catalog: null as Catalog | null, answer };
  const sync = new GoodsPictureSync({
    ...{ files, clock, logger: silentLogger, catalog: () => world.catalog },
    client: {
      picture: (name) => {
        asked.push(name);
        return Promise.resolve(world.answer(name));
      },
    },
  });
  const has = async (name: string): Promise<void> => {
    await until(`${name} is here`, async () => {
      await clock.advance(pictureEveryMs);
      return (await files.list()).has(name) ? true : null;
    });
  };
  return { files, asked, world, sync, has };
}

test('pictures that the catalogue names come one by one, and those that it names no more go', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map(bytesOf) as [Buffer, Buffer, Buffer];
  const all = new Map([a, b, c].map((bytes) => [nameOf(bytes), bytes]));
  const { files, asked, world, sync, has } = make((name) => answerOf(all.get(name) ?? a));
  world.catalog = catalogOf(nameOf(a), 'cola-can', nameOf(b));
  sync.start();
  await has(nameOf(a));
  await has(nameOf(b));
  expect(await files.read(nameOf(a))).toEqual({ bytes: a, type: 'image/png' });
  writeFileSync(join(scratch.path, 'goods-pictures', `${nameOf(c)}.new`), 'half');
  world.catalog = catalogOf(nameOf(b), nameOf(c));
  sync.wake();
  await has(nameOf(c));
  expect([...(await files.list())].sort()).toEqual([nameOf(b), nameOf(c)].sort());
  expect(asked).toEqual([nameOf(a), nameOf(b), nameOf(c)]);
  sync.stop();
});

test('another picture than the one that was asked for is not kept, and asked for again later', async () => {
  const [a, b] = [bytesOf('a'), bytesOf('b')];
  const { files, asked, world, sync, has } = make(() => answerOf(b));
  world.catalog = catalogOf(nameOf(a));
  sync.start();
  await until('it was asked for', () => Promise.resolve(asked.length > 0 ? true : null));
  expect(await files.list()).toEqual(new Set());
  world.answer = () => answerOf(a);
  await until('it is asked for again', async () => {
    await clock.advance(pictureRetryMs);
    return asked.length > 1 ? true : null;
  });
  await has(nameOf(a));
  sync.stop();
});

test('one that is away keeps no other one back; the link’s return asks at once', async () => {
  const [a, b] = [bytesOf('a'), bytesOf('b')];
  const { asked, world, sync, has } = make((name) =>
    name === nameOf(a) ? fail('network.unreachable', 'x') : answerOf(b),
  );
  world.catalog = catalogOf(nameOf(a), nameOf(b));
  sync.start();
  await has(nameOf(b));
  world.answer = () => answerOf(a);
  const before = asked.length;
  sync.wake();
  await has(nameOf(a));
  expect(asked.length).toBeGreaterThan(before);
  sync.stop();
});

test('a file that was cut off or changed on the disk is none, and comes again', async () => {
  const a = bytesOf('a');
  const { files, world, sync, has } = make(() => answerOf(a));
  mkdirSync(join(scratch.path, 'goods-pictures'));
  const file = join(scratch.path, 'goods-pictures', nameOf(a));
  for (const bad of [Buffer.alloc(0), a.subarray(0, 4), bytesOf('b')]) {
    writeFileSync(file, bad);
    expect(await files.read(nameOf(a))).toBeNull();
    expect(await files.list()).toEqual(new Set());
  }
  world.catalog = catalogOf(nameOf(a));
  sync.start();
  await has(nameOf(a));
  expect(readFileSync(file)).toEqual(a);
  expect(await files.read('../kaimen.db')).toBeNull();
  sync.stop();
});

test('a folder that cannot be written is tried again until it can', async () => {
  const a = bytesOf('a');
  const { world, sync, has } = make(() => answerOf(a));
  // Where the folder should be stands a file.
  const place = join(scratch.path, 'goods-pictures');
  writeFileSync(place, 'x');
  world.catalog = catalogOf(nameOf(a));
  sync.start();
  await clock.advance(3 * pictureRetryMs);
  rmSync(place);
  await until('it is tried again', async () => {
    await clock.advance(pictureRetryMs);
    return existsSync(place) ? true : null;
  });
  await has(nameOf(a));
  sync.stop();
});

test('one that a power cut has left half written comes again once it was to be drawn', async () => {
  const a = bytesOf('a');
  const { files, asked, world, sync } = make(() => answerOf(a));
  const folder = join(scratch.path, 'goods-pictures');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, nameOf(a)), a.subarray(0, 4));
  world.catalog = catalogOf(nameOf(a));
  sync.start();
  await clock.advance(pictureEveryMs);
  expect(await files.read(nameOf(a))).toBeNull();
  await until('it is here and whole', async () => {
    await clock.advance(pictureLookEveryMs);
    return files.read(nameOf(a));
  });
  expect(asked).toEqual([nameOf(a)]);
  sync.stop();
});
