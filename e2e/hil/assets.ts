import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Debian, NoPackages } from '../../src/simulator/debian.ts';
import { cpioArchive, tree } from './cpio.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
/** Raised when what is built below changes. */
const recipe = 5;
const bootModules = [
  ...['virtio_pci', 'virtio_console', 'virtio_net', 'xhci-pci', 'usbhid', 'hid-generic', 'cdc-acm'],
];
/** Its sixteen virtual hubs take seconds to appear: only when USB/IP is tried. */
const lateModules = ['vhci-hcd'];
const moduleFolders = [
  ...['drivers/usb', 'drivers/hid', 'drivers/virtio', 'drivers/char', 'drivers/tty', 'drivers/input'],
  ...['drivers/net/virtio_net.ko', 'drivers/net/net_failover.ko', 'net/core', 'lib', 'crypto'],
];
const commandMaxMs = 600_000;
const nativePackages = ['usb', 'node-hid', 'serialport'];

/** What a machine is started with. */
export interface MachineAssets {
  readonly qemu: string;
  readonly qemuEnv: Readonly<Record<string, string>>;
  readonly qemuArgs: readonly string[];
  readonly kernel: string;
  /** First part of the initramfs: all but our own program. */
  readonly baseInitramfs: string;
  /** As its folder of modules is called. */
  readonly kernelVersion: string;
}

/**
 * Gets QEMU, a stock Debian kernel, busybox, kmod and udev as packages (apt checks their sums), unpacks them into the
 * user's cache without installing anything, and builds the kernel image and the first part of the initramfs. What is
 * there already is not done again. Works as root or not.
 */
export function machineAssets(say: (text: string) => void): MachineAssets {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new NoPackages(
      `a machine is prepared on Linux x64 only, this is ${process.platform} ${process.arch}`,
    );
  }
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kaimen');
  const done = join(cache, `hil-${stateKey()}`);
  if (!existsSync(join(done, 'kernel-version'))) {
    const half = `${done}.half-${process.pid}`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true });
    try {
      build(half, say);
      rmSync(done, { recursive: true, force: true });
      renameSync(half, done);
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  }
  const root = join(done, 'packages');
  return {
    qemu: join(root, 'usr/bin/qemu-system-x86_64'),
    qemuEnv: {
      LD_LIBRARY_PATH: libraryPath(root),
      QEMU_MODULE_DIR: join(root, 'usr/lib/x86_64-linux-gnu/qemu'),
    },
    qemuArgs: ['-L', join(root, 'usr/share/seabios'), '-L', join(root, 'usr/share/qemu')],
    kernel: join(done, 'kernel'),
    baseInitramfs: join(done, 'base.cpio'),
    kernelVersion: readFileSync(join(done, 'kernel-version'), 'utf8'),
  };
}

/** Whatever goes into the base: another Node or another native package makes another one. */
function stateKey(): string {
  const versions = [...nativePackages, 'node'].map((name) =>
    readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return createHash('sha256')
    .update([recipe, ...bootModules, ...lateModules, ...versions].join('\0'))
    .digest('hex')
    .slice(0, 12);
}

function build(folder: string, say: (text: string) => void): void {
  const packages = join(folder, 'packages');
  const kernelTree = join(folder, 'kernel-tree');
  say('getting QEMU and a Debian kernel (about 90 MB, once) …');
  mkdirSync(join(folder, 'debs'));
  const kernelPackage = download(join(folder, 'debs'));
  const version = kernelPackage.replace('linux-image-', '');
  mkdirSync(packages);
  mkdirSync(kernelTree);
  for (const name of readdirSync(join(folder, 'debs'))) {
    const deb = join(folder, 'debs', name);
    if (name.startsWith('linux-image-')) unpackKernel(deb, version, kernelTree);
    else if (name.endsWith('.deb')) run('dpkg', ['-x', deb, packages]);
  }
  rmSync(join(folder, 'debs'), { recursive: true });
  say('building kernel image and initramfs …');
  makeKernelImage(join(kernelTree, 'boot', `vmlinuz-${version}`), join(folder, 'kernel'));
  const root = join(folder, 'root');
  makeRoot({ root, packages, kernelTree, version });
  writeFileSync(join(folder, 'base.cpio'), cpioArchive(tree(root)));
  rmSync(root, { recursive: true });
  rmSync(kernelTree, { recursive: true });
  writeFileSync(join(folder, 'kernel-version'), version);
}

/** Answers the kernel's package name. The newest there is: old ones leave the mirrors. */
function download(folder: string): string {
  const debian = Debian.open(folder);
  const depends = debian.ask('apt-cache', ['depends', 'linux-image-amd64'], 'no Debian kernel here');
  const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (kernel === undefined) throw new NoPackages('this system has no package linux-image-amd64');
  const simulated = debian.ask(
    'apt-get',
    ['install', '-s', '--no-install-recommends', '-y', 'qemu-system-x86'],
    'no package qemu-system-x86 here',
  );
  // When it is installed already, nothing is listed; then it is fetched alone, its libraries are on this machine.
  const qemu = [...simulated.matchAll(/^Inst (\S+)/gm)]
    .map((m) => m[1] ?? '')
    .filter((n) => n !== 'ipxe-qemu');
  const wanted = new Set([
    ...[...qemu, 'qemu-system-x86', 'qemu-system-common', 'qemu-system-data', 'seabios', kernel],
    ...['busybox-static', 'kmod', 'udev', 'libudev1', 'libkmod2', 'libusb-1.0-0'],
  ]);
  debian.download(wanted);
  return kernel;
}

function unpackKernel(deb: string, version: string, to: string): void {
  const base = `./lib/modules/${version}`;
  const paths = [`./boot/vmlinuz-${version}`, ...moduleFolders.map((path) => `${base}/kernel/${path}`)];
  const lists = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'].map(
    (name) => `${base}/${name}`,
  );
  const archive = `${deb}.tar`;
  run('sh', ['-c', `dpkg --fsys-tarfile '${deb}' > '${archive}'`]);
  // A folder that this kernel does not have is none of our modules' (depmod and modprobe say what is missing).
  spawnSync('tar', ['-x', '-f', archive, '-C', to, ...paths, ...lists], { stdio: 'ignore' });
  rmSync(archive);
}

/**
 * The uncompressed kernel starts twice as fast as the compressed one under emulation: it is the xz stream inside of it.
 * Where it cannot be taken out, the compressed one does.
 */
function makeKernelImage(compressed: string, to: string): void {
  const image = readFileSync(compressed);
  const at = image.indexOf(Buffer.from('fd377a585a00', 'hex'));
  const xz =
    at < 0
      ? null
      : spawnSync('xz', ['-dc', '--single-stream'], {
          input: image.subarray(at),
          maxBuffer: 256 * 1024 * 1024,
        });
  // It stops reading at the end of the stream: that its input could not all be written is no error.
  const isElf = xz?.status === 0 && xz.stdout.subarray(1, 4).toString() === 'ELF';
  writeFileSync(to, isElf ? xz.stdout : image);
  if (isElf) spawnSync('strip', ['--strip-all', to]);
}

interface RootParts {
  readonly root: string;
  readonly packages: string;
  readonly kernelTree: string;
  readonly version: string;
}

function makeRoot({ root, packages, kernelTree, version }: RootParts): void {
  const inside = (path: string): string => join(root, path);
  for (const path of [
    ...['bin', 'sbin', 'proc', 'sys', 'dev', 'run', 'tmp', 'app', 'modules', 'lib64', 'etc/udev/rules.d'],
    ...['lib/x86_64-linux-gnu', 'lib/systemd', 'lib/udev/rules.d', 'usr'],
  ]) {
    mkdirSync(inside(path), { recursive: true });
  }
  copyFileSync(join(packages, 'bin/busybox'), inside('bin/busybox'));
  copyFileSync(realpathSync(join(project, 'node_modules/node/bin/node')), inside('bin/node'));
  spawnSync('strip', ['--strip-all', inside('bin/node')]);
  copyFileSync(realpathSync(join(packages, 'bin/udevadm')), inside('lib/systemd/systemd-udevd'));
  symlinkSync('/lib/systemd/systemd-udevd', inside('bin/udevadm'));
  copyModules(join(packages, 'bin/kmod'), kernelTree, version, inside('modules'), libraryPath(packages));
  for (const name of closureOf(nativePackages)) copyPackage(name, inside('app/node_modules'));
  // The system's own rules, on which those of the kiosk stand.
  const defaults = 'lib/udev/rules.d/50-udev-default.rules';
  copyFileSync(join(packages, defaults), inside(defaults));
  const programs = [
    ...[inside('bin/node'), inside('lib/systemd/systemd-udevd')],
    ...nativeBinaries(inside('app/node_modules')),
  ];
  for (const library of new Set(programs.flatMap((path) => librariesOf(path, libraryPath(packages))))) {
    const to = basename(library).startsWith('ld-linux') ? 'lib64' : 'lib/x86_64-linux-gnu';
    copyFileSync(library, inside(join(to, basename(library))));
  }
}

function copyModules(kmod: string, tree: string, version: string, to: string, libraries: string): void {
  const tools = join(dirname(tree), 'kmod');
  mkdirSync(tools);
  for (const name of ['depmod', 'modprobe']) symlinkSync(kmod, join(tools, name));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  execFileSync(join(tools, 'depmod'), ['-b', tree, version], { env, stdio: 'ignore' });
  const known = new Set<string>();
  for (const [list, names] of [['order', bootModules] as const, ['late', lateModules] as const]) {
    const order: string[] = [];
    for (const name of names) {
      const args = ['-d', tree, '-S', version, '--show-depends', name];
      const shown = execFileSync(join(tools, 'modprobe'), args, { env, encoding: 'utf8' });
      for (const [, path = ''] of shown.matchAll(/^insmod (\S+)/gm)) {
        if (!known.has(path)) order.push(path);
        known.add(path);
      }
    }
    writeFileSync(join(to, list), order.map((path) => `${basename(path)}\n`).join(''));
  }
  for (const path of known) {
    copyFileSync(path, join(to, basename(path)));
    spawnSync('strip', ['-g', join(to, basename(path))]);
  }
  rmSync(tools, { recursive: true });
}

/** These packages and all that they need to run. */
function closureOf(names: readonly string[]): Set<string> {
  const all = new Set<string>();
  const add = (name: string): void => {
    if (all.has(name)) return;
    all.add(name);
    const text = readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(dependencies)) {
      if (existsSync(join(project, 'node_modules', dependency))) add(dependency);
    }
  };
  names.forEach(add);
  return all;
}

/** Without sources, and without binaries of other systems. */
function copyPackage(name: string, to: string): void {
  const from = realpathSync(join(project, 'node_modules', name));
  const hasPrebuilds = existsSync(join(from, 'prebuilds'));
  cpSync(from, join(to, name), {
    recursive: true,
    filter: (path) => {
      const inside = path.slice(from.length + 1);
      const prebuild = /(^|\/)prebuilds\/([^/]+)/.exec(inside)?.[2];
      if (prebuild !== undefined) return prebuild.endsWith('linux-x64') && !inside.includes('musl');
      const isSource = hasPrebuilds && /^(deps|src|libusb|hidapi|libusb_config)(\/|$)/.test(inside);
      return !isSource && !/\.(md|ts|map|c|cc|cpp|h)$/.test(inside);
    },
  });
}

function nativeBinaries(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.node'))
    .map((path) => join(folder, path));
}

function librariesOf(program: string, libraries: string): string[] {
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const { stdout } = spawnSync('ldd', [program], { env, encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((m) => m[1] ?? '');
}

function libraryPath(packages: string): string {
  return ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((path) => join(packages, path)).join(':');
}

function run(command: string, args: string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: commandMaxMs });
  if (done.status === 0) return;
  const said = done.error?.message ?? done.stderr.trim().split('\n').slice(-3).join(' ');
  throw new Error(`${command} ${args[0] ?? ''}: ${said}`);
}
