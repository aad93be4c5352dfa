import type { DeviceSpec } from '../shared/model/device.ts';
import { DevicePort } from './devices/device-port.ts';
import type { DevicePortOptions } from './devices/device-port.ts';
import type { Emulator } from './devices/line.ts';
import { spoilLastByte, Sw5357Reader, UhfReader18 } from './devices/round-reader.ts';
import { Scanner, spoilReport } from './devices/scanner.ts';
import { SerialScanner, spoilSerialCode } from './devices/serial-scanner.ts';
import {
  defaultMissProbability,
  defaultReadsPerSecond,
  spoilRfidCheck,
  TagReader,
} from './devices/tag-reader.ts';
import type { TagReaderOptions } from './devices/tag-reader.ts';
import type { World } from './world.ts';

export const readerProtocols = [
  'rfid-r200',
  'rfid-uhfreader18',
  'rfid-uhfreader18-new',
  'rfid-sw5357',
] as const;
export const scannerProtocols = ['scanner-hid-pos', 'scanner-serial'] as const;

/** Which tag reader and code scanner the cabinet has. All have defaults. */
export interface SensorOptions {
  readonly reader?: (typeof readerProtocols)[number];
  readonly readerPort?: number;
  readonly readsPerSecond?: number;
  readonly missProbability?: number;
  readonly scanner?: (typeof scannerProtocols)[number];
  readonly scannerPort?: number;
  readonly scannerLayout?: 'standard' | 'counted' | 'newland';
}

/** A scanner, whatever it speaks: a code is held before its window. False when it did not take it. */
interface ScannerEmulator extends Emulator {
  scan(text: string, aim?: string): boolean;
}
export type ReaderPort = DevicePort<Emulator>;
export type ScannerPort = DevicePort<ScannerEmulator>;
type Shared = Pick<DevicePortOptions<Emulator>, 'clock' | 'random' | 'trace' | 'onChange' | 'cables'>;

const tcp = (port: number, framing: 'stream' | 'report') =>
  ({ kind: 'tcp', host: '127.0.0.1', port, framing }) as const;

export function makeReaderPort(
  options: SensorOptions,
  shared: Shared & { readonly world: World },
): ReaderPort {
  const { world, ...port } = shared;
  return new DevicePort<Emulator>({
    ...{ ...port, kind: 'tag-reader', framing: 'stream' },
    spoilCheck: (options.reader ?? 'rfid-r200') === 'rfid-r200' ? spoilRfidCheck : spoilLastByte,
    makeDevice: (send) => {
      const { readsPerSecond = defaultReadsPerSecond, missProbability = defaultMissProbability } = options;
      const { clock, random } = port;
      return makeReader(options.reader, { clock, random, world, send, readsPerSecond, missProbability });
    },
  });
}

function makeReader(reader: SensorOptions['reader'], options: TagReaderOptions): Emulator {
  if (reader === 'rfid-uhfreader18') return new UhfReader18(options, 'old');
  if (reader === 'rfid-uhfreader18-new') return new UhfReader18(options, 'new');
  return reader === 'rfid-sw5357' ? new Sw5357Reader(options) : new TagReader(options);
}

/** Where the reader is, in the words of the kiosk's configuration. */
export function readerSpec({ reader = 'rfid-r200' }: SensorOptions, port: number): DeviceSpec {
  const transport = tcp(port, 'stream');
  const radio = { region: 'china-900', powerCentiDbm: 2600 } as const;
  if (reader === 'rfid-r200' || reader === 'rfid-sw5357') {
    return { kind: 'tag-reader', protocol: reader, transport, ...radio };
  }
  return { kind: 'tag-reader', protocol: 'rfid-uhfreader18', transport, address: 0, form: 'ask', ...radio };
}

export function makeScannerPort(options: SensorOptions, shared: Shared): ScannerPort {
  const isSerial = options.scanner === 'scanner-serial';
  return new DevicePort<ScannerEmulator>({
    ...{ ...shared, kind: 'code-scanner', framing: isSerial ? 'stream' : 'report' },
    spoilCheck: isSerial ? spoilSerialCode : spoilReport,
    makeDevice: (send) =>
      isSerial
        ? new SerialScanner(send)
        : new Scanner({ clock: shared.clock, send, layout: options.scannerLayout ?? 'standard' }),
  });
}

export function scannerSpec(options: SensorOptions, port: number): DeviceSpec {
  return options.scanner === 'scanner-serial'
    ? { kind: 'code-scanner', protocol: 'scanner-serial', transport: tcp(port, 'stream'), suffix: 'cr' }
    : {
        ...{ kind: 'code-scanner', protocol: 'scanner-hid-pos', transport: tcp(port, 'report') },
        layout: options.scannerLayout ?? 'standard',
      };
}
