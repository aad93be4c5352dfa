import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeScratchFolder } from '../scratch-folder.ts';
import { type GoodsFolder, readFolder } from './folder.ts';

let scratch: ReturnType<typeof makeScratchFolder>;
beforeEach(() => {
  scratch = makeScratchFolder();
});
afterEach(() => {
  scratch.remove();
});

const put = (...names: string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(join(scratch.path, name)), { recursive: true });
    writeFileSync(join(scratch.path, name), '');
  }
};
function read(): GoodsFolder {
  const folder = readFolder(scratch.path);
  if (!folder.ok) throw new Error(folder.error.message);
  return folder.value;
}
const within = (paths: readonly string[]): string[] =>
  paths.map((path) => path.slice(scratch.path.length + 1));

describe('readFolder', () => {
  it('gives each take of each article, in one order, also of articles that have not all takes', () => {
    put('cartons/train/tea/2.jpg', 'cartons/train/tea/1.PNG', 'cartons/test/tea/3.webp');
    put('cartons/catalogue/milk/front.jpeg');
    const { articles } = read();
    expect(articles.map(({ sku }) => sku)).toEqual(['milk', 'tea']);
    const [milk, tea] = articles;
    expect(within(tea!.train)).toEqual(['cartons/train/tea/1.PNG', 'cartons/train/tea/2.jpg']);
    expect(within(tea!.test)).toEqual(['cartons/test/tea/3.webp']);
    expect([tea!.val, tea!.catalogue, milk!.train]).toEqual([[], [], []]);
    expect(within(milk!.catalogue)).toEqual(['cartons/catalogue/milk/front.jpeg']);
  });

  it('takes pictures alone, however deep those of other things lie', () => {
    put('cartons/train/tea/notes.txt', 'cartons/train/tea/1.jpg');
    put('unknown/pear.jpg', 'unknown/fruit/red/apple.jpg', 'unknown/fruit/notes.txt');
    const { articles, unknown } = read();
    expect(articles[0]!.train.length).toBe(1);
    expect(within(unknown)).toEqual(['unknown/pear.jpg', 'unknown/fruit/red/apple.jpg']);
  });

  it('takes a pack only with what says where it lies in its picture', () => {
    put('packs/img/crisps.png', 'packs/ann/crisps.png.json', 'packs/img/alone.png');
    expect(read().packs).toEqual([
      {
        sku: 'crisps',
        picture: join(scratch.path, 'packs/img/crisps.png'),
        annotation: join(scratch.path, 'packs/ann/crisps.png.json'),
      },
    ]);
  });

  it('follows links, and passes by those that lead nowhere', () => {
    put('elsewhere/tea/1.jpg', 'cartons/train/milk/1.jpg');
    symlinkSync(join(scratch.path, 'elsewhere/tea'), join(scratch.path, 'cartons/train/tea'));
    symlinkSync(join(scratch.path, 'nowhere'), join(scratch.path, 'cartons/train/lost'));
    expect(read().articles.map(({ sku }) => sku)).toEqual(['milk', 'tea']);
  });

  it('says what is missing', () => {
    const none = readFolder(join(scratch.path, 'not there'));
    expect(none.ok ? '' : none.error.code).toBe('goods.no_folder');
    put('unknown/pear.jpg');
    const nothing = readFolder(scratch.path);
    expect(nothing.ok ? '' : nothing.error.code).toBe('goods.no_pictures');
  });
});
