import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LauncherState, launcherFiles, launcherStateOf } from '../../src/shared/launcher.ts';
import { AppHarness } from '../../src/testkit/app/app-harness.ts';
import { ConsoleClient } from '../../src/testkit/app/console-client.ts';
import { until } from '../../src/testkit/until.ts';
import { releaseCli } from '../../src/updates/cli/release-cli.ts';
import { describeRelease } from '../../src/updates/repository/publish-release.ts';
import { seedSlot } from '../../src/updates/release/seed-slot.ts';
import { makeVersion } from './versions.ts';

/**
 * The packed app on slots, as on a cabinet: the launcher starts it, an operator orders a newer version, which proves healthy and
 * stays; one that is broken is left by itself. A charge that the old version could not deliver is delivered by the new one.
 * `npm run package:updates`; the packed app is that of `npm run package`.
 */
const project = join(import.meta.dirname, '..', '..');
const packed = process.env['KAIMEN_PACKED_FOLDER'] ?? join(project, 'dist', 'linux-unpacked');
const [first, good, broken] = ['0.1.0', '0.1.1', '0.1.2'];
const cabinetId = 'A-0217';
/** A broken version is left within so long of its start. */
const backWithinMs = 120_000;
/** So long nothing may happen while the door is open. */
const restsMs = 5_000;
/** A version that is tried has so long to prove healthy, if it is another time than that of the launcher, ms. */
const healthMs = process.env['KAIMEN_UPDATE_HEALTH_MS'];
const beganMs = performance.now();
const say = (text: string): void => {
  console.log(`[updates ${((performance.now() - beganMs) / 1000).toFixed(0).padStart(4)} s] ${text}`);
};

const dir = mkdtempSync(join(tmpdir(), 'kaimen-updates-'));
const at = (...parts: string[]): string => join(dir, ...parts);
const root = at('root');
const repository = at('repository');

/** `npm run release`, which has to succeed. */
function release(act: string, more: Record<string, string>): void {
  const said: string[] = [];
  const args = Object.entries(more).map(([name, value]) => `--${name}=${value}`);
  if (releaseCli([act, ...args], (line) => said.push(line)) !== 0) throw new Error(said.join('\n'));
}
const keyOf = (name: string): string => at('keys', `${name}.pem`);
const signers = { repository, 'targets-key': keyOf('targets'), 'online-key': keyOf('online') };

function publish(version: string, isBroken: boolean): void {
  const app = at(`app-${version}`);
  const trustedRoot = join(repository, 'metadata', '1.root.json');
  makeVersion(packed, app, { version, trustedRoot, isBroken });
  const about = { version, platform: process.platform, arch: process.arch, start: 'start.sh' };
  release('publish', { ...signers, app, ...about });
}

async function prepare(): Promise<void> {
  for (const name of ['root', 'targets', 'online']) release('key', { to: keyOf(name) });
  const keys = {
    'root-keys': keyOf('root'),
    'targets-keys': keyOf('targets'),
    'online-keys': keyOf('online'),
  };
  release('root', { repository, ...keys });
  for (const version of [first, good, broken]) publish(version, version === broken);
  const about = { version: first, platform: process.platform, arch: process.arch, start: 'start.sh' };
  const app = at(`app-${first}`);
  await seedSlot(root, app, describeRelease(app, about as Parameters<typeof describeRelease>[1]));
  if (healthMs !== undefined)
    writeFileSync(join(root, launcherFiles.settings), JSON.stringify({ healthMs: Number(healthMs) }));
  say(`three versions are published, ${first} is in slot a`);
}

function state(): LauncherState | null {
  try {
    return launcherStateOf(JSON.parse(readFileSync(join(root, launcherFiles.state), 'utf8')));
  } catch {
    return null;
  }
}
const endOf = (version: string): string | undefined =>
  state()?.ended.findLast((one) => one.version === version)?.end;

/** The launcher, as a service manager starts it: with a home, a screen, and little else. */
function startLauncher(): { readonly said: () => string; readonly stop: () => Promise<void> } {
  const { PATH = '', DISPLAY = '' } = process.env;
  const env = { PATH, DISPLAY, HOME: at('home'), XDG_CONFIG_HOME: at('home', '.config') };
  const launcher = join(project, 'src', 'launcher', 'launcher.ts');
  const child = spawn(process.execPath, [launcher, root], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function check(what: string, isSo: boolean): void {
  if (!isSo) throw new Error(`not so: ${what}`);
  say(`ok   ${what}`);
}

async function play(): Promise<void> {
  process.env['UPDATES_DIR'] = repository;
  const harness = await AppHarness.open({ dir, cabinetId });
  const data = at('home', '.config', 'Kaimen');
  mkdirSync(data, { recursive: true });
  copyFileSync(join(harness.kioskDir, 'config.json'), join(data, 'config.json'));
  const console_ = await ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
  const act = async (wanted: object): Promise<void> => {
    const reason = 'the packed app is tried';
    const seen = await console_.call('previewAct', { act: wanted as never, reason });
    if (!seen.ok) throw new Error(JSON.stringify(seen.error));
    const done = await console_.call('act', { act: wanted as never, reason, version: seen.value.version });
    if (!done.ok) throw new Error(JSON.stringify(done.error));
  };
  const order = (version: string) =>
    act({ kind: 'order_update', release: version, percent: 100, windows: [], days: 1, cabinetId });
  const told = async () => {
    const updates = await console_.call('updates', undefined);
    if (!updates.ok) throw new Error(JSON.stringify(updates.error));
    return updates.value;
  };
  const runs = (version: string) =>
    until(`${version} says that it runs`, async () =>
      (await told()).versions.some((one) => one.version === version),
    );
  const log = (): string => {
    const path = join(data, 'kaimen.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const launcher = startLauncher();
  try {
    await runs(first);
    check(
      `the packed ${first} runs from slot a, and its operator knows`,
      launcher.said().includes(`starting ${first} from slot a`),
    );

    await harness.operator.call('faults', { mode: '500', path: '/v1/charges' });
    await harness.cabinet.present();
    await harness.cabinet.pull();
    await harness.cabinet.take('cola-can');
    await until('the goods are seen', () => log().includes('visit'));
    const orderedMs = performance.now();
    await order(good);
    await until('the order is known', () => log().includes('update_order.changed'));
    check(
      `the door is open, and the order of ${good} is known after ${Math.round(performance.now() - orderedMs)} ms`,
      performance.now() - orderedMs < 6_000,
    );
    await until(`${good} lies in the other slot`, () => log().includes('"update.installed"'));
    await new Promise((resolve) => setTimeout(resolve, restsMs));
    check(
      `${good} is fetched, and the visit goes on undisturbed`,
      !launcher.said().includes(`starting ${good}`),
    );
    await harness.cabinet.shut();
    await until(
      'the charge is sent in vain',
      () => /charge|queue/.test(log()) && log().includes('operator.unavailable'),
    );
    check('a charge waits, and is not at the operator', (await harness.operator.charges()).length === 0);

    const shutMs = performance.now();
    await until(`${good} counts`, () => endOf(good) === 'committed');
    await runs(good);
    const seconds = ((performance.now() - shutMs) / 1000).toFixed(0);
    say(`${good} was tried, and counts ${seconds} s after the visit and its charge`);
    check('it is in slot b', state()?.current === 'b');
    await harness.operator.call('faults', { mode: 'none', path: '/' });
    await until('the charge is delivered', async () =>
      (await harness.operator.charges()).some((one) => one.state === 'paid'),
    );
    check(
      'the charge of the old version is delivered by the new one, once',
      (await harness.operator.charges()).length === 1,
    );

    await order(broken);
    await until(`${broken} is started`, () => launcher.said().includes(`starting ${broken}`));
    const brokenMs = performance.now();
    await until(`${broken} is left`, () => endOf(broken) !== undefined);
    await act({ kind: 'withdraw_release', release: broken });
    await until(`${good} is started again`, () => {
      const said = launcher.said();
      return Promise.resolve(said.lastIndexOf(`starting ${good}`) > said.lastIndexOf(`starting ${broken}`));
    });
    const tookMs = performance.now() - brokenMs;
    check(
      `${broken}, whose page is none, was left after ${(tookMs / 1000).toFixed(0)} s: ${endOf(broken) ?? ''}`,
      tookMs < backWithinMs,
    );
    await until('the failure is told', async () =>
      (await told()).failures.some((one) => one.cabinetId === cabinetId),
    );
    check(`${good} counts, as before`, state()?.current === 'b');
  } catch (error) {
    console.log(`--- launcher\n${launcher.said().slice(-3_000)}\n--- log\n${log().slice(-6_000)}\n---`);
    throw error;
  } finally {
    await launcher.stop();
    await harness.close();
  }
}

if (!existsSync(join(packed, 'kaimen'))) {
  console.log(`SKIPPED: there is no packed app in ${packed}: npm run package -- --development makes one`);
} else {
  try {
    await prepare();
    await play();
    say('all of it is as it should be');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
