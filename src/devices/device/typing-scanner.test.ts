import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { encodeScan } from '../protocol/scanner-hid-pos.ts';
import { scannerReportDescriptor } from '../../simulator/usb/report-descriptors.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness, scannerSpec, wedgeSpec } from '../../testkit/devices/device-harness.ts';

/** What the computer makes of a typing scanner: report ids, Caps Lock, another layout. */

const code = 'KM1.m0042.sXyZ12.AbCdEf';
const windowSpec: DeviceSpec = { ...wedgeSpec, transport: { kind: 'keyboard' } };

/** Input items of a keyboard's report descriptor: modifiers, and keys in places or as bits (HID 1.11, appendix B and E.6). */
const modifierBits = [0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 8, 0x81, 0x02];
const reservedByte = [0x75, 8, 0x95, 1, 0x81, 0x03];
const places = (count: number): number[] => [
  ...[0x05, 0x07, 0x19, 0x00, 0x2a, 0xff, 0x00, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08],
  ...[0x95, count, 0x81, 0x00],
];
const bitMap = [0x05, 0x07, 0x19, 0x00, 0x29, 0x77, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 0x78, 0x81, 0x02];
const keyboard = (...items: number[]): number[] => [0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, ...items, 0xc0];
const lamps = [0x05, 0x08, 0x19, 1, 0x29, 5, 0x75, 1, 0x95, 5, 0x91, 2, 0x75, 3, 0x95, 1, 0x91, 3];
const mediaKeys = [
  ...[0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01, 0x85, 0x02, 0x19, 0x00, 0x2a, 0x3c, 0x02, 0x15, 0x00, 0x26],
  ...[0x3c, 0x02, 0x75, 0x10, 0x95, 0x01, 0x81, 0x00, 0xc0],
];

function bitMapReport(report: Uint8Array): number[] {
  const bits = new Array<number>(15).fill(0);
  for (const usage of report.subarray(2)) if (usage > 0) bits[usage >> 3]! |= 1 << (usage & 7);
  return [report[0]!, ...bits];
}

describe('reports of a keyboard', () => {
  async function typed(descriptor: number[] | null, reportOf: (boot: Uint8Array) => number[]) {
    const harness = new DeviceHarness();
    harness.players['code-scanner'] = (transport) => {
      transport.reportDescriptor = descriptor === null ? null : Uint8Array.from(descriptor);
    };
    await harness.up([wedgeSpec]);
    for (const report of typeCode(code, 'enter')) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(Uint8Array.from(reportOf(report)));
    }
    return { codes: harness.of('code').map(({ text }) => text), health: harness.supervisor.health()[0] };
  }

  it.each<readonly [string, number[] | null, (boot: Uint8Array) => number[]]>([
    ['a report id in front, no descriptor', null, (boot) => [3, ...boot]],
    [
      'the boot report',
      keyboard(...modifierBits, ...reservedByte, ...lamps, ...places(6)),
      (boot) => [...boot],
    ],
    [
      'an id and no reserved byte, as long as a boot report',
      [...keyboard(0x85, 1, ...modifierBits, ...places(6)), ...mediaKeys],
      (boot) => [1, boot[0]!, ...boot.subarray(2)],
    ],
    [
      'an id and two places',
      keyboard(0x85, 7, ...modifierBits, ...places(2)),
      (boot) => [7, boot[0]!, boot[2]!, 0],
    ],
    ['keys as bits', keyboard(...modifierBits, ...bitMap), bitMapReport],
    [
      'keys as bits with an id, beside a report of places',
      [
        ...keyboard(0x85, 1, ...modifierBits, ...reservedByte, ...places(6)),
        ...keyboard(0x85, 6, ...modifierBits, ...bitMap),
      ],
      (boot) => [6, ...bitMapReport(boot)],
    ],
    [
      'padding before the keys',
      keyboard(...modifierBits, 0x75, 8, 0x95, 3, 0x81, 0x01, ...places(6)),
      (boot) => [boot[0]!, 0xaa, 0xbb, 0xcc, ...boot.subarray(2)],
    ],
  ])('%s', async (_what, descriptor, reportOf) => {
    const { codes, health } = await typed(descriptor, reportOf);
    expect(codes).toEqual([code]);
    expect(health).toMatchObject({ state: 'ready', errorCount: 0 });
  });

  it('media keys between are no keys, and no fault', async () => {
    const harness = new DeviceHarness();
    harness.players['code-scanner'] = (transport) => {
      const own = keyboard(0x85, 1, ...modifierBits, ...reservedByte, ...places(6));
      transport.reportDescriptor = Uint8Array.from([...own, ...mediaKeys]);
    };
    await harness.up([wedgeSpec]);
    for (const report of typeCode(code, 'enter')) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(Uint8Array.of(2, 0xe9, 0));
      harness.transport('code-scanner').send(Uint8Array.of(1, ...report));
    }
    expect(harness.of('code').map(({ text }) => text)).toEqual([code]);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
  });
});

describe('a descriptor that is not true', () => {
  const withIds = [...keyboard(0x85, 1, ...modifierBits, ...reservedByte, ...places(6)), ...mediaKeys];

  it('a keyboard in the boot protocol, as firmware leaves it, is read from its first code on', async () => {
    const harness = new DeviceHarness();
    harness.players['code-scanner'] = (transport) => {
      transport.reportDescriptor = Uint8Array.from(withIds);
    };
    await harness.up([wedgeSpec]);
    for (const report of typeCode(code, 'enter')) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(report);
    }
    expect(harness.of('code').map(({ text }) => text)).toEqual([code]);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
  });

  it('reports that fit neither it nor anything else are an error, and not silence', async () => {
    const harness = new DeviceHarness();
    harness.players['code-scanner'] = (transport) => {
      transport.reportDescriptor = Uint8Array.from(withIds);
    };
    await harness.up([wedgeSpec]);
    for (let i = 0; i < 12; i++) harness.transport('code-scanner').send(Uint8Array.of(9, 4, 0, 0, 5));
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error' });
  });

  const layouts = ['standard', 'counted', 'newland', 'uncounted'] as const;
  const pairs = layouts.flatMap((told) => layouts.map((is) => ({ told, is })));
  it.each(pairs)('a HID-POS scanner that says $told and is $is', async ({ told, is }) => {
    const harness = new DeviceHarness();
    harness.players['code-scanner'] = (transport) => {
      transport.reportDescriptor = scannerReportDescriptor(told);
    };
    await harness.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
    for (let i = 0; i < 5; i++)
      for (const report of encodeScan({ layout: is, text: code, aim: ']Q1' }))
        harness.transport('code-scanner').send(report);
    const codes = harness.of('code').map(({ text }) => text);
    // Newland's has nothing that tells it for certain: it is believed once its descriptor has been wrong for a while.
    expect(codes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready' });
  });
});

it('a HID-POS scanner whose layout is not configured is read by its descriptor', async () => {
  const harness = new DeviceHarness();
  harness.players['code-scanner'] = (transport) => {
    transport.reportDescriptor = scannerReportDescriptor('newland');
  };
  await harness.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
  // A code with an AIM identifier at the place where another layout has one.
  for (const report of encodeScan({ layout: 'newland', text: 'A]Q1BC', aim: '' })) {
    harness.transport('code-scanner').send(report);
  }
  expect(harness.of('code').map(({ text }) => text)).toEqual(['A]Q1BC']);
});

describe('keys of the window', () => {
  /** As Electron tells them: Shift is a key of its own, `key` is what the layout makes of it. */
  async function type(harness: DeviceHarness, text: string, keyOf: (char: string) => string): Promise<void> {
    const send = (key: string, at: string, type: 'down' | 'up' = 'down'): void => {
      harness.supervisor.keys([{ type, key, code: at, composing: false, atMs: harness.clock.monotonicMs() }]);
    };
    for (const char of text) {
      await harness.clock.advance(5);
      const isUpper = char !== char.toLowerCase();
      if (isUpper) send('Shift', 'ShiftLeft');
      send(keyOf(char), /[a-z]/i.test(char) ? `Key${char.toUpperCase()}` : '');
      if (isUpper) send('Shift', 'ShiftLeft', 'up');
    }
    send('Enter', 'Enter');
  }
  const swapCase = (char: string): string =>
    char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();

  it('Caps Lock on: the code is right all the same, and health names it until it is off', async () => {
    const harness = new DeviceHarness();
    await harness.up([windowSpec]);
    await type(harness, code, swapCase);
    expect(harness.of('code').at(-1)?.text).toBe(code);
    expect(harness.supervisor.health()[0]?.detail).toContain('Caps Lock');
    await type(harness, code, (char) => char);
    expect(harness.of('code').at(-1)?.text).toBe(code);
    expect(harness.supervisor.health()[0]?.detail).toBe('');
  });

  it('another layout is named', async () => {
    const harness = new DeviceHarness();
    await harness.up([windowSpec]);
    await type(harness, code, (char) => ({ y: 'z', z: 'y', Y: 'Z', Z: 'Y' })[char] ?? char);
    expect(harness.supervisor.health()[0]?.detail).toContain('layout');
    await type(harness, code, (char) => char);
    expect(harness.supervisor.health()[0]?.detail).toBe('');
  });
});
