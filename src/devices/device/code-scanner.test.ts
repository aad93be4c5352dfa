import { describe, expect, it } from 'vitest';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { encodeScan, hidPosLayouts } from '../protocol/scanner-hid-pos.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness, scannerSpec, wedgeSpec } from '../../testkit/devices/device-harness.ts';

const code = `KM1.m0042.sxyz12.AbCdEfGhIjKl.${'x'.repeat(86)}`;

async function harnessWithScanner(): Promise<DeviceHarness> {
  const harness = new DeviceHarness();
  await harness.up([scannerSpec]);
  return harness;
}

const reports = encodeScan({ layout: 'standard', text: `${code}\r`, aim: ']Q1', vendorSymbology: 0x73 });

describe('code scanner', () => {
  it('a member code of several reports comes out once, with its symbology and time', async () => {
    const harness = await harnessWithScanner();
    for (const report of reports) {
      await harness.clock.advance(8);
      harness.transport('code-scanner').send(report);
    }
    expect(harness.of('code')).toEqual([
      { type: 'code', text: code, symbology: ']Q1', atMs: harness.clock.monotonicMs() },
    ]);
  });

  it.each(hidPosLayouts.filter((l) => l !== 'uncounted'))('layout %s', async (layout) => {
    const harness = new DeviceHarness();
    await harness.up([{ ...scannerSpec, layout } as typeof scannerSpec]);
    for (const report of encodeScan({ layout, text: code, aim: ']Q1' }))
      harness.transport('code-scanner').send(report);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('unplugged in the middle of a scan: the half is never joined to the next', async () => {
    const harness = await harnessWithScanner();
    harness.transport('code-scanner').send(reports[0]!);
    harness.transport('code-scanner').unplug();
    await harness.clock.advance(300);
    for (const report of reports) harness.transport('code-scanner').send(report);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('silence in the middle: the half is dropped after a second', async () => {
    const harness = await harnessWithScanner();
    harness.transport('code-scanner').send(reports[0]!);
    await harness.clock.advance(1000);
    for (const report of reports) harness.transport('code-scanner').send(report);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
    expect(harness.supervisor.health()[0]?.errorCount).toBe(1);
  });

  it('garbage, cut reports and another layout are counted and give no code', async () => {
    const harness = await harnessWithScanner();
    const transport = harness.transport('code-scanner');
    transport.send(new Uint8Array(64).fill(0xa5));
    transport.send(reports[0]!.subarray(0, 20));
    for (const report of encodeScan({ layout: 'counted', text: code, aim: ']Q1' })) transport.send(report);
    expect(harness.of('code')).toEqual([]);
    expect(harness.supervisor.health()[0]?.errorCount).toBe(5);
    for (const report of reports) transport.send(report);
    expect(harness.of('code').length).toBe(1);
  });

  it('an endless code is dropped whole, the next one comes', async () => {
    const harness = await harnessWithScanner();
    for (const report of encodeScan({ layout: 'standard', text: 'x'.repeat(5000), aim: ']Q1' })) {
      harness.transport('code-scanner').send(report);
      await harness.clock.advance(8);
    }
    for (const report of reports) harness.transport('code-scanner').send(report);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });
});

describe('layout auto', () => {
  it.each(['standard', 'counted', 'newland', 'uncounted'] as const)(
    'takes a scanner of layout %s',
    async (layout) => {
      const harness = new DeviceHarness();
      await harness.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
      for (let i = 0; i < 2; i++) {
        for (const report of encodeScan({ layout, text: code, aim: ']Q1' }))
          harness.transport('code-scanner').send(report);
      }
      expect(harness.of('code').map((m) => m.text)).toEqual([code, code]);
    },
  );

  it('once an AIM id has settled it, a damaged report is not taken for another layout', async () => {
    const harness = new DeviceHarness();
    await harness.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
    for (const report of reports) harness.transport('code-scanner').send(report);
    const hurt = encodeScan({ layout: 'standard', text: 'KM1', aim: ']Q1' })[0]!;
    hurt[2] = 0x20;
    harness.transport('code-scanner').send(hurt);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });
});

const { transport } = scannerSpec;
const serialSpec = {
  kind: 'code-scanner',
  protocol: 'scanner-serial',
  transport,
  suffix: 'cr',
} as DeviceSpec;
const windowSpec: DeviceSpec = { ...wedgeSpec, transport: { kind: 'keyboard' } };

/** A scanner that sends a code in small pieces, over whatever it is connected with. */
interface Source {
  name: string;
  spec: DeviceSpec;
  pieces: (text: string) => Uint8Array[];
}
const sources: Source[] = [
  {
    name: 'serial',
    spec: serialSpec,
    pieces: (t) => Array.from(`${t}\r`, (c) => new TextEncoder().encode(c)),
  },
  { name: 'keyboard reports', spec: wedgeSpec, pieces: (t) => typeCode(t, 'enter') },
];

describe.each(sources)('$name', ({ spec, pieces }) => {
  async function scan(harness: DeviceHarness, parts: Uint8Array[]): Promise<void> {
    for (const part of parts) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(part);
    }
  }
  const up = async (): Promise<DeviceHarness> => {
    const harness = new DeviceHarness();
    await harness.up([spec]);
    return harness;
  };

  it('a code comes out once', async () => {
    const harness = await up();
    await scan(harness, pieces(code));
    await harness.clock.advance(3000);
    expect(harness.of('code').map((m) => [m.text, m.symbology])).toEqual([[code, '']]);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
  });

  it('unplugged in the middle: the half is never joined to the next', async () => {
    const harness = await up();
    await scan(harness, pieces(code).slice(0, 40));
    harness.transport('code-scanner').unplug();
    await harness.clock.advance(300);
    await scan(harness, pieces(code));
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('silence in the middle: the half is dropped and counted', async () => {
    const harness = await up();
    await scan(harness, pieces(code).slice(0, 40));
    await harness.clock.advance(1500);
    await scan(harness, pieces(code));
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
    expect(harness.supervisor.health()[0]?.errorCount).toBe(1);
  });

  it('an endless code is dropped whole, the next one comes', async () => {
    const harness = await up();
    for (const part of pieces('x'.repeat(5000))) {
      await harness.clock.advance(1);
      harness.transport('code-scanner').send(part);
    }
    await harness.clock.advance(1500);
    await scan(harness, pieces(code));
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
  });
});

describe('a scanner that types into the window', () => {
  const keys = (harness: DeviceHarness, text: string, gapMs: number, startMs: number): void => {
    [...Array.from(text), 'Enter'].forEach((key, i) => {
      const press: KeyPress = { type: 'down', key, code: '', composing: false, atMs: startMs + i * gapMs };
      harness.supervisor.keys([press, { ...press, type: 'up' }]);
    });
  };
  const up = async (): Promise<DeviceHarness> => {
    const harness = new DeviceHarness();
    await harness.up([windowSpec]);
    return harness;
  };

  it('its code comes out, by the times of the keys and not of their arrival', async () => {
    const harness = await up();
    keys(harness, code, 80, 1_000_000);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
    keys(harness, code, 200, 2_000_000);
    expect(harness.of('code').length).toBe(1);
    expect(harness.transports['code-scanner']).toEqual([]);
  });

  it('an input method that is on: no code, and staff are told to switch it off', async () => {
    const harness = await up();
    harness.supervisor.keys([{ type: 'down', key: 'Process', code: 'KeyK', composing: false, atMs: 1 }]);
    expect(harness.supervisor.health()[0]?.detail).toContain('input method');
    await harness.clock.advance(1000);
    keys(harness, code, 10, 5000);
    expect(harness.of('code').map((m) => m.text)).toEqual([code]);
    expect(harness.supervisor.health()[0]?.detail).toBe('');
  });

  it('keys that nobody waits for, and flood, hurt nothing', async () => {
    const harness = new DeviceHarness();
    await harness.up([scannerSpec]);
    keys(harness, code, 10, 0);
    expect(harness.of('code')).toEqual([]);
    const typing = await up();
    for (let i = 0; i < 2000; i++) keys(typing, 'x', 1, i * 2);
    await typing.clock.advance(5000);
    keys(typing, code, 10, 1_000_000);
    expect(typing.of('code').map((m) => m.text)).toEqual([code]);
  });
});
