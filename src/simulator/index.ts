import { parseArgs } from 'node:util';
import { z } from 'zod';
import { lockProtocols } from './cabinet-lock.ts';
import { lightProtocols } from './cabinet-light.ts';
import { readerProtocols, scannerProtocols } from './cabinet-sensors.ts';
import { scaleProtocols } from './cabinet-scale.ts';
import { startSimulator } from './server.ts';

/**
 * The simulated cabinet as a program of its own: it outlives the kiosk app, as a real cabinet does.
 * When ready it prints one line of JSON: {"ready":true,"control","operatorProxy","devices"}; then it runs until SIGTERM or
 * SIGINT (or, with --until-stdin-ends, until its standard input ends: it goes with the one who started it).
 * Each option can be given as an environment variable too: --lock-port = KAIMEN_SIM_LOCK_PORT.
 */
const usage = `usage: node src/simulator/index.ts [options]
  --control-port N, --proxy-port N, --lock-port N, --sensor-port N, --reader-port N, --scanner-port N   0 = any free port (default)
  --operator URL          operator API behind the network switch
  --operator-dev URL      operator development API (member codes, provider, charges)
  --seed N                seed of all chance
  --lock NAME             ${lockProtocols.join(' | ')}; the relay comes with a door sensor
  --reader NAME           ${readerProtocols.join(' | ')}
  --scanner NAME          ${scannerProtocols.join(' | ')}
  --pulse-ms N            how long the lock's coil gets current (500)
  --latch-hold-ms N       how long the tripped latch waits for a pull after that (14000)
  --open-reply-ms N       how long the board takes to acknowledge an open (500)
  --reads-per-second N    rate of the tag reader (200)
  --usbip N               USB/IP server with the cabinet's USB devices at this port (usual: 3240); 0 = any free one
  --usbip-host H          address it listens on (127.0.0.1); any other opens the cabinet to the network
  --scale NAME            ${scaleProtocols.join(' | ')}; without it the cabinet has none; --scale-port N
  --light NAME            ${lightProtocols.join(' | ')}; without it the cabinet has none; --light-port N
  --push                  the lock board reports door movements by itself
  --until-stdin-ends      ends when standard input ends`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const optionTypes = {
  'control-port': text,
  'proxy-port': text,
  lock: text,
  reader: text,
  scanner: text,
  'lock-port': text,
  'sensor-port': text,
  'reader-port': text,
  'scanner-port': text,
  operator: text,
  'operator-dev': text,
  seed: text,
  'pulse-ms': text,
  'latch-hold-ms': text,
  'open-reply-ms': text,
  'reads-per-second': text,
  scale: text,
  'scale-port': text,
  light: text,
  'light-port': text,
  usbip: text,
  'usbip-host': text,
  push: flag,
  'until-stdin-ends': flag,
} as const;

const port = z.coerce.number().int().min(0).max(65_535).default(0);
const optionsSchema = z.object({
  'control-port': port,
  'proxy-port': port,
  reader: z.enum(readerProtocols).default('rfid-r200'),
  scanner: z.enum(scannerProtocols).default('scanner-hid-pos'),
  lock: z.enum(lockProtocols).default('lock-8a'),
  'lock-port': port,
  'sensor-port': port,
  'reader-port': port,
  'scanner-port': port,
  operator: z.url({ protocol: /^https?$/ }).optional(),
  'operator-dev': z.url({ protocol: /^https?$/ }).optional(),
  seed: z.coerce.number().int().optional(),
  'pulse-ms': z.coerce.number().int().min(1).max(60_000).optional(),
  'latch-hold-ms': z.coerce.number().int().min(0).max(600_000).optional(),
  'open-reply-ms': z.coerce.number().int().min(0).max(60_000).optional(),
  'reads-per-second': z.coerce.number().int().min(1).max(1000).optional(),
  usbip: z.coerce.number().int().min(0).max(65_535).optional(),
  'usbip-host': z.string().min(1).optional(),
  scale: z.enum(scaleProtocols).optional(),
  'scale-port': port,
  light: z.enum(lightProtocols).optional(),
  'light-port': port,
  push: z.stringbool().or(z.boolean()).default(false),
  'until-stdin-ends': z.stringbool().or(z.boolean()).default(false),
});

function readOptions(): z.output<typeof optionsSchema> {
  const fromEnv = Object.keys(optionTypes).flatMap((name): [string, string][] => {
    const value = process.env[`KAIMEN_SIM_${name.toUpperCase().replaceAll('-', '_')}`];
    return value === undefined || value === '' ? [] : [[name, value]];
  });
  const { values } = parseArgs({ options: optionTypes, strict: true });
  return optionsSchema.parse({ ...Object.fromEntries(fromEnv), ...values });
}

/** Leaves out what was not given, so that the defaults of `startSimulator` hold. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

async function main(): Promise<void> {
  let options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const simulator = await startSimulator({
    ...given({
      controlPort: options['control-port'],
      proxyPort: options['proxy-port'],
      operator: options.operator,
      operatorDev: options['operator-dev'],
      seed: options.seed,
      pulseMs: options['pulse-ms'],
      latchHoldMs: options['latch-hold-ms'],
      usbip: options.usbip === undefined ? undefined : { port: options.usbip, host: options['usbip-host'] },
    }),
    devices: {
      ...given({
        lock: options.lock,
        reader: options.reader,
        scanner: options.scanner,
        lockPort: options['lock-port'],
        sensorPort: options['sensor-port'],
        readerPort: options['reader-port'],
        scannerPort: options['scanner-port'],
        openReplyMs: options['open-reply-ms'],
        readsPerSecond: options['reads-per-second'],
        scale: options.scale,
        scalePort: options['scale-port'],
        light: options.light,
        lightPort: options['light-port'],
      }),
      pushHead: options.push ? 0x82 : null,
    },
  });
  const { control, operatorProxy, devices, usbipPort } = simulator;
  const usbip = usbipPort === null ? {} : { usbipPort };
  console.log(JSON.stringify({ ready: true, control, operatorProxy, devices, ...usbip }));

  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (options['until-stdin-ends']) process.stdin.resume().once('end', stop).once('error', stop);
}

main().catch((error: unknown) => {
  console.error(`the simulated cabinet did not start: ${String(error)}`);
  process.exit(1);
});
