import { describe, expect, it } from 'vitest';
import type { KeyPress } from '../shared/model/scanner-spec.ts';
import type { DeviceSpec } from '../shared/model/device.ts';
import { encodeScan, hidPosLayouts } from './protocol/scanner-hid-pos.ts';
import { typeCode } from './protocol/scanner-wedge.ts';
import { Rig, scannerSpec } from './testing/rig.ts';

const code = `KM1.m0042.sxyz12.AbCdEfGhIjKl.${'x'.repeat(86)}`;

async function rigWithScanner(): Promise<Rig> {
  const rig = new Rig();
  await rig.up([scannerSpec]);
  return rig;
}

const reports = encodeScan({ layout: 'standard', text: `${code}\r`, aim: ']Q1', vendorSymbology: 0x73 });

describe('code scanner', () => {
  it('a member code of several reports comes out once, with its symbology and time', async () => {
    const rig = await rigWithScanner();
    for (const report of reports) {
      await rig.clock.advance(8);
      rig.link('code-scanner').send(report);
    }
    expect(rig.of('code')).toEqual([
      { type: 'code', text: code, symbology: ']Q1', atMs: rig.clock.monotonicMs() },
    ]);
  });

  it.each(hidPosLayouts.filter((l) => l !== 'uncounted'))('layout %s', async (layout) => {
    const rig = new Rig();
    await rig.up([{ ...scannerSpec, layout } as typeof scannerSpec]);
    for (const report of encodeScan({ layout, text: code, aim: ']Q1' }))
      rig.link('code-scanner').send(report);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('unplugged in the middle of a scan: the half is never joined to the next', async () => {
    const rig = await rigWithScanner();
    rig.link('code-scanner').send(reports[0]!);
    rig.link('code-scanner').unplug();
    await rig.clock.advance(300);
    for (const report of reports) rig.link('code-scanner').send(report);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('silence in the middle: the half is dropped after a second', async () => {
    const rig = await rigWithScanner();
    rig.link('code-scanner').send(reports[0]!);
    await rig.clock.advance(1000);
    for (const report of reports) rig.link('code-scanner').send(report);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
    expect(rig.supervisor.health()[0]?.errorCount).toBe(1);
  });

  it('garbage, cut reports and another layout are counted and give no code', async () => {
    const rig = await rigWithScanner();
    const link = rig.link('code-scanner');
    link.send(new Uint8Array(64).fill(0xa5));
    link.send(reports[0]!.subarray(0, 20));
    for (const report of encodeScan({ layout: 'counted', text: code, aim: ']Q1' })) link.send(report);
    expect(rig.of('code')).toEqual([]);
    expect(rig.supervisor.health()[0]?.errorCount).toBe(5);
    for (const report of reports) link.send(report);
    expect(rig.of('code').length).toBe(1);
  });

  it('an endless code is dropped whole, the next one comes', async () => {
    const rig = await rigWithScanner();
    for (const report of encodeScan({ layout: 'standard', text: 'x'.repeat(5000), aim: ']Q1' })) {
      rig.link('code-scanner').send(report);
      await rig.clock.advance(8);
    }
    for (const report of reports) rig.link('code-scanner').send(report);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });
});

describe('layout auto', () => {
  it.each(['standard', 'counted', 'newland', 'uncounted'] as const)(
    'takes a scanner of layout %s',
    async (layout) => {
      const rig = new Rig();
      await rig.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
      for (let i = 0; i < 2; i++) {
        for (const report of encodeScan({ layout, text: code, aim: ']Q1' }))
          rig.link('code-scanner').send(report);
      }
      expect(rig.of('code').map((m) => m.text)).toEqual([code, code]);
    },
  );

  it('once an AIM id has settled it, a damaged report is not taken for another layout', async () => {
    const rig = new Rig();
    await rig.up([{ ...scannerSpec, layout: 'auto' } as DeviceSpec]);
    for (const report of reports) rig.link('code-scanner').send(report);
    const hurt = encodeScan({ layout: 'standard', text: 'KM1', aim: ']Q1' })[0]!;
    hurt[2] = 0x20;
    rig.link('code-scanner').send(hurt);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });
});

const { transport } = scannerSpec;
const serialSpec = {
  kind: 'code-scanner',
  protocol: 'scanner-serial',
  transport,
  suffix: 'cr',
} as DeviceSpec;
const wedgeSpec = {
  ...{ kind: 'code-scanner', protocol: 'scanner-wedge', transport },
  ...{ suffix: 'enter', keyGapMs: 110, minLength: 6 },
} as DeviceSpec;
const windowSpec = { ...wedgeSpec, transport: { kind: 'keyboard' } } as DeviceSpec;

/** A scanner that sends a code in small pieces, over whatever it is connected with. */
interface Way {
  name: string;
  spec: DeviceSpec;
  pieces: (text: string) => Uint8Array[];
}
const ways: Way[] = [
  {
    name: 'serial',
    spec: serialSpec,
    pieces: (t) => Array.from(`${t}\r`, (c) => new TextEncoder().encode(c)),
  },
  { name: 'keyboard reports', spec: wedgeSpec, pieces: (t) => typeCode(t, 'enter') },
];

describe.each(ways)('$name', ({ spec, pieces }) => {
  async function scan(rig: Rig, parts: Uint8Array[]): Promise<void> {
    for (const part of parts) {
      await rig.clock.advance(4);
      rig.link('code-scanner').send(part);
    }
  }
  const up = async (): Promise<Rig> => {
    const rig = new Rig();
    await rig.up([spec]);
    return rig;
  };

  it('a code comes out once', async () => {
    const rig = await up();
    await scan(rig, pieces(code));
    await rig.clock.advance(3000);
    expect(rig.of('code').map((m) => [m.text, m.symbology])).toEqual([[code, '']]);
    expect(rig.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
  });

  it('unplugged in the middle: the half is never joined to the next', async () => {
    const rig = await up();
    await scan(rig, pieces(code).slice(0, 40));
    rig.link('code-scanner').unplug();
    await rig.clock.advance(300);
    await scan(rig, pieces(code));
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });

  it('silence in the middle: the half is dropped and counted', async () => {
    const rig = await up();
    await scan(rig, pieces(code).slice(0, 40));
    await rig.clock.advance(1500);
    await scan(rig, pieces(code));
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
    expect(rig.supervisor.health()[0]?.errorCount).toBe(1);
  });

  it('an endless code is dropped whole, the next one comes', async () => {
    const rig = await up();
    for (const part of pieces('x'.repeat(5000))) {
      await rig.clock.advance(1);
      rig.link('code-scanner').send(part);
    }
    await rig.clock.advance(1500);
    await scan(rig, pieces(code));
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
  });
});

describe('a scanner that types into the window', () => {
  const keys = (rig: Rig, text: string, gapMs: number, startMs: number): void => {
    [...Array.from(text), 'Enter'].forEach((key, i) => {
      const press: KeyPress = { type: 'down', key, code: '', composing: false, atMs: startMs + i * gapMs };
      rig.supervisor.keys([press, { ...press, type: 'up' }]);
    });
  };
  const up = async (): Promise<Rig> => {
    const rig = new Rig();
    await rig.up([windowSpec]);
    return rig;
  };

  it('its code comes out, by the times of the keys and not of their arrival', async () => {
    const rig = await up();
    keys(rig, code, 80, 1_000_000);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
    keys(rig, code, 200, 2_000_000);
    expect(rig.of('code').length).toBe(1);
    expect(rig.links['code-scanner']).toEqual([]);
  });

  it('an input method that is on: no code, and staff are told to switch it off', async () => {
    const rig = await up();
    rig.supervisor.keys([{ type: 'down', key: 'Process', code: 'KeyK', composing: false, atMs: 1 }]);
    expect(rig.supervisor.health()[0]?.detail).toContain('input method');
    await rig.clock.advance(1000);
    keys(rig, code, 10, 5000);
    expect(rig.of('code').map((m) => m.text)).toEqual([code]);
    expect(rig.supervisor.health()[0]?.detail).toBe('');
  });

  it('keys that nobody waits for, and babble, hurt nothing', async () => {
    const rig = new Rig();
    await rig.up([scannerSpec]);
    keys(rig, code, 10, 0);
    expect(rig.of('code')).toEqual([]);
    const typing = await up();
    for (let i = 0; i < 2000; i++) keys(typing, 'x', 1, i * 2);
    await typing.clock.advance(5000);
    keys(typing, code, 10, 1_000_000);
    expect(typing.of('code').map((m) => m.text)).toEqual([code]);
  });
});
