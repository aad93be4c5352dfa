import { crc32, inflateRawSync } from 'node:zlib';

/** An entry of an archive as its list of contents has it. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly at: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** The end of the list, and the longest remark that may stand behind it. */
const endBytes = 22;
const remarkMaxBytes = 65_535;
/** A workbook with a picture for each article has as many, and some more. */
const entriesMax = 2_000;

/**
 * Unpacks those of an archive's files (ZIP, APPNOTE 6.3; stored or deflated, neither encrypted nor above 4 GB) that are wanted, by
 * name. All of them together give `bytesMax` at most, whatever the archive says of their sizes; throws where it is damaged or more.
 */
export function unzip(
  archive: Buffer,
  isWanted: (name: string) => boolean,
  bytesMax: number,
): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let leftBytes = bytesMax;
  for (const entry of entriesOf(archive)) {
    if (!isWanted(entry.name)) continue;
    const bytes = unpacked(archive, entry, leftBytes);
    leftBytes -= bytes.length;
    files.set(entry.name, bytes);
  }
  return files;
}

function entriesOf(archive: Buffer): Entry[] {
  const end = endOf(archive);
  const count = archive.readUInt16LE(end + 10);
  if (count > entriesMax) throw new Error(`more than ${entriesMax} parts`);
  const entries: Entry[] = [];
  for (let at = archive.readUInt32LE(end + 16); entries.length < count;) {
    if (archive.readUInt32LE(at) !== entrySignature) throw new Error('its list of contents is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const nameAt = at + 46;
    entries.push({
      name: archive.toString('utf8', nameAt, nameAt + nameLength),
      method: archive.readUInt16LE(at + 10),
      checksum: archive.readUInt32LE(at + 16),
      packedBytes: archive.readUInt32LE(at + 20),
      at: archive.readUInt32LE(at + 42),
    });
    at = nameAt + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function endOf(archive: Buffer): number {
  const first = Math.max(0, archive.length - endBytes - remarkMaxBytes);
  for (let at = archive.length - endBytes; at >= first; at--)
    if (archive.readUInt32LE(at) === endSignature) return at;
  throw new Error('an archive without its end');
}

function unpacked(archive: Buffer, entry: Entry, leftBytes: number): Buffer {
  const { name, method, checksum, packedBytes, at } = entry;
  if (archive.readUInt32LE(at) !== localSignature) throw new Error(`${name} is not where it should be`);
  const from = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
  const packed = archive.subarray(from, from + packedBytes);
  if (packed.length !== packedBytes) throw new Error(`${name} is cut off`);
  const bytes = method === 8 ? inflated(packed, leftBytes) : packed;
  if (method !== 8 && method !== 0) throw new Error(`${name} is packed in a way that is not known`);
  if (bytes.length > leftBytes) throw new Error('unpacked it is too large');
  if (crc32(bytes) !== checksum) throw new Error(`${name} is damaged`);
  return bytes;
}

function inflated(packed: Buffer, leftBytes: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(leftBytes, 1) });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(isTooLarge ? 'unpacked it is too large' : 'it is damaged', { cause: error });
  }
}
