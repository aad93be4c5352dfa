/** System libraries that Electron needs, a virtual display where there is none, PostgreSQL for the tests in CI. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** Debian and Ubuntu names; the first that the release knows is taken (Ubuntu 24.04 renamed some to …t64). */
const electronPackages = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libasound2t64', 'libasound2'],
  ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  ['libnss3'],
  ['libgbm1'],
  ['libxss1'],
  ['libxtst6'],
  ['libdrm2'],
];

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

export function missingLibraries(executable) {
  if (process.platform !== 'linux') return [];
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map((m) => m[1]);
}

/** Installs what is missing, or says the exact line to type and exits with code 3. */
export function installSystem({ executable, display, postgres }, say) {
  if (process.platform !== 'linux') return;
  const wanted = [];
  if (missingLibraries(executable).length > 0) wanted.push(...electronPackages);
  if (display && !process.env.DISPLAY && !has('Xvfb')) wanted.push(['xvfb']);
  if (postgres && !hasPostgres()) wanted.push(['postgresql']);
  if (wanted.length === 0) return;
  const failed = aptInstall(wanted, say);
  if (failed !== null) giveUp(failed.names, failed.how, say);
  const still = missingLibraries(executable);
  if (still.length > 0) giveUp(still, 'the packages with these libraries:', say);
}

/** node-hid's binary is linked with the system's libusb. Without it all but HID devices works, so that is said, no more. */
export function installLibusb(project, say) {
  if (process.platform !== 'linux') return;
  const folder = `${project}/node_modules/node-hid/prebuilds/HID_hidraw-linux-${process.arch}`;
  const binaries = existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [];
  if (!binaries.some((path) => missingLibraries(path).length > 0)) return;
  const failed = aptInstall([['libusb-1.0-0']], say);
  if (failed !== null) say(`HID devices need: ${failed.how} ${failed.names.join(' ')}`);
}

/** An ordinary browser for the pages that the operator serves. Without it their tests are left out, so that is said, no more. */
export function installChromium(say) {
  if (process.platform !== 'linux' || process.env.KAIMEN_CHROMIUM) return;
  if (['chromium', 'chromium-browser', 'google-chrome'].some(has)) return;
  const failed = aptInstall([['chromium']], say);
  if (failed !== null) say(`tests of the pages in a browser need: ${failed.how} ${failed.names.join(' ')}`);
}

/** `wanted`: for each package the names that it has in different releases. null, or what a person has to type. */
function aptInstall(wanted, say) {
  const lastNames = wanted.map((names) => names.at(-1));
  if (!has('apt-get')) return { names: lastNames, how: 'your package manager' };
  const sudo =
    process.getuid() === 0
      ? []
      : has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
        ? ['sudo', '-n']
        : null;
  if (sudo === null) return { names: lastNames, how: 'sudo apt-get install -y --no-install-recommends' };
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  say('installing system packages …');
  apt('update');
  const names = wanted.map((candidates) => candidates.find(isKnown) ?? candidates.at(-1));
  say(names.join(' '));
  return apt('install', '-y', '--no-install-recommends', ...names)
    ? null
    : { names, how: 'apt-get install -y --no-install-recommends' };
}

function isKnown(name) {
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))/.test(stdout ?? '');
}

function hasPostgres() {
  if (process.env.KAIMEN_TEST_DATABASE_URL || has('initdb')) return true;
  const base = '/usr/lib/postgresql';
  return existsSync(base) && readdirSync(base).some((v) => existsSync(`${base}/${v}/bin/initdb`));
}

function giveUp(names, how, say) {
  say(
    `something is missing and cannot be installed from here. Please run:\n\n ` +
      `   ${how} ${names.join(' ')}\n\nand then the same command again.`,
  );
  process.exit(3);
}

/** Starts a virtual display when there is none; answers the DISPLAY to use and a function that ends it. */
export async function startDisplay(say) {
  if (process.platform !== 'linux' || process.env.DISPLAY)
    return { display: process.env.DISPLAY ?? '', stop: () => {} };
  const xvfb = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1920x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const number = await new Promise((resolve, reject) => {
    let text = '';
    xvfb.stdio[3].on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    xvfb.on('error', reject);
    xvfb.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  say(`no display here: using a virtual one (:${number})`);
  return { display: `:${number}`, stop: () => xvfb.kill() };
}
