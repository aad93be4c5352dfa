import { crc32, deflateRawSync } from 'node:zlib';

/** For tests: GBK of what these bills have; the encoder of the platform knows UTF-8 only. */
const gbkBytes = new Map<string, number[]>();
const gbkDecoder = new TextDecoder('gbk');
for (let high = 0x81; high < 0xff; high++)
  for (let low = 0x40; low < 0xff; low++)
    if (low !== 0x7f) gbkBytes.set(gbkDecoder.decode(new Uint8Array([high, low])), [high, low]);
export function gbk(text: string): Uint8Array {
  return new Uint8Array(Array.from(text).flatMap((char) => gbkBytes.get(char) ?? [char.charCodeAt(0)]));
}

/** For tests: a ZIP file written by hand. `method`: 8 deflated, 0 stored. */
export function zipOf(files: readonly (readonly [name: string, bytes: Uint8Array])[], method = 8): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const nameBytes = Buffer.from(gbk(name));
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04_03_4b_50, 0);
    local.writeUInt16LE(nameBytes.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02_01_4b_50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(nameBytes.length, 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, nameBytes, packed);
    directory.push(entry, nameBytes);
    at += local.length + nameBytes.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06_05_4b_50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
