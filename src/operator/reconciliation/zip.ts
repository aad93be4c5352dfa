import { crc32, inflateRawSync } from 'node:zlib';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { BillFailure } from './bill.ts';

export interface ZippedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A `TextDecoder`. */
interface Decoder {
  decode(bytes: Uint8Array): string;
}

/** Signatures and lengths of the records of a ZIP file (PKWARE APPNOTE 4.3), without ZIP64. */
const endOfDirectory = { signature: 0x06_05_4b_50, length: 22, commentMax: 65_535 };
const entry = { signature: 0x02_01_4b_50, length: 46 };
const localHead = { signature: 0x04_03_4b_50, length: 30 };
const stored = 0;
const deflated = 8;
const utf8NameFlag = 0x0800;
/** A bill has two files. */
const filesMax = 20;

/**
 * The files of a ZIP file, of `bytesMax` bytes together at most once they are unpacked; each is checked by its checksum.
 * `nameDecoder`: of names that are not UTF-8. `bill_damaged`: cut off, altered, encrypted, or no ZIP file.
 */
export function unzip(
  zip: Uint8Array,
  bytesMax: number,
  nameDecoder: Decoder,
): Result<ZippedFile[], BillFailure> {
  try {
    return ok(readFiles(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), bytesMax, nameDecoder));
  } catch (error) {
    const isLarge =
      error instanceof TooLarge || (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    // Reading beyond the end throws as well.
    return isLarge
      ? fail('bill_too_large', `more than ${bytesMax} bytes unpacked`)
      : fail('bill_damaged', `no ZIP file that can be read: ${String(error)}`);
  }
}

class TooLarge extends Error {}

function readFiles(zip: Buffer, bytesMax: number, nameDecoder: Decoder): ZippedFile[] {
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > filesMax) throw new TooLarge();
  let at = zip.readUInt32LE(end + 16);
  let leftBytes = bytesMax;
  const files: ZippedFile[] = [];
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== entry.signature) throw new Error('no entry in the directory');
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.subarray(at + entry.length, at + entry.length + nameLength);
    const isUtf8 = (zip.readUInt16LE(at + 8) & utf8NameFlag) !== 0;
    const bytes = unpack(zip, at, leftBytes);
    leftBytes -= bytes.length;
    files.push({ name: isUtf8 ? name.toString() : nameDecoder.decode(name), bytes });
    at += entry.length + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/** Where the record at the end of the file begins. */
function endOf(zip: Buffer): number {
  const first = Math.max(zip.length - endOfDirectory.length - endOfDirectory.commentMax, 0);
  for (let at = zip.length - endOfDirectory.length; at >= first; at--)
    if (zip.readUInt32LE(at) === endOfDirectory.signature) return at;
  throw new Error('no end of the directory');
}

/** The file of the directory's entry at this place. */
function unpack(zip: Buffer, at: number, bytesMax: number): Uint8Array {
  const method = zip.readUInt16LE(at + 10);
  const packedLength = zip.readUInt32LE(at + 20);
  const length = zip.readUInt32LE(at + 24);
  const localAt = zip.readUInt32LE(at + 42);
  if (zip.readUInt32LE(localAt) !== localHead.signature) throw new Error('no file where the directory says');
  const from = localAt + localHead.length + zip.readUInt16LE(localAt + 26) + zip.readUInt16LE(localAt + 28);
  if (from + packedLength > zip.length) throw new Error('a file is cut off');
  if (length > bytesMax) throw new TooLarge();
  const packed = zip.subarray(from, from + packedLength);
  if (method !== stored && method !== deflated) throw new Error(`packed in another way: ${method}`);
  // One byte more than it may be, as none is no bound.
  const bytes = method === stored ? packed : inflateRawSync(packed, { maxOutputLength: bytesMax + 1 });
  if (bytes.length !== length || crc32(bytes) !== zip.readUInt32LE(at + 16)) throw new Error('altered');
  return bytes;
}
