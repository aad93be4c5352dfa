import { setTimeout as sleep } from 'node:timers/promises';
import { sleep as sleepOn } from '../../src/shared/clock.ts';
import { NoPackages } from '../../src/simulator/debian.ts';
import { machineAssets } from './assets.ts';
import type { MachineAssets } from './assets.ts';
import { deviceCases } from './cases-devices.ts';
import type { Case } from './cases-devices.ts';
import { systemCases } from './cases-system.ts';
import { Machine } from './machine.ts';
import { HilHarness } from './hil-harness.ts';

/**
 * The device host against a real Linux kernel and the real packages (usb, node-hid, serialport), as a user without
 * rights, in a virtual machine under software emulation. What is plugged in there is simulated, byte for byte.
 * `npm run hil -- WORD` runs the cases with that word in their names.
 */
const caseMaxMs = 90_000;
const closeMaxMs = 15_000;
/** More cases than this that were right only the second time are no chance: the run fails. */
const flakyMax = 2;
const consoleTailChars = 8000;

const startMs = performance.now();

function say(text: string): void {
  console.log(`[hil ${((performance.now() - startMs) / 1000).toFixed(1).padStart(5)} s] ${text}`);
}

function shout(...lines: string[]): void {
  const rule = '='.repeat(100);
  console.log([rule, ...lines, rule].join('\n'));
}

function assets(): MachineAssets | null {
  try {
    return machineAssets(say);
  } catch (error) {
    if (!(error instanceof NoPackages)) throw error;
    shout(`SKIPPED: no device test against a real kernel: ${error.message}`);
    return null;
  }
}

/** A machine with both cabinets around it. */
class Setup {
  readonly harness: HilHarness;
  private constructor(harness: HilHarness) {
    this.harness = harness;
  }

  static async start(ready: MachineAssets): Promise<Setup> {
    const bootMs = performance.now();
    const machine = await Machine.start(ready);
    say(`the machine is up after ${((performance.now() - bootMs) / 1000).toFixed(1)} s`);
    return new Setup(await HilHarness.open(machine));
  }

  /** What was wrong; null: nothing. */
  async run(one: Case): Promise<string | null> {
    const { clock } = this.harness.machine;
    const caseMs = performance.now();
    let error: string | null = null;
    let line: string;
    try {
      const late = sleepOn(clock, caseMaxMs).then(() => {
        throw new Error(`not over after ${caseMaxMs} ms`);
      });
      line = await Promise.race([one.run(this.harness), late]);
    } catch (thrown) {
      error = line = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const slow = clock.factor > 1 ? `, time stretched ${clock.factor} times` : '';
    const took = `${((performance.now() - caseMs) / 1000).toFixed(1)} s${slow}`;
    say(`${error === null ? 'ok  ' : 'FAIL'} ${one.name} (${took}): ${line}`);
    return error;
  }

  printConsole(): void {
    console.log(
      `--- console of the machine\n${this.harness.machine.console().slice(-consoleTailChars)}\n---`,
    );
  }

  async end(): Promise<void> {
    // What a case that failed has left behind must not hold up the rest.
    await Promise.race([this.harness.close().catch(() => undefined), sleep(closeMaxMs)]);
    await this.harness.machine.stop();
  }
}

async function main(): Promise<number> {
  const ready = assets();
  if (ready === null) return 0;
  const word = process.argv[2] ?? '';
  const cases = [...deviceCases, ...systemCases].filter((one) => one.name.includes(word));
  say(`starting Debian ${ready.kernelVersion} (kernel and packages real, devices virtual) …`);
  let setup = await Setup.start(ready);
  const renew = async (): Promise<void> => {
    setup.printConsole();
    await setup.end();
    setup = await Setup.start(ready);
  };
  const failed: string[] = [];
  const flaky: string[] = [];
  for (const one of cases) {
    const first = await setup.run(one);
    if (first === null) continue;
    say('once more, in a fresh machine …');
    await renew();
    if ((await setup.run(one)) === null) {
      flaky.push(one.name);
      shout(`FLAKY: ${one.name}`, `was right the second time; the first time: ${first}`);
    } else {
      failed.push(one.name);
      await renew();
    }
  }
  await setup.end();
  if (flaky.length > 0) shout(...flaky.map((name) => `FLAKY: ${name}`));
  say(`${cases.length - failed.length} of ${cases.length} cases right, ${flaky.length} only the second time`);
  for (const name of failed) say(`FAIL ${name}`);
  if (flaky.length > flakyMax) say(`more than ${flakyMax} flaky cases: that is no chance`);
  return failed.length > 0 || flaky.length > flakyMax || cases.length === 0 ? 1 : 0;
}

// Through `exit`, where the machine is ended: nothing else would end it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
