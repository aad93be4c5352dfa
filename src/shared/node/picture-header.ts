import type { PictureType } from '../model/goods-picture.ts';

/** What a picture says of itself in its first bytes. */
export interface PictureHeader {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads what kind of picture this is and how large, without drawing anything of it; null: none of ours, or one whose header is
 * not whole. JPEG: ITU-T T.81, B.2.2; PNG: W3C PNG, 11.2.1; WebP: RFC 9649, 2.4 to 2.7.
 */
export function readPictureHeader(bytes: Buffer): PictureHeader | null {
  const header = readJpeg(bytes) ?? readPng(bytes) ?? readWebp(bytes);
  return header === null || header.width === 0 || header.height === 0 ? null : header;
}

function readPng(bytes: Buffer): PictureHeader | null {
  const isPng = bytes.length >= 24 && bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  if (!isPng || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Frames (SOF0 to SOF15) but for what stands between them: DHT (C4), JPG (C8), DAC (CC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function readJpeg(bytes: Buffer): PictureHeader | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  let at = 2;
  // Each step goes forward, so this ends with the bytes.
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (isFrame(marker))
      return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    const length = bytes.readUInt16BE(at + 2);
    // Fill bytes, or the picture itself before any frame: no header.
    if (marker === 0xff || marker === 0xda || length < 2) return null;
    at += 2 + length;
  }
  return null;
}

function readWebp(bytes: Buffer): PictureHeader | null {
  const isWebp =
    bytes.length >= 30 &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WEBP';
  if (!isWebp) return null;
  const size = webpSize(bytes);
  return size === null ? null : { type: 'image/webp', ...size };
}

function webpSize(bytes: Buffer): Omit<PictureHeader, 'type'> | null {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      if (bytes[20] !== 0x2f) return null;
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ': {
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return null;
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    }
    default:
      return null;
  }
}
