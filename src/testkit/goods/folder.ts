import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';

/** Pictures to measure with; `takes` are sessions: other days, other light. */
export interface GoodsFolder {
  readonly articles: readonly ArticlePictures[];
  /** Paths of pictures of other things. */
  readonly unknown: readonly string[];
  readonly packs: readonly Pack[];
}

export interface ArticlePictures {
  readonly sku: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** A third take; few pictures, or none. */
  readonly val: readonly string[];
  readonly catalogue: readonly string[];
}

export interface Pack {
  readonly sku: string;
  readonly picture: string;
  readonly annotation: string;
}

export type FolderCode = 'goods.no_folder' | 'goods.no_pictures';

const pictureEndings = new Set(['.jpg', '.jpeg', '.png', '.webp']);

export function readFolder(folder: string): Result<GoodsFolder, Failure<FolderCode>> {
  if (!existsSync(folder)) return fail('goods.no_folder', `${folder} is not there`);
  const takes = ['train', 'test', 'val', 'catalogue'] as const;
  const skus = new Set(takes.flatMap((take) => foldersIn(join(folder, 'cartons', take))));
  const articles = [...skus].sort().map((sku) => {
    const of = (take: (typeof takes)[number]): string[] => picturesIn(join(folder, 'cartons', take, sku));
    return { sku, train: of('train'), test: of('test'), val: of('val'), catalogue: of('catalogue') };
  });
  const unknown = picturesBelow(join(folder, 'unknown'));
  const packs = picturesIn(join(folder, 'packs', 'img')).flatMap((picture) => {
    const annotation = join(folder, 'packs', 'ann', `${basename(picture)}.json`);
    return existsSync(annotation) ? [{ sku: basename(picture, extname(picture)), picture, annotation }] : [];
  });
  if (articles.length === 0 && packs.length === 0)
    return fail(
      'goods.no_pictures',
      `${folder} has no cartons/{train,test}/<article> and no packs/{img,ann}`,
    );
  return ok({ articles, unknown, packs });
}

/** Names in a folder of files or of folders, also behind links; none when it is not there. */
function namesIn(folder: string, wanted: 'files' | 'folders'): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return wanted === 'files' ? found?.isFile() === true : found?.isDirectory() === true;
    })
    .sort();
}

const foldersIn = (folder: string): string[] => namesIn(folder, 'folders');

const picturesIn = (folder: string): string[] =>
  namesIn(folder, 'files')
    .filter((name) => pictureEndings.has(extname(name).toLowerCase()))
    .map((name) => join(folder, name));

const picturesBelow = (folder: string): string[] => [
  ...picturesIn(folder),
  ...foldersIn(folder).flatMap((inner) => picturesBelow(join(folder, inner))),
];
