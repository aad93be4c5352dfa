import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

/**
 * Loaded into a program before its own code (`--import`, or by itself): faults of disk and clock under one folder.
 *
 * What a program has not brought onto the disk is lost with the power: each `fsync` is noted in the mirror (contents by inode, a
 * folder's names by its path), and `afterPowerCut` makes the folder anew out of what was noted. That is the worst that a disk may
 * do. Beside the mirror lie the switches: `full` (no file can be begun or made longer), `1970` (the clock), and `pause` with a
 * line such as `after rename state.json 2` (stop there until the file is gone, saying so in `paused`).
 */
interface Folders {
  readonly root: string;
  readonly mirror: string;
}

const nameOf = (path: string): string => encodeURIComponent(path);
function put(path: string, text: string | Buffer): void {
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(`${path}.${process.pid}`, text);
  fs.renameSync(`${path}.${process.pid}`, path);
}

function note({ mirror }: Folders, path: string): void {
  const about = fs.statSync(path, { throwIfNoEntry: false });
  if (about === undefined) return;
  if (!about.isDirectory()) {
    put(join(mirror, 'content', String(about.ino)), fs.readFileSync(path));
    return;
  }
  const entries = fs.readdirSync(path).map((name) => {
    const { ino, mode } = fs.statSync(join(path, name));
    return { name, ino, mode, isFolder: fs.statSync(join(path, name)).isDirectory() };
  });
  put(join(mirror, 'names', nameOf(path)), JSON.stringify(entries));
}

/** All of it is on the disk: the beginning. */
export function noteAll(folders: Folders, path = folders.root): void {
  note(folders, path);
  if (fs.statSync(path).isDirectory())
    for (const name of fs.readdirSync(path)) noteAll(folders, join(path, name));
}

/** What is there when the power is back. */
export function afterPowerCut(folders: Folders): void {
  const { root, mirror } = folders;
  const fresh = `${root}.fresh`;
  const build = (path: string, to: string): void => {
    fs.mkdirSync(to);
    const names = join(mirror, 'names', nameOf(path));
    if (!fs.existsSync(names)) return;
    const entries = JSON.parse(fs.readFileSync(names, 'utf8')) as {
      name: string;
      ino: number;
      mode: number;
      isFolder: boolean;
    }[];
    for (const { name, ino, mode, isFolder } of entries) {
      if (isFolder) build(join(path, name), join(to, name));
      else {
        const content = join(mirror, 'content', String(ino));
        const bytes = fs.existsSync(content) ? fs.readFileSync(content) : Buffer.alloc(0);
        fs.writeFileSync(join(to, name), bytes, { mode });
      }
    }
  };
  build(root, fresh);
  fs.rmSync(root, { recursive: true });
  fs.renameSync(fresh, root);
  fs.rmSync(mirror, { recursive: true });
  noteAll(folders);
}

const { KAIMEN_FAULT_ROOT: root, KAIMEN_FAULT_MIRROR: mirror, KAIMEN_FAULT_SWITCHES: switches } = process.env;
if (root !== undefined && mirror !== undefined && switches !== undefined) {
  const folders = { root, mirror };
  const isIn = (path: unknown): path is string => typeof path === 'string' && path.startsWith(root);
  const isOn = (name: string): boolean => original.existsSync(join(switches, name));
  const original = { ...fs };
  const role = process.env['KAIMEN_FAULT_ROLE'] ?? 'app';
  const counts = new Map<string, number>();
  const pause = (moment: string): void => {
    const count = (counts.get(moment) ?? 0) + 1;
    counts.set(moment, count);
    const file = join(switches, 'pause');
    const mine = `${role} ${moment} ${count}`;
    const reads = (): string => (original.existsSync(file) ? original.readFileSync(file, 'utf8') : '');
    if (reads() !== mine) return;
    original.writeFileSync(join(switches, 'paused'), mine);
    while (reads() === mine) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  };
  const assertRoom = (path: unknown): void => {
    if (isIn(path) && isOn('full'))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'write' });
  };
  const isWriting = (flags: unknown): boolean => typeof flags === 'string' && /[wa]/.test(flags);
  const pathOf = (fd: number): string => original.readlinkSync(`/proc/self/fd/${fd}`);

  const { promises } = fs;
  const before = { ...promises };
  fs.fsyncSync = (fd) => {
    original.fsyncSync(fd);
    if (isIn(pathOf(fd))) note(folders, pathOf(fd));
  };
  fs.openSync = (path, flags, mode) => {
    if (isWriting(flags)) assertRoom(path);
    return original.openSync(path, flags, mode);
  };
  fs.renameSync = (from, to) => {
    if (isIn(to)) pause(`before rename ${basename(to)}`);
    original.renameSync(from, to);
    if (isIn(to)) pause(`after rename ${basename(to)}`);
  };
  promises.open = async (path, flags, mode) => {
    if (isWriting(flags)) assertRoom(path);
    return before.open(path, flags, mode);
  };
  promises.copyFile = async (from, to, mode) => {
    assertRoom(to);
    await before.copyFile(from, to, mode);
  };
  const handle = await before.open(process.execPath);
  const kind = Object.getPrototypeOf(handle) as { sync: () => Promise<void>; fd: number };
  await handle.close();
  const sync = kind.sync;
  kind.sync = async function (this: { fd: number }): Promise<void> {
    await sync.call(this);
    if (isIn(pathOf(this.fd))) note(folders, pathOf(this.fd));
  };
  syncBuiltinESMExports();

  const RealDate = Date;
  // A battery that is flat: the clock begins anew.
  if (isOn('1970')) {
    const offMs = RealDate.now();
    globalThis.Date = class extends RealDate {
      constructor(...args: [] | [string | number]) {
        super(args.length === 0 ? RealDate.now() - offMs : args[0]);
      }
      static override now(): number {
        return RealDate.now() - offMs;
      }
    } as DateConstructor;
  }
}
