/**
 * `npm run package` on Debian: makes a package (.deb) out of what electron-builder has packed, into dist/. Beside the app it
 * has the launcher, the service with its user, session and limits, and the rules for devices.
 *
 * node build/debian/package-deb.ts [--app=<folder>] [--arch=x64|arm64] [--to=<folder>]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { describeRelease } from '../../src/updates/repository/publish-release.ts';
import { sbomOf } from '../../src/updates/repository/sbom.ts';

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..');
/** By our names: Debian's, electron-builder's folder, and the machine that an ELF file says it is for (e_machine). */
const architectures = {
  x64: { debian: 'amd64', folder: 'linux-unpacked', machine: 0x3e },
  arm64: { debian: 'arm64', folder: 'linux-arm64-unpacked', machine: 0xb7 },
} as const;
type Arch = keyof typeof architectures;
const programs = {
  launcher: 'src/launcher/launcher.ts',
  seed: 'src/updates/cli/seed-cli.ts',
};
/** Where each file of build/debian/files goes. */
const installed: Readonly<Record<string, string>> = {
  'kaimen.service': 'lib/systemd/system/kaimen.service',
  pam: 'etc/pam.d/kaimen',
  'sysusers.conf': 'usr/lib/sysusers.d/kaimen.conf',
  'tmpfiles.conf': 'usr/lib/tmpfiles.d/kaimen.conf',
  apparmor: 'etc/apparmor.d/kaimen',
  copyright: 'usr/share/doc/kaimen/copyright',
  'lintian-overrides': 'usr/share/lintian/overrides/kaimen',
};
const conffiles = ['/etc/apparmor.d/kaimen', '/etc/pam.d/kaimen'];
const scripts = ['preinst', 'postinst', 'prerm', 'postrm'];
/**
 * What the app's runtime links to (found with ldd), the session, and what starts the launcher. Node: Debian's own, which gets
 * its security fixes from Debian; the launcher needs no newer one.
 */
const depends = [
  ...['nodejs (>= 18)', 'cage', 'seatd', 'xwayland', 'systemd', 'udev', 'libpam-systemd', 'dbus'],
  ...['libasound2', 'libatk-bridge2.0-0', 'libatk1.0-0', 'libatspi2.0-0', 'libc6 (>= 2.36)', 'libcairo2'],
  ...['libcups2', 'libdbus-1-3', 'libdrm2', 'libexpat1', 'libgbm1', 'libglib2.0-0', 'libgtk-3-0', 'libnspr4'],
  ...['libnss3', 'libpango-1.0-0', 'libudev1', 'libusb-1.0-0', 'libx11-6', 'libxcb1', 'libxcomposite1'],
  ...['libxdamage1', 'libxext6', 'libxfixes3', 'libxkbcommon0', 'libxrandr2'],
];

interface Wanted {
  readonly app: string;
  readonly arch: Arch;
  readonly to: string;
}

/** Modes are part of a package: umask may not change them. */
function put(root: string, path: string, content: string | Buffer, mode = 0o644): void {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  chmodSync(whole, mode);
}

function assertMachine(executable: string, arch: Arch): void {
  const head = readFileSync(executable).subarray(0, 20);
  const isElf = head.subarray(0, 4).toString('latin1') === '\u007fELF';
  if (!isElf || head.readUInt16LE(18) !== architectures[arch].machine)
    throw new Error(`${executable} is no program for ${arch}`);
}

async function bundlePrograms(to: string): Promise<void> {
  await build({
    configFile: false,
    root: project,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      // Debian 12 has this one.
      target: 'node18',
      outDir: to,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: programs,
        output: { entryFileNames: '[name].mjs', chunkFileNames: 'lib/[name]-[hash].mjs' },
      },
    },
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** What is started; libraries are not, whatever their modes were where they were packed. */
const started = ['kaimen', 'chrome_crashpad_handler'];

/** Readable by everybody, written by root alone. */
function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else chmodSync(path, started.includes(entry.name) ? 0o755 : 0o644);
  }
}

function putApp(root: string, { app, arch }: Wanted, version: string): void {
  const to = join(root, 'opt/kaimen/app');
  cpSync(app, to, { recursive: true });
  // The setuid helper of Chromium's sandbox: without root's setuid bit it is of no use, and a slot has none.
  rmSync(join(to, 'chrome-sandbox'), { force: true });
  setModes(to);
  const release = describeRelease(to, { version, platform: 'linux', arch, start: 'kaimen' });
  put(root, 'opt/kaimen/release.json', JSON.stringify(release));
}

function putControl(root: string, arch: Arch, version: string): void {
  const files = filesBelow(root).sort();
  const sizeKb = Math.ceil(files.reduce((sum, path) => sum + statSync(path).size, 0) / 1024);
  const sums = files
    .map((path) => `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(root, path)}\n`)
    .join('');
  put(
    root,
    'DEBIAN/control',
    [
      'Package: kaimen',
      `Version: ${version}`,
      `Architecture: ${architectures[arch].debian}`,
      'Maintainer: The Kaimen authors <kaimen@localhost>',
      `Installed-Size: ${sizeKb}`,
      `Depends: ${depends.join(', ')}`,
      'Recommends: apparmor, mesa-vulkan-drivers | libgl1-mesa-dri',
      'Section: misc',
      'Priority: optional',
      'Description: app on the touchscreen of a smart vending cabinet',
      ' Lets members in by a code or their face, shows what they take while the door is',
      ' open, and charges it afterwards. Comes with a launcher that tries new versions',
      ' and goes back, and runs alone on the first terminal of its machine.',
      '',
    ].join('\n'),
  );
  put(root, 'DEBIAN/conffiles', conffiles.map((path) => `${path}\n`).join(''));
  put(root, 'DEBIAN/md5sums', sums);
  for (const name of scripts) put(root, `DEBIAN/${name}`, readFileSync(join(here, 'files', name)), 0o755);
}

/** Gives the path of the package. */
async function makeDeb(wanted: Wanted): Promise<string> {
  const { app, arch, to } = wanted;
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
  assertMachine(join(app, 'kaimen'), arch);
  const isDevelopment = existsSync(join(app, 'DEVELOPMENT-RUNTIME.txt'));
  const debVersion = isDevelopment ? `${version}~development` : version;
  const root = join(to, `deb-${arch}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true, mode: 0o755 });
  putApp(root, wanted, version);
  await bundlePrograms(join(root, 'opt/kaimen/launcher'));
  setModes(join(root, 'opt/kaimen/launcher'));
  for (const [name, path] of Object.entries(installed))
    put(root, path, readFileSync(join(here, 'files', name)));
  put(root, 'lib/udev/rules.d/70-kaimen.rules', readFileSync(join(project, 'build/udev/70-kaimen.rules')));
  const sbom = sbomOf(readFileSync(join(project, 'package-lock.json'), 'utf8'), version);
  put(root, 'usr/share/doc/kaimen/sbom.cdx.json.gz', gzipSync(JSON.stringify(sbom), { level: 9 }));
  const changes = `kaimen (${debVersion}) unstable; urgency=medium\n\n  * See the release’s notes.\n\n`;
  const signed = ' -- The Kaimen authors <kaimen@localhost>  Thu, 01 Jan 1970 00:00:00 +0000\n';
  put(root, 'usr/share/doc/kaimen/changelog.gz', gzipSync(changes + signed, { level: 9 }));
  putControl(root, arch, debVersion);
  for (const folder of ['', 'opt', 'opt/kaimen', 'lib', 'usr', 'etc', 'DEBIAN'])
    chmodSync(join(root, folder), 0o755);
  const deb = join(to, `kaimen_${debVersion}_${architectures[arch].debian}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z7', '--build', root, deb], { stdio: 'pipe' });
  rmSync(root, { recursive: true, force: true });
  return deb;
}

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { app: text, arch: text, to: text }, strict: false });
const arch: Arch =
  values.arch === 'arm64' || (values.arch === undefined && process.arch === 'arm64') ? 'arm64' : 'x64';
const to = typeof values.to === 'string' ? values.to : join(project, 'dist');
const app = typeof values.app === 'string' ? values.app : join(project, 'dist', architectures[arch].folder);
const say = (line: string): void => void process.stderr.write(`[package] ${line}\n`);

if (process.platform !== 'linux') {
  say(`no Debian package is made on ${process.platform}`);
} else if (spawnSync('dpkg-deb', ['--version']).error !== undefined) {
  say('no Debian package was made: there is no dpkg-deb here. Where there is one, with this folder:');
  say(`node build/debian/package-deb.ts --app=${app} --arch=${arch}`);
} else {
  say(await makeDeb({ app, arch, to }));
}
