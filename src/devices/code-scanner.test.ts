import { describe, expect, it } from 'vitest';
import { encodeScan, hidPosLayouts } from './protocol/scanner-hid-pos.ts';
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
