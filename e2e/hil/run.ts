import { setTimeout as sleep } from 'node:timers/promises';
import { NoMachine, machineAssets } from './assets.ts';
import type { MachineAssets } from './assets.ts';
import { deviceCases } from './cases-devices.ts';
import { systemCases } from './cases-system.ts';
import { Machine } from './machine.ts';
import { HilRig } from './rig.ts';

/**
 * The device host against a real Linux kernel and the real packages (usb, node-hid, serialport), as a user without
 * rights, in a virtual machine under software emulation. What is plugged in there is simulated, byte for byte.
 * `npm run hil -- WORD` runs the cases with that word in their names.
 */
const caseMaxMs = 60_000;

const startMs = performance.now();

function say(text: string): void {
  console.log(`[hil ${((performance.now() - startMs) / 1000).toFixed(1).padStart(5)} s] ${text}`);
}

function assets(): MachineAssets | null {
  try {
    return machineAssets(say);
  } catch (error) {
    if (!(error instanceof NoMachine)) throw error;
    console.log('='.repeat(100));
    console.log(`SKIPPED: no device test against a real kernel: ${error.message}`);
    console.log('='.repeat(100));
    return null;
  }
}

async function main(): Promise<number> {
  const ready = assets();
  if (ready === null) return 0;
  const word = process.argv[2] ?? '';
  say(`starting Debian ${ready.kernelVersion} (kernel and packages real, devices virtual) …`);
  const machine = await Machine.start(ready);
  say(`the machine is up; our code's time is stretched ${machine.stretch.toFixed(1)} times`);
  const boundMs = caseMaxMs * machine.stretch;
  const rig = await HilRig.open(machine);
  const results: { name: string; error: string | null }[] = [];
  for (const one of [...deviceCases, ...systemCases]) {
    if (!one.name.includes(word)) continue;
    const caseMs = performance.now();
    let line: string;
    let error: string | null = null;
    try {
      const late = sleep(boundMs, null, { ref: false }).then(() => {
        throw new Error(`not over after ${boundMs.toFixed(0)} ms`);
      });
      line = await Promise.race([one.run(rig), late]);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      line = error;
    }
    results.push({ name: one.name, error });
    const took = `${((performance.now() - caseMs) / 1000).toFixed(1)} s`;
    say(`${error === null ? 'ok  ' : 'FAIL'} ${one.name} (${took}): ${line}`);
  }
  const failed = results.filter((one) => one.error !== null);
  if (failed.length > 0) console.log(`--- console of the machine\n${machine.console().slice(-8000)}\n---`);
  await rig.close();
  await machine.stop();
  say(`${results.length - failed.length} of ${results.length} cases right`);
  return failed.length > 0 || results.length === 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
