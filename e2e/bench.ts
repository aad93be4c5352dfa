import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, _electron } from 'playwright-core';
import { measureDecoders } from '../src/devices/protocol/decode-bench.ts';
import { fuzzProtocol } from '../src/devices/protocol/fuzz.ts';
import { protocols } from '../src/devices/protocol/protocols.ts';
import { measureDecisions } from '../src/simulator/recognition/decision-times.ts';
import { measureBacklog } from '../src/simulator/system/backlog-times.ts';
import { commitTimesMs } from '../src/simulator/system/commit-times.ts';
import { measureReaderCpu } from '../src/simulator/system/reader-cpu.ts';
import { measureReading } from '../src/simulator/system/reading-times.ts';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';
import { benchFaces } from './bench/faces.ts';
import { paintedAt, watchPaint } from './bench/paint.ts';
import { benchPhonePaint } from './bench/phone-paint.ts';
import { add, addOne, print, quantile } from './bench/table.ts';

/**
 * `npm run bench`: measures the product's hot paths in the real app and prints them as a table. Figures hold for the
 * machine that it names; the start is a ratio to a bare Electron window in the same run.
 */
const project = fileURLToPath(new URL('..', import.meta.url));
const operatorLatencyMs = 20;
const unlockRuns = 20;
const basketRuns = 24;
/** How long a screen stands before the next act in `benchUnlock`. */
const readMs = 1000;
const recoveryRuns = 10;
/** How long a device is unplugged in `benchRecovery`: the back-off is then between two tries that are 0.8 s apart. */
const unpluggedMs = 1000;
/** Main's own measure of a host that is no longer "just started" (main/devices/device-host.ts). */
const hostHealthyMs = 10_500;
const startRuns = 5;
const commitRuns = 500;
const backlogCount = 100_000;
const decodeMs = 500;
const readerTagsPerSecond = 60;
const readingRuns = 20;
const readerCpuMs = 5000;
const decisionVisits = 200;
const decisionSeed = 5;
const fuzzFrames = 1_000_000;
const fuzzSeed = 1;

/**
 * A person reads before the next act, and what was painted last stands by then: without a GPU the next picture waits about
 * 0.13 s behind the whole one before, which would be measured instead of our own way.
 */
async function stoodBefore(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, readMs));
}

async function benchUnlock(harness: AppHarness): Promise<void> {
  await harness.operator.call('faults', { mode: 'delay', delayMs: operatorLatencyMs });
  const toLock: number[] = [];
  const toScreen: number[] = [];
  const edgeToScreen: number[] = [];
  for (let i = 0; i < unlockRuns; i++) {
    await harness.screen.waitScreen('attract');
    await stoodBefore();
    const since = harness.cabinet.trace(0).at(-1)?.seq ?? 0;
    const beganMs = Date.now() - 1;
    await harness.cabinet.present();
    const frame = await until('open frame', () =>
      Promise.resolve(
        harness.cabinet
          .trace(since)
          .find((e) => e.device === 'lock' && e.direction === 'to_device' && e.hex.startsWith('8A')) ?? null,
      ),
    );
    const scan = harness.cabinet
      .trace(since)
      .findLast((e) => e.device === 'code-scanner' && e.direction === 'from_device');
    if (scan === undefined) throw new Error('no scan in the trace');
    toLock.push(frame.atMs - scan.atMs);
    toScreen.push((await paintedAt(harness, beganMs, { leftScreen: 'attract' })) - scan.atMs);
    await harness.screen.waitScreen('unlocking');
    await stoodBefore();
    const shut = lockSays(harness, 0).at(-1);
    const beforePullMs = Date.now() - 1;
    await harness.cabinet.pull();
    await harness.screen.waitScreen('shopping');
    const edge = lockSays(harness, beforePullMs).find((said) => said.hex !== shut?.hex);
    if (edge === undefined) throw new Error('the board has not told that the door is open');
    edgeToScreen.push((await paintedAt(harness, beforePullMs, { leftScreen: 'unlocking' })) - edge.atMs);
    await harness.cabinet.shut();
    // The next shopper comes when the screen has gone back by itself.
    await harness.screen.waitScreen('nothing_charged');
  }
  await harness.operator.call('faults', { mode: 'none' });
  add(
    'unlock: last byte of the scan → first byte of the lock frame',
    toLock,
    `operator at ${operatorLatencyMs} ms; a shopper about every 9 s`,
  );
  add(
    'our own way: last byte of a scan → next screen painted',
    toScreen,
    'scanner bytes, host, visit, IPC, React, paint',
  );
  add(
    'door pulled: last byte of the board that says so → door-open screen painted',
    edgeToScreen,
    'lock bytes, host, visit, commit, IPC, React, paint',
  );
}

function lockSays(harness: AppHarness, sinceMs: number): { hex: string; atMs: number }[] {
  return harness.cabinet
    .trace(0)
    .filter((e) => e.device === 'lock' && e.direction === 'from_device' && e.atMs > sinceMs);
}

async function benchBasket(harness: AppHarness): Promise<void> {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  const taken: number[] = [];
  const back: number[] = [];
  for (let i = 0; i < basketRuns; i++) {
    const beganMs = Date.now();
    await harness.cabinet.take('cola-can');
    taken.push((await paintedAt(harness, beganMs, { total: '3.50' })) - beganMs);
    const returnedMs = Date.now();
    await harness.cabinet.putBack('cola-can');
    back.push((await paintedAt(harness, returnedMs, { total: '0.00' })) - returnedMs);
  }
  await harness.cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  add(
    'basket: tag leaves → line painted',
    taken,
    'nearly all of it is waiting for evidence (see core/recognition/presence.ts)',
  );
  add('basket: tag comes back → line gone', back, 'two reads of the tag');
}

/** Device host killed, and the lock's cable pulled and put back: until the lock is asked again. */
async function benchRecovery(harness: AppHarness): Promise<void> {
  await harness.screen.waitScreen('attract');
  const restarted: number[] = [];
  const replugged: number[] = [];
  for (let i = 0; i < recoveryRuns; i++) {
    const pid = await harness.deviceHostPid();
    restarted.push(await askedAgainMs(harness, () => Promise.resolve(process.kill(pid, 'SIGKILL'))));
    await harness.cabinet.post('devices/lock', { connected: false });
    await new Promise((resolve) => setTimeout(resolve, unpluggedMs));
    replugged.push(
      await askedAgainMs(harness, () => harness.cabinet.post('devices/lock', { connected: true })),
    );
    // A host that dies right after its start waits longer, and that is not what is measured.
    await new Promise((resolve) => setTimeout(resolve, hostHealthyMs));
  }
  add('device host killed → the lock is asked again', restarted, 'noticed, new process, driver connected');
  add(
    'lock plugged in again → the lock is asked again',
    replugged,
    `TCP device server, away for ${unpluggedMs} ms: the back-off alone, no plug event`,
  );
}

/** From `act` to the first bytes on the lock's wire, in ms. */
async function askedAgainMs(harness: AppHarness, act: () => Promise<unknown>): Promise<number> {
  const since = harness.cabinet.trace(0).at(-1)?.seq ?? 0;
  const beganMs = performance.timeOrigin + performance.now();
  await act();
  const frame = await until('the lock is asked', () =>
    Promise.resolve(
      harness.cabinet
        .trace(since)
        .find((e) => e.device === 'lock' && e.direction === 'to_device' && e.atMs > beganMs) ?? null,
    ),
  );
  return frame.atMs - beganMs;
}

/** Hot loops of the device host, in this process: how many times faster they are than the wire can bring frames. */
function benchDecoders(): void {
  for (const rate of measureDecoders(() => performance.now(), decodeMs)) {
    addOne(
      `decode ${rate.protocol}`,
      `${Math.round(rate.framesPerSecond)} frames/s`,
      `${Math.round(rate.framesPerSecond / rate.lineFramesPerSecond)} times what its line carries`,
    );
  }
}

/** What a continuous inventory costs the device host, as a share of one core. */
async function benchReaderCpu(): Promise<void> {
  const { share, idleShare, readsPerSecond } = await measureReaderCpu(readerTagsPerSecond, readerCpuMs);
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  addOne(
    `CPU of a continuous inventory, ${readerTagsPerSecond} tags a second`,
    percent(share),
    `of one core, sender included; ${readsPerSecond.toFixed(0)} ` +
      `reads/s came out; ${percent(idleShare)} without a reader`,
  );
}

/** What left the shelf, by tags and scales together: the program that draws the screen decides it, too. */
function benchDecisions(): void {
  const { cpuMs, pieceCount } = measureDecisions(decisionVisits, decisionSeed);
  add(
    `decision over ${pieceCount} pieces, tags and scales`,
    cpuMs,
    `CPU time, aim 5 ms; ${decisionVisits} visits as the simulation plays them`,
  );
}

/** Random and damaged frames in both directions; what is found is printed and fails the run. */
function benchFuzz(): void {
  for (const protocol of protocols) {
    const nowMs = (): number => performance.now();
    for (const report of fuzzProtocol(protocol, { frameCount: fuzzFrames, seed: fuzzSeed, nowMs })) {
      addOne(
        `fuzz ${protocol.name} ${report.direction}`,
        `${report.framesPerSecond} frames/s`,
        `${report.frameCount} random and damaged frames, ${report.findingCount} findings`,
      );
      for (const one of report.findings) {
        process.stderr.write(`[bench] ${protocol.name} ${one.kind} ${one.hex}: ${one.detail}\n`);
      }
      if (report.findingCount > 0) process.exitCode = 1;
    }
  }
}

async function memoryMb(app: ElectronApplication): Promise<number> {
  const kb = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().reduce((sum, p) => sum + p.memory.workingSetSize, 0),
  );
  return kb / 1024;
}

async function benchStart(harness: AppHarness): Promise<void> {
  const bare: number[] = [];
  const ours: number[] = [];
  const bareMemory: number[] = [];
  const ourMemory: number[] = [];
  const { executable, args, env } = harness.kioskCommand('1080x1920');
  for (let i = 0; i < startRuns; i++) {
    let beganMs = performance.now();
    const folder = join(project, 'src/simulator/run/bare-window');
    const app = await _electron.launch({
      executablePath: executable,
      args: [...args.slice(0, -1), folder],
      env,
    });
    await (await app.firstWindow()).getByTestId('screen-bare').waitFor({ state: 'visible' });
    bare.push(performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    bareMemory.push(await memoryMb(app));
    await app.close();

    beganMs = performance.now();
    await harness.launch();
    ours.push(performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    if (harness.app !== null) ourMemory.push(await memoryMb(harness.app));
    await harness.quit();
  }
  add('start: launch → bare Electron window', bare, 'the reference, same run');
  add('start: launch → attract screen', ours, 'catalogue known, devices connecting');
  const middle = (values: number[]): number =>
    quantile(
      [...values].sort((a, b) => a - b),
      0.5,
    );
  addOne('start, as a ratio to the bare window', (middle(ours) / middle(bare)).toFixed(2), 'aim 1.5 or less');
  add(
    'memory of the bare window, all processes',
    bareMemory,
    'working sets summed (shared pages count more than once)',
    'MB',
  );
  add('memory of the idle app, all processes', ourMemory, 'same measure', 'MB');
}

/** Charges that could not leave for months: what they cost at a start, at the network's return, and while they leave. */
function benchBacklog(): void {
  const times = measureBacklog(backlogCount);
  const { worstStallMs, worstCommitMs } = times;
  add(`open the database: empty`, times.openEmptyMs, 'until the first charge that is due is known');
  add(
    `open the database: ${backlogCount} charges wait`,
    times.openMs,
    'the same; a large file is checked in the background',
  );
  add(
    `network back with ${backlogCount} waiting → the next charge is known`,
    times.linkReturnMs,
    'nothing is written',
  );
  addOne(
    `drain of ${backlogCount}`,
    `${times.drainedPerSecond.toFixed(0)} charges/s`,
    `operator at 1 ms; main held ${worstStallMs.toFixed(1)} ms at worst, a commit ${worstCommitMs.toFixed(1)} ms`,
  );
  add('sold while it drains: committed → the operator has it', times.liveMs, 'a charge every 500 ms');
}

/** Tags in the cabinet, and what its reader reads of all of them in a second. */
const readingSetups = [
  [10, 10],
  [60, 60],
  [100, 100],
] as const;

function benchCapacity(): void {
  for (const [tagCount, readsPerS] of readingSetups) {
    const { settledMs, rightCount, cpuMsPerS } = measureReading(tagCount, readsPerS, readingRuns);
    const right = `${rightCount} of ${readingRuns} named what was taken, and nothing else`;
    add(
      `door shut → reading for the bill: ${tagCount} tags at ${readsPerS} reads/s`,
      settledMs,
      `cabinet’s time, simulated reader; ${right}; ${cpuMsPerS.toFixed(2)} ms of CPU a second`,
    );
  }
}

const harness = await AppHarness.open();
try {
  await harness.launch();
  await watchPaint(harness);
  await benchUnlock(harness);
  await benchBasket(harness);
  await benchRecovery(harness);
  await harness.quit();
  await benchFaces();
  await benchPhonePaint();
  add(
    'commit of a charge: end of the visit and finalised charge',
    commitTimesMs(commitRuns),
    `Node ${process.versions.node}, encrypted, synchronous=FULL`,
  );
  benchBacklog();
  benchCapacity();
  benchDecoders();
  await benchReaderCpu();
  benchDecisions();
  benchFuzz();
  await benchStart(harness);
  print();
} finally {
  await harness.close();
}
// Not by running out of work: Node's own clean-up has been seen to spin for ever over the pipes of a killed child.
process.exit();
