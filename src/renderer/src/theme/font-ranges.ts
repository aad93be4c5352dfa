/** Code points from `first` to `last`, both included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** One file of the typeface and the characters that are in it. */
export interface FontFile {
  readonly url: string;
  /** As CSS writes it (`unicode-range`): `U+20-7e,U+4e00,U+9ff?`. */
  readonly unicodeRange: string;
}

/** Reads a CSS `unicode-range`. Throws on text that is none: the table is a build-time constant. */
export function readUnicodeRange(text: string): Range[] {
  return text.split(',').map((part) => {
    const match = /^\s*U\+([0-9a-f?]{1,6})(?:-([0-9a-f]{1,6}))?\s*$/i.exec(part);
    if (match?.[1] === undefined) throw new Error(`not a unicode range: ${part}`);
    const [, from, to = from] = match;
    return { first: parseInt(from.replaceAll('?', '0'), 16), last: parseInt(to.replaceAll('?', 'F'), 16) };
  });
}

/**
 * Says which files a text needs that no earlier text has needed. One for each character: the first that has it. A character
 * that no file has is left to the system's fonts.
 */
export class FontCover {
  readonly #files: readonly (readonly [FontFile, readonly Range[]])[];
  readonly #needed = new Set<FontFile>();
  readonly #seen = new Set<string>();

  constructor(files: readonly FontFile[]) {
    this.#files = files.map((file) => [file, readUnicodeRange(file.unicodeRange)]);
  }

  /** The files that this text adds, in the order of the table's first use. */
  add(text: string): FontFile[] {
    const added: FontFile[] = [];
    for (const character of text) {
      if (this.#seen.has(character)) continue;
      this.#seen.add(character);
      const file = this.#fileOf(character.codePointAt(0) ?? 0);
      if (file === null || this.#needed.has(file)) continue;
      this.#needed.add(file);
      added.push(file);
    }
    return added;
  }

  #fileOf(point: number): FontFile | null {
    const has = ({ first, last }: Range): boolean => point >= first && point <= last;
    return this.#files.find(([, ranges]) => ranges.some(has))?.[0] ?? null;
  }
}
