import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  /** File type and permissions as in `st_mode`. */
  readonly mode: number;
  readonly data: Uint8Array;
}

const folderMode = 0o040755;
const linkMode = 0o120777;
export const fileMode = 0o100644;
export const programMode = 0o100755;

/** A "newc" archive (Linux, Documentation/driver-api/early-userspace/buffer-format.rst): what an initramfs is made of. */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  const add = ({ path, mode, data }: CpioEntry, inode: number): void => {
    const name = Buffer.from(`${path}\0`);
    // inode, mode, uid, gid, links, mtime, size, device numbers (4), name length, check
    const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
    const head = `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`;
    parts.push(Buffer.from(head), name, padding(head.length + name.length), data, padding(data.length));
  };
  entries.forEach(add);
  add({ path: 'TRAILER!!!', mode: 0, data: new Uint8Array() }, 0);
  return Buffer.concat(parts);
}

export function folder(path: string): CpioEntry {
  return { path, mode: folderMode, data: new Uint8Array() };
}
export function file(path: string, data: Uint8Array | string, mode = fileMode): CpioEntry {
  return { path, mode, data: typeof data === 'string' ? Buffer.from(data) : data };
}

/** Everything in a folder of this machine, folders before what is in them. */
export function tree(from: string, to = ''): CpioEntry[] {
  return readdirSync(from)
    .sort()
    .flatMap((name): CpioEntry[] => {
      const path = join(from, name);
      const inside = to === '' ? name : `${to}/${name}`;
      const stat = lstatSync(path);
      if (stat.isDirectory()) return [folder(inside), ...tree(path, inside)];
      if (stat.isSymbolicLink())
        return [{ path: inside, mode: linkMode, data: Buffer.from(readlinkSync(path)) }];
      return [file(inside, readFileSync(path), (stat.mode & 0o111) === 0 ? fileMode : programMode)];
    });
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
