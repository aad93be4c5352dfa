import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { doorNumberSchema } from '../../shared/model/lock-spec.ts';
import { scaleProtocols } from '../cabinet-scale.ts';
import { screenReaderOver, freePort } from './devtools.ts';
import { AppHarness } from '../../testkit/app/app-harness.ts';

/**
 * `npm start`: the kiosk's window, and beside it the panel of the simulated cabinet in a window of its own (or in any
 * browser, at the address that is printed). What happened stays in artifacts/start/ until that folder is removed.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const restartDelayMs = 1_000;

/** `KAIMEN_SCALE=scale-modbus npm start`: a cabinet whose shelves are weighed, with cells as they are in the field. */
const scale = z.enum(scaleProtocols).safeParse(process.env['KAIMEN_SCALE']);
/** `KAIMEN_DOORS=2 npm start`: a cabinet with as many doors. */
const doors = z.coerce.number().pipe(doorNumberSchema).safeParse(process.env['KAIMEN_DOORS']);
const devtoolsPort = await freePort();
let kiosk: ChildProcess | null = null;
let wantedOn = true;
let ending = false;

const harness = await AppHarness.open({
  dir: join(project, 'artifacts', 'start'),
  screenReader: screenReaderOver(devtoolsPort),
  simulator: {
    devices: scale.success ? { scale: scale.data, isScalePhysical: true } : {},
    ...(doors.success ? { doorCount: doors.data } : {}),
  },
  power: {
    isOn: () => kiosk !== null,
    kill: () => {
      kiosk?.kill('SIGKILL');
      return Promise.resolve();
    },
    start: () => {
      wantedOn = true;
      startKiosk();
      return Promise.resolve();
    },
  },
});
/** Like the supervisor on a cabinet: whatever ends the app, it is started again, unless its power was cut. */
function startKiosk(): void {
  if (kiosk !== null || ending) return;
  const { executable, args, env } = harness.kioskCommand(process.env['KAIMEN_WINDOW'] ?? '720x1280');
  const child = spawn(executable, [`--remote-debugging-port=${devtoolsPort}`, ...args], {
    env,
    cwd: project,
    stdio: 'inherit',
  });
  kiosk = child;
  child.once('exit', (code, signal) => {
    kiosk = null;
    if (signal === 'SIGKILL') wantedOn = false;
    if (code === 0) void end();
    else if (wantedOn) setTimeout(startKiosk, restartDelayMs);
  });
}

function openPanel(): ChildProcess {
  const { executable, args, env } = harness.kioskCommand('');
  const panel = join(project, 'src/simulator/run/panel-window');
  return spawn(executable, [...args.slice(0, -1), panel], {
    env: { ...env, KAIMEN_PANEL: harness.control },
    stdio: 'ignore',
  });
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  panel.kill();
  kiosk?.kill('SIGTERM');
  await harness.close();
  process.exit(0);
}

const panel = openPanel();
startKiosk();
console.log(`simulated cabinet: ${harness.control}  (goods, door, codes, network, faults)`);
console.log('end with Ctrl-C, or close the kiosk window');
process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());
