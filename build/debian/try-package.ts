/**
 * Installs the Debian package (dist/*.deb) into a clean Debian below a folder, upgrades, removes and purges it there, and looks
 * at files, owners, modes, user, unit, launcher and data after each step. No machine is started: what a service manager does
 * is not seen here. As root, with debootstrap.
 *
 * node build/debian/try-package.ts [--deb=<file>] [--suite=bookworm]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beginTrial, home, project, withVersion } from './trial.ts';

const trial = beginTrial('try', 'try-package.ts', { debootstrap: 'debootstrap' });
const { deb, suite, scratch, root, say, check } = trial;
const at = (path: string): string => join(root, path);

/** Runs below the folder; gives what it said, also where it failed. */
function inside(command: string, env: Readonly<Record<string, string>> = {}): { code: number; said: string } {
  const run = spawnSync('chroot', [root, 'sh', '-c', command], {
    encoding: 'utf8',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C.UTF-8',
      ...env,
    },
  });
  return { code: run.status ?? -1, said: `${run.stdout}${run.stderr}` };
}
function mustRun(command: string, env: Readonly<Record<string, string>> = {}): string {
  const { code, said } = inside(command, env);
  if (code !== 0) throw new Error(`${command}: ${code}\n${said.slice(-3_000)}`);
  return said;
}
const owner = (path: string): string => mustRun(`stat -c '%U:%G %a' ${path}`).trim();
const versionIn = (slot: string): string | null => {
  const file = at(`${home}/slots/${slot}/slot.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
};

/** The same package once more, with another version of the app in it; where it is below the folder. */
function packageOf(version: string): string {
  withVersion(deb, version, join(root, `tmp/kaimen_${version}.deb`));
  return `/tmp/kaimen_${version}.deb`;
}

function makeDebian(): void {
  say(`a clean Debian ${suite} …`);
  const more = '--include=ca-certificates,systemd,udev,dbus,apparmor';
  execFileSync('debootstrap', ['--variant=minbase', more, suite, root], { stdio: 'pipe', maxBuffer: 1e9 });
  for (const file of ['/etc/resolv.conf', '/etc/hosts'])
    if (existsSync(file)) cpSync(file, at(file), { dereference: true });
  for (const folder of ['/etc/apt/apt.conf.d', '/etc/apt/trusted.gpg.d']) {
    mkdirSync(at(folder), { recursive: true });
    if (existsSync(folder)) cpSync(folder, at(folder), { recursive: true, dereference: true, force: false });
  }
  writeFileSync(at('/usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  cpSync(deb, at('/tmp/kaimen.deb'));
  execFileSync('mount', ['-t', 'proc', 'proc', at('/proc')]);
}

function tryInstall(): void {
  const bare = inside('dpkg -i /tmp/kaimen.deb');
  check('without what it needs it is not configured', bare.code !== 0);
  mustRun('apt-get update -qq && apt-get install -y -f --no-install-recommends');
  check(
    'apt brings what it needs and configures it',
    mustRun('dpkg -s kaimen').includes('Status: install ok installed'),
  );
  const [version] = [
    (JSON.parse(readFileSync(at('/opt/kaimen/release.json'), 'utf8')) as { version: string }).version,
  ];
  check('its app is in slot a', versionIn('a') === version && versionIn('b') === null);
  check(
    'the slots are the kiosk’s own',
    owner(`${home}/slots/a/kaimen`) === 'kaimen:kaimen 755',
    owner(`${home}/slots/a/kaimen`),
  );
  check('nobody else looks into its data', owner(home) === 'kaimen:kaimen 700', owner(home));
  const groups = mustRun('id -nG kaimen');
  for (const group of ['video', 'render', 'input', 'plugdev', 'dialout'])
    check(`the kiosk is in ${group}`, groups.split(/\s/).includes(group), groups);
  check('it cannot sign in', /nologin|false/.test(mustRun('getent passwd kaimen')));
  const own = "dpkg -L kaimen | xargs -d '\\n' sh -c 'find \"$@\" -maxdepth 0 -not -type l' sh";
  const foreign = mustRun(
    `${own} | xargs -d '\\n' stat -c '%U:%G %a %n' | grep -v '^root:root [67][45][45] ' || true`,
  );
  check('all files are root’s, and nobody else’s to write', foreign.trim() === '', foreign);
  const setuid = mustRun(
    "dpkg -L kaimen | xargs -d '\\n' sh -c 'find \"$@\" -maxdepth 0 -perm /6000' sh || true",
  );
  check('nothing is setuid', setuid.trim() === '', setuid);
  const missing = mustRun("ldd /opt/kaimen/app/kaimen | grep 'not found' || true");
  check('every library of the runtime is there', missing.trim() === '', missing);
  const verify = inside('systemd-analyze verify --man=no /lib/systemd/system/kaimen.service');
  check('systemd-analyze verify', verify.code === 0 && !/kaimen\.service/.test(verify.said), verify.said);
  const security = mustRun(
    'systemd-analyze security --offline=true --no-pager /lib/systemd/system/kaimen.service || true',
  );
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(security)?.[1] ?? 10);
  check(`systemd-analyze security: ${exposure} of 10, at most 4`, exposure <= 4, security);
  check(
    'apparmor_parser reads the profile',
    inside('apparmor_parser -QKT /etc/apparmor.d/kaimen').code === 0,
    inside('apparmor_parser -QKT /etc/apparmor.d/kaimen').said,
  );
  check(
    'udevadm reads the rules',
    inside('udevadm verify /lib/udev/rules.d/70-kaimen.rules').code === 0 || suite === 'bookworm',
  );
  tryLauncher(version);
}

/** Without a screen the app ends; that the launcher chooses, checks and starts it is seen all the same. */
function tryLauncher(version: string): void {
  const node = mustRun('node --version').trim();
  const run = inside(
    `timeout 20 setpriv --reuid=kaimen --regid=kaimen --clear-groups --no-new-privs env -i HOME=${home} ` +
      `PATH=/usr/bin:/bin node /opt/kaimen/launcher/launcher.mjs ${home}`,
  );
  check(
    `Debian’s Node (${node}) starts the slot as the kiosk`,
    run.said.includes(`starting ${version} from slot a`),
    run.said,
  );
}

function tryUpgrade(): void {
  const conffile = at('/etc/apparmor.d/kaimen');
  writeFileSync(conffile, `${readFileSync(conffile, 'utf8')}\n# changed here\n`);
  mkdirSync(at(`${home}/.config/Kaimen`), { recursive: true });
  writeFileSync(at(`${home}/.config/Kaimen/kaimen.db`), 'charges');
  mustRun(`chown -R kaimen:kaimen ${home}/.config`);
  const older = versionIn('a');
  mustRun(`dpkg -i ${packageOf('9.9.9')}`);
  check(
    'the newer one is in the slot that rests, the older one stays',
    versionIn('a') === older && versionIn('b') === '9.9.9',
  );
  const order = at(`${home}/order.json`);
  check('and is to be tried', existsSync(order) && readFileSync(order, 'utf8').includes('9.9.9'));
  check('the order is the kiosk’s own', owner(`${home}/order.json`).startsWith('kaimen:kaimen'));
  check('a setting that was changed here stays', readFileSync(conffile, 'utf8').includes('# changed here'));
  check('charges stay', existsSync(at(`${home}/.config/Kaimen/kaimen.db`)));
  mustRun(`dpkg -i ${packageOf('0.0.9')}`);
  check('an older package puts nothing in a slot', versionIn('a') === older && versionIn('b') === '9.9.9');
}

function tryEnd(): void {
  mustRun('dpkg -r kaimen');
  check('removed: the programs are gone', !existsSync(at('/opt/kaimen/launcher')));
  check(
    'removed: slots and charges stay',
    versionIn('a') !== null && existsSync(at(`${home}/.config/Kaimen/kaimen.db`)),
  );
  const said = mustRun('dpkg -P kaimen');
  check('purged: the slots are gone', !existsSync(at(`${home}/slots`)));
  check(
    'purged: charges stay, and it says so',
    existsSync(at(`${home}/.config/Kaimen/kaimen.db`)) && said.includes('may not have been sent'),
    said,
  );
  check(
    'purged: settings are gone',
    !existsSync(at('/etc/apparmor.d/kaimen')) && !existsSync(at('/etc/pam.d/kaimen')),
  );
  mustRun('dpkg -i /tmp/kaimen_0.0.9.deb');
  mustRun('dpkg -P kaimen', { KAIMEN_PURGE: 'delete-charges' });
  check('purged with the word: all of it is gone', !existsSync(at(home)));
}

/** The layout for the other architecture, of an app that is none: never started here. */
function tryOtherArch(): void {
  const app = join(scratch, 'arm64');
  mkdirSync(app);
  const elf = Buffer.alloc(64);
  elf.write('\u007fELF', 'latin1');
  elf.writeUInt16LE(0xb7, 18);
  writeFileSync(join(app, 'kaimen'), elf, { mode: 0o755 });
  const make = (arch: string) =>
    spawnSync(process.execPath, [
      join(project, 'build/debian/package-deb.ts'),
      `--app=${app}`,
      `--arch=${arch}`,
      `--to=${scratch}`,
    ]);
  check('a program for another machine is packed by no name but its own', make('x64').status !== 0);
  check('arm64: the layout is made by the same command', make('arm64').status === 0);
  const file = readdirSync(scratch).find((name) => name.endsWith('_arm64.deb')) ?? '';
  const field = spawnSync('dpkg-deb', ['-f', join(scratch, file), 'Architecture'], {
    encoding: 'utf8',
  }).stdout.trim();
  check('arm64: the package says so', field === 'arm64' && statSync(join(scratch, file)).size > 0, field);
}

try {
  tryOtherArch();
  makeDebian();
  tryInstall();
  tryUpgrade();
  tryEnd();
} finally {
  // Before anything is removed: below it are the processes of this machine.
  if (existsSync(at('/proc/self'))) execFileSync('umount', [at('/proc')]);
  rmSync(scratch, { recursive: true, force: true });
}
trial.end();
