import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { pictureTypes } from '../../shared/model/goods-picture.ts';
import { isKeptPicture, keptPictureName } from '../../shared/model/goods-picture.ts';

type PictureType = (typeof pictureTypes)[number];
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
    const type = isNamed(bytes, name) ? typeOf(bytes) : null;
    if (type !== null) return { bytes, type };
    await rm(file, { force: true });
    return null;
  }

  /** False: these bytes are not what the name says. Throws what `node:fs` throws. */
  async write(name: string, bytes: Buffer): Promise<boolean> {
    if (!isKeptPicture(name) || !isNamed(bytes, name) || typeOf(bytes) === null) return false;
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

/** By its first bytes, as the operator has looked at it. */
function typeOf(bytes: Buffer): PictureType | null {
  if (bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (bytes.length > 3 && bytes.readUInt16BE(0) === 0xffd8) return 'image/jpeg';
  const isWebp = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return isWebp ? 'image/webp' : null;
}
