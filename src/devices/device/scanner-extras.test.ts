import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { encodeScanReport } from '../protocol/scanner-hid-pos.ts';
import { toHex } from '../protocol/codec.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness, scannerSpec, wedgeSpec } from '../../testkit/devices/device-harness.ts';

/** What scanners add to a code is taken off on every path; what belongs to the code stays. */

const code = 'KM1.m0042.sxyz12.AbCdEf';
const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' } as const;
const utf8 = new TextEncoder();

interface Path {
  readonly name: string;
  readonly spec: DeviceSpec;
  readonly canControl: boolean;
  send(harness: DeviceHarness, text: string): Promise<void>;
}

const hid: Path = {
  name: 'HID-POS',
  spec: { ...scannerSpec, layout: 'newland' } as DeviceSpec,
  canControl: true,
  send: async (harness, text) => {
    const dataHex = toHex(utf8.encode(text));
    const report = { type: 'report', layout: 'newland', aim: null, dataHex } as const;
    const rest = { vendorSymbology: 0x73, more: false, extraByte: null };
    harness.transport('code-scanner').send(encodeScanReport({ ...report, ...rest }));
    await harness.clock.advance(10);
  },
};
const serial: Path = {
  name: 'serial',
  spec: { kind: 'code-scanner', protocol: 'scanner-serial', transport, suffix: 'cr' },
  canControl: true,
  send: async (harness, text) => {
    harness.transport('code-scanner').send(utf8.encode(`${text}\r`));
    await harness.clock.advance(10);
  },
};
const typed: Path = {
  name: 'keys',
  spec: { ...wedgeSpec, minLength: 1 },
  canControl: false,
  send: async (harness, text) => {
    for (const report of typeCode(text, 'enter')) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(report);
    }
  },
};

async function scanned(path: Path, text: string): Promise<string | undefined> {
  const harness = new DeviceHarness();
  await harness.up([path.spec]);
  await path.send(harness, text);
  return harness.of('code').at(-1)?.text;
}

describe.each([hid, serial, typed])('$name', (path) => {
  it.each([']Q1', ']d2', ']C0', ']z3', ' ]Q1 ', ']Q2\\000026', '\\000026'])('%j in front', async (extra) => {
    expect(await scanned(path, `${extra}${code}`)).toBe(code);
  });

  it.each([']', ']K', ']Q9abc', ']ABC', ']x1', ']hello', '[]Q1', 'a]Q1b'])('%j stays whole', async (text) => {
    expect(await scanned(path, text)).toBe(text);
  });

  it('a ticket of somebody else comes out whole', async () => {
    expect(await scanned(path, 'https://bus.example/t?id=7 8')).toBe('https://bus.example/t?id=7 8');
  });

  if (!path.canControl) return;
  it.each([
    ['\t', ''],
    ['', '\t'],
    ['\u0002', '\u0003'],
    ['\ufeff', ''],
    [']Q1\ufeff', '\n'],
    ['\u0000', ' \u0000'],
    ['\u001d', '\u0004'],
  ])('%j before and %j behind', async (before, behind) => {
    expect(await scanned(path, `${before}${code}${behind}`)).toBe(code);
  });
});

describe('keys', () => {
  it('a code that ends with Tab where Enter is expected is a code, and Tab with Enter is one', async () => {
    const harness = new DeviceHarness();
    await harness.up([typed.spec]);
    for (const suffix of ['tab', 'enter'] as const) {
      for (const report of typeCode(code, suffix)) {
        await harness.clock.advance(4);
        harness.transport('code-scanner').send(report);
      }
      if (suffix === 'tab')
        for (const report of typeCode('', 'enter')) harness.transport('code-scanner').send(report);
    }
    expect(harness.of('code').map(({ text }) => text)).toEqual([code, code]);
  });
});

describe('what was taken off', () => {
  it('is told with the code, for the set-up', async () => {
    const harness = new DeviceHarness();
    await harness.up([serial.spec]);
    await serial.send(harness, `\u0002]Q1${code}\t`);
    expect(harness.of('code')[0]).toMatchObject({
      text: code,
      symbology: ']Q1',
      stripped: '\\x02]Q1 … \\x09',
    });
    await serial.send(harness, code);
    expect(harness.of('code')[1]?.stripped).toBeUndefined();
  });
});

describe('a scanner of which nothing can be read', () => {
  const isEmpty = { ...hid, send: (harness: DeviceHarness) => hid.send(harness, ']Q1 ') };
  const isGarbage: Path = {
    ...hid,
    send: async (harness) => {
      harness.transport('code-scanner').send(new Uint8Array(30).fill(0xa5));
      await harness.clock.advance(10);
    },
  };
  const isBinary = {
    ...serial,
    send: (harness: DeviceHarness) => serial.send(harness, 'K\u0001\u0007\u0000\u0002M'),
  };

  it.each([
    ['empty codes', isEmpty],
    ['garbage', isGarbage],
    ['control characters', isBinary],
  ] as const)('%s: ten in a row are an error that says so, one good code ends it', async (_what, path) => {
    const harness = new DeviceHarness();
    await harness.up([path.spec]);
    for (let i = 0; i < 9; i++) await path.send(harness, '');
    expect(harness.health('code-scanner')).toBe('ready');
    await path.send(harness, '');
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error' });
    expect(harness.supervisor.health()[0]?.detail).toContain('cannot be read');
    const good = path.spec.protocol === 'scanner-serial' ? serial : hid;
    await good.send(harness, 'BUS-TICKET-4711');
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', detail: '' });
  });

  it('good codes between bad ones keep it ready', async () => {
    const harness = new DeviceHarness();
    await harness.up([hid.spec]);
    for (let i = 0; i < 30; i++) await (i % 5 === 0 ? hid : isGarbage).send(harness, code);
    expect(harness.health('code-scanner')).toBe('ready');
  });
});

describe('programming bar codes', () => {
  it.each(['NLS0006010;', 'NLS0001000', 'nls0313000=3000;nls0302000;', '{NLS0001000}'])(
    '%s is of no use, and said to staff until a code comes',
    async (sheet) => {
      const harness = new DeviceHarness();
      await harness.up([serial.spec]);
      await serial.send(harness, sheet);
      expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 1 });
      expect(harness.supervisor.health()[0]?.detail).toContain('programming bar code');
      for (let i = 0; i < 9; i++) await serial.send(harness, sheet);
      expect(harness.health('code-scanner')).toBe('error');
      await serial.send(harness, code);
      expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', detail: '' });
    },
  );

  it.each(['NLS123', 'NLS00060101', 'https://example.com/NLS0006010'])('%s is none', async (text) => {
    const harness = new DeviceHarness();
    await harness.up([serial.spec]);
    await serial.send(harness, text);
    expect(harness.supervisor.health()[0]).toMatchObject({ detail: '', errorCount: 0 });
  });

  it('are switched off at each connection where the protocol has a word for it; its answer is no code', async () => {
    const harness = new DeviceHarness();
    await harness.up([{ ...serial.spec, programmingOff: 'newland' } as DeviceSpec]);
    harness.transport('code-scanner').send(Uint8Array.of(0x06));
    await serial.send(harness, code);
    harness.transport('code-scanner').unplug();
    await harness.clock.advance(500);
    await serial.send(harness, code);
    for (const { written } of harness.transports['code-scanner']) {
      expect(written.map(toHex)).toEqual([toHex(utf8.encode('NLS0006000;'))]);
    }
    expect(harness.transports['code-scanner'].length).toBe(2);
    expect(harness.of('code').map(({ text }) => text)).toEqual([code, code]);
    expect(harness.health('code-scanner')).toBe('ready');
  });
});
