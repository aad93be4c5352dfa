/**
 * Every npm script of this project: `node build/run.mjs <task> [arguments]`.
 *
 * Runs on any Node from 20 on without a single package installed: it first brings here what the task needs (npm
 * packages, system libraries, the Electron runtime, a virtual display, a fresh build) and then runs the task's steps
 * with the project's own Node (package `node`). What is there already is not done again.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { availableParallelism, constants, setPriority } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { goodsModelFile, prepareModels } from './bootstrap/models.mjs';
import { installPackages } from './bootstrap/packages.mjs';
import { installChromium, installLibusb, installSystem, startDisplay } from './bootstrap/system.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(project, 'node_modules', '.bin');
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  // A third of a start of the operator's service is the compiling of what the start before had compiled.
  NODE_COMPILE_CACHE:
    process.env.NODE_COMPILE_CACHE ?? join(project, 'node_modules', '.cache', 'node-compiled'),
};
const say = (text) => process.stderr.write(`[kaimen] ${text}\n`);

const linted = ['src', 'e2e', 'build'];
const ownChecks = [
  'unused-members',
  'repeated-blocks',
  'import-cycles',
  'citations',
  'long-lines',
  'openapi',
  'licenses',
  'native-packages',
];
/** The longest first, because they run side by side. */
const checks = {
  together: [
    [
      'eslint',
      '-c',
      'build/eslint.config.js',
      '--max-warnings=0',
      '--cache',
      '--cache-location=node_modules/.cache/eslint',
      ...linted,
    ],
    [
      'oxlint',
      '-c',
      'build/oxlint.json',
      '--type-aware',
      '--tsconfig=tsconfig.json',
      '--format=unix',
      ...linted,
    ],
    // The native compiler; the one in JavaScript stays for the checks that need its interface.
    ...['node', 'renderer', 'e2e', 'pure', 'preload'].map((name) => [
      'node',
      'node_modules/native-tsc/bin/tsc',
      '-p',
      `build/tsconfig/${name}.json`,
    ]),
    ['knip', '-c', 'build/knip.json'],
    ...ownChecks.map((name) => ['node', `build/checks/${name}.ts`]),
    [
      'prettier',
      '--check',
      '--log-level=warn',
      '--cache',
      '--cache-location=node_modules/.cache/prettier/.prettier-cache',
      '--cache-strategy=content',
      '.',
    ],
  ],
};
const unit = ['vitest', 'run', '-c', 'build/vitest.config.ts'];
const hil = ['node', 'e2e/hil/run.ts'];
const packing = ['electron-builder', '--config', 'build/electron-builder.yml', '--publish', 'never'];
/** The packed app, on the runtime that development uses. */
const packed = [packing, ['node', 'build/bootstrap/packed.mjs', '--development']];
const readBack = ['node', 'build/bootstrap/packed.mjs'];
const e2e = ['playwright', 'test', '-c', 'e2e/playwright.config.ts'];

/**
 * app: the built app, the Electron runtime and a display are needed; browser: a Chromium of the system's; web: the pages that the operator serves to browsers;
 * usb: real devices may be touched; faces: not without the face models (else the app is built all the same, and says that it
 * cannot look for faces); goods: not without the network that looks at goods. Extra arguments go to the last step.
 */
const tasks = {
  setup: { app: true, usb: true, steps: [] },
  build: { steps: [], build: true },
  check: { steps: [checks] },
  unit: { steps: [unit] },
  'test:long': { postgres: true, long: true, steps: [unit] },
  hil: { steps: [hil] },
  e2e: { app: true, browser: true, steps: [e2e] },
  attack: {
    app: true,
    usb: true,
    faces: true,
    packed: true,
    steps: [...packed, ['node', 'build/attack.mjs']],
  },
  // The emulated machine and the real app mostly wait, so what only computes runs beside them, and yields to them: the
  // page looks for faces, and main believes a page that does not come to it for half a minute to be broken.
  test: {
    app: true,
    browser: true,
    postgres: true,
    steps: [
      {
        lanes: [
          { priority: 'normal', steps: { hil, e2e } },
          { priority: 'low', steps: { checks, unit } },
        ],
      },
    ],
  },
  // Its last part updates the packed app; named parts without that one need none.
  demo: {
    app: true,
    browser: true,
    packed: true,
    steps: [...packed, ['node', 'src/simulator/run/demo.ts']],
  },
  'demo in part': { app: true, browser: true, steps: [['node', 'src/simulator/run/demo.ts']] },
  start: { app: true, steps: [['node', 'src/simulator/run/start.ts']] },
  bench: { app: true, steps: [['node', 'e2e/bench.ts']] },
  'bench-operator': { steps: [['node', 'e2e/bench-operator.ts']] },
  screens: { app: true, browser: true, steps: [['node', 'e2e/screens.ts']] },
  'face-eval': { app: true, faces: true, steps: [['node', 'e2e/face-eval.ts']] },
  'goods-eval': { goods: true, steps: [['node', 'e2e/goods-eval.ts']] },
  sim: { steps: [['node', 'src/simulator/index.ts']] },
  'sim --recognition': { steps: [['node', 'src/simulator/recognition/index.ts']] },
  'sim --charges': { steps: [['node', 'src/simulator/charges/index.ts']] },
  operator: { web: true, steps: [['node', 'src/operator/index.ts']] },
  wallet: { steps: [['node', 'src/operator/cli/wallet-cli.ts']] },
  cabinet: { steps: [['node', 'src/operator/cli/cabinet-cli.ts']] },
  update: { steps: [['node', 'src/operator/cli/update-cli.ts']] },
  member: { steps: [['node', 'src/operator/cli/member-cli.ts']] },
  catalog: { steps: [['node', 'src/operator/cli/catalog-cli.ts']] },
  console: { steps: [['node', 'src/operator/cli/console-cli.ts']] },
  'bench-console': { steps: [['node', 'src/testkit/operator/million-charges.ts']] },
  'package-operator': { steps: [['node', 'build/package-operator.ts']] },
  'provider-shim': { steps: [['node', 'build/provider-shim.mjs']] },
  openapi: { steps: [['node', 'build/checks/openapi.ts', '--write']] },
  audit: { steps: [['node', 'src/main/cli/audit-cli.ts']] },
  codec: { steps: [['node', 'src/devices/cli/codec-cli.ts']] },
  release: { steps: [['node', 'src/updates/cli/release-cli.ts']] },
  'tuf-client': { steps: [['node', 'src/updates/cli/tuf-client.ts']] },
  devices: { usb: true, steps: [['node', 'src/devices/cli/devices-cli.ts']] },
  fuzz: { steps: [['node', 'src/devices/cli/fuzz-cli.ts']] },
  package: {
    app: true,
    usb: true,
    faces: true,
    steps: [packing, readBack, ['node', 'build/debian/package-deb.ts']],
  },
  // What is packed as a cabinet has it: updated and rolled back on slots; installed, upgraded and purged as a package.
  'package-test': {
    app: true,
    usb: true,
    faces: true,
    packed: true,
    steps: [
      ...packed,
      ['node', 'build/debian/package-deb.ts'],
      ['node', 'e2e/updates/run.ts'],
      ['node', 'build/debian/try-package.ts'],
    ],
  },
  // The same in an emulated machine: the unit, the session, the app on the screen, and its way back there. Some 20 minutes.
  'package-machine': {
    app: true,
    usb: true,
    faces: true,
    packed: true,
    steps: [...packed, ['node', 'build/debian/package-deb.ts'], ['node', 'build/debian/try-machine.ts']],
  },
  format: { steps: [['prettier', '--write', '--log-level=warn', '.']] },
};

/** Of a step that failed, so many lines are said once more at the very end, where whoever looks for the reason looks first. */
const lastLinesMax = 80;

/**
 * `label`: stands before each line of what the step says, where several say something at once; `lastLines` gets the last of
 * them.
 */
function run(step, label, isLow = false, lastLines = []) {
  const [command, ...args] = step;
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, {
      cwd: project,
      env,
      stdio: label === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    if (isLow) yieldToOthers(child);
    if (label !== undefined) {
      for (const name of ['stdout', 'stderr']) {
        const lines = createInterface({ input: child[name] });
        lines.on('line', (line) => {
          process[name].write(`[${label}] ${line}\n`);
          keepLast(lastLines, line);
        });
      }
    }
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.on('error', (error) => {
      say(`${command}: ${error.message}`);
      resolve(1);
    });
    // When it has ended and all that it said is written.
    child.on('close', (code, signal) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/**
 * Runs lanes side by side, each one's named steps in order until one fails; `priority: 'low'` lets the other lanes have the
 * processors first. All lanes run to their end, whatever the others say; the first code that is not 0 is the result.
 */
async function runLanes(lanes) {
  let firstCode = 0;
  const failed = [];
  const runLane = async ({ priority, steps }) => {
    const isLow = priority === 'low';
    for (const [name, step] of Object.entries(steps)) {
      const startMs = Date.now();
      const lastLines = [];
      const code = await (step.together === undefined
        ? run(step, name, isLow, lastLines)
        : runTogether(step.together, isLow, lastLines));
      const result = `${name}: ${code === 0 ? 'ok' : `FAILED with code ${code}`} after ${secondsSince(startMs)} s`;
      say(result);
      firstCode ||= code;
      if (code === 0) continue;
      failed.push({ result, lastLines });
      return;
    }
  };
  await Promise.all(lanes.map(runLane));
  for (const { result, lastLines } of failed) say([result, ...lastLines].join('\n'));
  return firstCode;
}

function keepLast(lines, line) {
  lines.push(line);
  if (lines.length > lastLinesMax) lines.shift();
}

function secondsSince(startMs) {
  return ((Date.now() - startMs) / 1000).toFixed(1);
}

/**
 * Runs steps side by side, as many as there are processors. What one of them says is printed in one piece when it has
 * ended; `lastLines` gets the end of what the failed ones said. All of them run, whatever the others say; the first code that
 * is not 0 is the result.
 */
async function runTogether(steps, isLow = false, lastLines = []) {
  const waiting = [...steps];
  let firstCode = 0;
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startMs = Date.now();
      const { code, text } = await runCaptured(step, isLow);
      const result = code === 0 ? 'ok' : `FAILED with code ${code}`;
      const line = `${result} after ${secondsSince(startMs)} s: ${step.join(' ')}`;
      say(line);
      process.stderr.write(text);
      firstCode ||= code;
      if (code !== 0) for (const said of [line, ...text.trimEnd().split('\n')]) keepLast(lastLines, said);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return firstCode;
}

/** The processors are for others first. What the child starts from now on is as modest. */
function yieldToOthers(child) {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

/** One step with all that it prints, on either stream. */
function runCaptured([command, ...args], isLow) {
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    if (isLow) yieldToOthers(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => (text += chunk));
    }
    child.on('error', (error) => resolve({ code: 1, text: `${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, text }));
  });
}

/** Hash over names, sizes and times of all that goes into a build. */
function sourceState(folders, files) {
  const hash = createHash('sha256');
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\0`);
      }
    }
  };
  for (const dir of folders) walk(join(project, dir));
  for (const file of [...files, 'package-lock.json']) hash.update(readFileSync(join(project, file)));
  return hash.digest('hex');
}

/** Runs the steps unless what they build is there already, of the same sources. */
async function buildOnce(what, wanted, steps) {
  const stamp = join(project, 'out', `.${what}-stamp`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say(`building the ${what} …`);
  for (const step of steps) {
    const code = await run(step);
    if (code !== 0) process.exit(code);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

async function buildApp(withFaces) {
  const state = sourceState(['src', 'resources'], ['electron.vite.config.ts', 'build/app-models.ts']);
  const wanted = `${state}${withFaces ? '' : ' without face models'}`;
  await buildOnce('app', wanted, [['electron-vite', 'build', '--logLevel', 'warn']]);
}

/** The pages that the operator serves. */
async function buildWeb() {
  const wanted = sourceState(['src/web', 'src/shared', 'resources/icons'], ['build/vite.web.config.ts']);
  const built = (page) => [
    'vite',
    'build',
    '-c',
    'build/vite.web.config.ts',
    '-m',
    page,
    '--logLevel',
    'warn',
  ];
  await buildOnce('web pages', wanted, [built('console'), built('phone')]);
}

function findElectron() {
  const got = spawnSync(join(bin, 'node'), ['build/bootstrap/electron.mjs'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (got.status !== 0) process.exit(got.status ?? 4);
  return got.stdout.trim().split('\n').at(-1);
}

/**
 * The runtime that is here, for electron-builder: it would fetch another one. Without our own default app. One that is not
 * the pinned release is for development alone, and refused otherwise.
 */
function electronForPackage(executable, isDevelopment) {
  const from = dirname(executable);
  const dist = join(project, 'node_modules', '.cache', 'kaimen-electron-dist');
  const defaultApp = join(from, 'resources', 'app');
  rmSync(dist, { recursive: true, force: true });
  cpSync(from, dist, { recursive: true, filter: (path) => path !== defaultApp });
  const version = readFileSync(join(from, 'version'), 'utf8').trim().replace(/^v/, '');
  const { devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const isRelease = version === devDependencies.electron;
  if (!isRelease && !isDevelopment) {
    say(`the Electron that is here is ${version}, for development and tests; a release is packed with`);
    say(`${devDependencies.electron}, which cannot be had from here; -- --development packs all the same.`);
    process.exit(6);
  }
  say(`packing with Electron ${version}${isRelease ? '' : ': DEVELOPMENT, not for a cabinet'}`);
  return [`-c.electronDist=${dist}`, `-c.electronVersion=${version}`];
}

async function main() {
  const [first = '', ...extra] = process.argv.slice(2);
  const part =
    first === 'sim' ? ['--charges', '--recognition'].find((one) => extra.includes(one)) : undefined;
  const isInPart = first === 'demo' && extra.length > 0 && !extra.includes('updates');
  const name = isInPart ? 'demo in part' : part === undefined ? first : `${first} ${part}`;
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) {
    say(`usage: node build/run.mjs ${Object.keys(tasks).join(' | ')}`);
    process.exit(2);
  }
  installPackages(project, say);
  if (task.goods && !prepareModels(say, [goodsModelFile()])) process.exit(5);
  if (task.usb) installLibusb(project, say);
  if (task.browser) installChromium(say);
  let stopDisplay = () => {};
  if (task.app) {
    const executable = findElectron();
    installSystem({ executable, display: true, postgres: task.postgres && Boolean(process.env.CI) }, say);
    env.KAIMEN_ELECTRON = executable;
    // In CI the operator's tests must have run against a real PostgreSQL; elsewhere a missing one is said loudly.
    if (process.env.CI) env.KAIMEN_REQUIRE_POSTGRES = '1';
    const display = await startDisplay(say);
    env.DISPLAY = display.display;
    stopDisplay = display.stop;
  }
  const isDevelopment = extra.includes('--development') || task.packed === true;
  const ofPacking =
    name === 'package' || task.packed ? electronForPackage(env.KAIMEN_ELECTRON, isDevelopment) : [];
  if (task.app || task.build) {
    const withFaces = prepareModels(say);
    // Without it the app is built all the same, and no camera inside is used.
    prepareModels(say, [goodsModelFile()]);
    if (task.faces && !withFaces) process.exit(5);
    await buildApp(withFaces);
  }
  if (task.app || task.build || task.web) await buildWeb();
  if (task.long) env.KAIMEN_LONG = '1';
  let code = 0;
  for (const [i, step] of task.steps.entries()) {
    if (step.together !== undefined) {
      code = await runTogether(step.together);
    } else if (step.lanes !== undefined) {
      code = await runLanes(step.lanes);
    } else {
      if (task.steps.length > 1) say(step.join(' '));
      const more =
        step === packing ? ofPacking : i === task.steps.length - 1 || step === readBack ? extra : [];
      code = await run([...step, ...more]);
    }
    if (code !== 0) break;
  }
  stopDisplay();
  process.exit(code);
}

await main();
