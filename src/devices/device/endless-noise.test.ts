import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { encodeScan, encodeScanReport } from '../protocol/scanner-hid-pos.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness, scannerSpec, wedgeSpec } from '../../testkit/devices/device-harness.ts';
import { noiseMaxMs } from './code-scanner.ts';
import { uselessMax } from './useless-run.ts';

/** A scanner that sends and sends and never ends a code: on every path an error that tells staff, until one code can be read. */

const code = 'KM1.m0042.sxyz12.AbCdEf';
const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'stream' } as const;
const utf8 = new TextEncoder();

function serial(change: object = {}): DeviceSpec {
  return {
    kind: 'code-scanner',
    protocol: 'scanner-serial',
    transport,
    suffix: 'cr',
    ...change,
  };
}
const sendBytes = (harness: DeviceHarness, ...bytes: number[]): void => {
  harness.transport('code-scanner').send(Uint8Array.from(bytes));
};
const scanSerial = (harness: DeviceHarness): void => {
  harness.transport('code-scanner').send(utf8.encode(`${code}\r`));
};
const scanHid = (harness: DeviceHarness): void => {
  for (const report of encodeScan({ layout: 'standard', text: code, aim: ']Q1' })) {
    harness.transport('code-scanner').send(report);
  }
};
const scanTyped = (harness: DeviceHarness): void => {
  for (const report of typeCode(code, 'enter')) harness.transport('code-scanner').send(report);
};
const pressInWindow = (harness: DeviceHarness, ...keys: string[]): void => {
  const atMs = harness.clock.monotonicMs();
  harness.supervisor.keys(keys.map((key) => ({ type: 'down', key, code: '', composing: false, atMs })));
};
const hidReport = (dataHex: string): Uint8Array =>
  encodeScanReport({
    type: 'report',
    layout: 'standard',
    aim: ']Q1',
    dataHex,
    vendorSymbology: 0,
    more: true,
    extraByte: null,
  });

interface Noise {
  readonly name: string;
  readonly spec: DeviceSpec;
  readonly everyMs: number;
  readonly send: (harness: DeviceHarness) => void;
  readonly scan: (harness: DeviceHarness) => void;
}
const noises: readonly Noise[] = [
  {
    name: 'serial: characters without an end, fast',
    spec: serial(),
    everyMs: 10,
    send: (harness) => {
      sendBytes(harness, 0x55, 0x2a, 0x55, 0x2a, 0x55);
    },
    scan: scanSerial,
  },
  {
    name: 'serial: one character now and then',
    spec: serial(),
    everyMs: 700,
    send: (harness) => {
      sendBytes(harness, 0x55);
    },
    scan: scanSerial,
  },
  {
    name: 'serial without a suffix',
    spec: serial({ suffix: 'none' }),
    everyMs: 20,
    send: (harness) => {
      sendBytes(harness, 0x55, 0x55);
    },
    scan: (harness) => {
      harness.transport('code-scanner').send(utf8.encode(code));
    },
  },
  {
    name: 'serial: nothing but line ends',
    spec: serial(),
    everyMs: 50,
    send: (harness) => {
      sendBytes(harness, 0x0d, 0x0a);
    },
    scan: scanSerial,
  },
  {
    name: 'serial: a line that is held down (break: NUL)',
    spec: serial(),
    everyMs: 20,
    send: (harness) => {
      sendBytes(harness, 0, 0, 0, 0x0d);
    },
    scan: scanSerial,
  },
  {
    name: 'serial: nothing but answers to commands',
    spec: serial({ programmingOff: 'newland' }),
    everyMs: 20,
    send: (harness) => {
      sendBytes(harness, 0x06, 0x15);
    },
    scan: scanSerial,
  },
  {
    name: 'HID-POS: more follows, for ever',
    spec: scannerSpec,
    everyMs: 20,
    send: (harness) => {
      harness.transport('code-scanner').send(hidReport('5555'));
    },
    scan: scanHid,
  },
  {
    name: 'HID-POS: empty, and more follows, for ever',
    spec: scannerSpec,
    everyMs: 20,
    send: (harness) => {
      harness.transport('code-scanner').send(hidReport(''));
    },
    scan: scanHid,
  },
  {
    name: 'keyboard reports without Enter',
    spec: wedgeSpec,
    everyMs: 20,
    send: (harness) => {
      for (const report of typeCode('x', 'none')) harness.transport('code-scanner').send(report);
    },
    scan: scanTyped,
  },
  {
    name: 'keys in the window without Enter',
    spec: { ...wedgeSpec, transport: { kind: 'keyboard' } },
    everyMs: 50,
    send: (harness) => {
      pressInWindow(harness, 'x');
    },
    scan: (harness) => {
      pressInWindow(harness, ...Array.from(code), 'Enter');
    },
  },
  {
    name: 'keys that an input method takes',
    spec: { ...wedgeSpec, transport: { kind: 'keyboard' } },
    everyMs: 50,
    send: (harness) => {
      pressInWindow(harness, 'Process');
    },
    scan: (harness) => {
      pressInWindow(harness, ...Array.from(code), 'Enter');
    },
  },
];

describe.each(noises)('$name', ({ spec, everyMs, send, scan }) => {
  it('an error that says so within a minute and a half; one good code, and it is well', async () => {
    const harness = new DeviceHarness();
    await harness.up([spec]);
    for (let ms = 0; ms < (uselessMax + 8) * noiseMaxMs; ms += everyMs) {
      send(harness);
      await harness.clock.advance(everyMs);
    }
    expect(harness.of('code').filter(({ text }) => text === code)).toEqual([]);
    expect(harness.supervisor.health()[0]).toMatchObject({
      state: 'error',
      detail: expect.stringMatching(/cannot be read/) as string,
    });
    // The line is quiet at last.
    await harness.clock.advance(2_000);
    scan(harness);
    await harness.clock.advance(500);
    expect(harness.of('code').at(-1)?.text).toBe(code);
    expect(harness.health('code-scanner')).toBe('ready');
  });

  it('a little of it between good codes is no news', async () => {
    const harness = new DeviceHarness();
    await harness.up([spec]);
    for (let i = 0; i < 3 * uselessMax; i++) {
      for (let ms = 0; ms < 400; ms += everyMs) {
        send(harness);
        await harness.clock.advance(everyMs);
      }
      await harness.clock.advance(2_000);
      scan(harness);
      await harness.clock.advance(60_000);
    }
    expect(harness.of('code').filter(({ text }) => text === code).length).toBe(3 * uselessMax);
    expect(harness.health('code-scanner')).toBe('ready');
  });
});

it('a good scanner that is used without a pause is never an error', async () => {
  const harness = new DeviceHarness();
  await harness.up([serial({ suffix: 'crlf' })]);
  for (let i = 0; i < 500; i++) {
    harness.transport('code-scanner').send(utf8.encode(`${code}\r`));
    await harness.clock.advance(20);
    harness.transport('code-scanner').send(utf8.encode('\n'));
    await harness.clock.advance(180);
  }
  expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
});

it('a keyboard that repeats its report while nothing happens is no noise', async () => {
  const harness = new DeviceHarness();
  await harness.up([wedgeSpec]);
  for (let i = 0; i < 5_000; i++) {
    sendBytes(harness, 0, 0, 0, 0, 0, 0, 0, 0);
    await harness.clock.advance(24);
  }
  expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
});
