import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PictureType } from '../../shared/model/goods-picture.ts';
import { readPictureHeader } from '../../shared/node/picture-header.ts';
import { isKeptPicture, keptPictureName } from '../../shared/model/goods-picture.ts';

const draftSuffix = '.new';

/**
 * Pictures of goods on the disk, each in a file of its name, which says what is in it: one that was cut off or changed is none.
 * They are nobody's secret, and come again from the operator.
 */
export class GoodsPictureFiles {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'goods-pictures');
  }

  /** Null: it is not here, or not whole (then it is removed). Throws what `node:fs` throws for anything else. */
  async read(name: string): Promise<{ readonly bytes: Buffer; readonly type: PictureType } | null> {
    if (!isKeptPicture(name)) return null;
    const file = join(this.#folder, name);
    const bytes = await readFile(file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    if (bytes === null) return null;
    const type = isNamed(bytes, name) ? (readPictureHeader(bytes)?.type ?? null) : null;
    if (type !== null) return { bytes, type };
    await rm(file, { force: true });
    return null;
  }

  /** False: these bytes are not what the name says. Throws what `node:fs` throws. */
  async write(name: string, bytes: Buffer): Promise<boolean> {
    if (!isKeptPicture(name) || !isNamed(bytes, name) || readPictureHeader(bytes) === null) return false;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = join(this.#folder, name + draftSuffix);
    await writeFile(draft, bytes, { mode: 0o600 });
    await rename(draft, join(this.#folder, name));
    return true;
  }

  /** The names that are here; whole or not, `read` says. */
  async list(): Promise<ReadonlySet<string>> {
    return new Set((await this.#files()).filter(isKeptPicture));
  }

  /** Removes all others, and what a power cut left half written. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    for (const file of await this.#files())
      if (!names.has(file)) await rm(join(this.#folder, file), { force: true, recursive: true });
  }

  #files(): Promise<string[]> {
    return readdir(this.#folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
  }
}

function isNamed(bytes: Buffer, name: string): boolean {
  return keptPictureName(createHash('sha256').update(bytes).digest('hex')) === name;
}
