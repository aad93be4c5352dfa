import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from './codec.ts';
import { readScannerDescriptor } from './scanner-descriptor.ts';
import {
  decodeScanReport,
  encodeScan,
  encodeScanReport,
  hidPosLayouts,
  ScanAssembler,
  scannerHidPosCodec,
  scanReportSchema,
} from './scanner-hid-pos.ts';
import type { HidPosLayout, Scan, ScanReport } from './scanner-hid-pos.ts';

const layout = fc.constantFrom(...hidPosLayouts);
const aimChar = fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c));
const report: fc.Arbitrary<ScanReport> = fc
  .record({
    type: fc.constant('report' as const),
    layout,
    aim: fc.tuple(aimChar, aimChar).map(([c, m]) => `]${c}${m}`),
    dataHex: fc.uint8Array({ maxLength: 56 }).map(toHex),
    vendorSymbology: fc.integer({ min: 0, max: 255 }),
    more: fc.boolean(),
    extraByte: fc.option(fc.integer({ min: 0, max: 255 })),
  })
  .map((r) => ({
    ...r,
    aim: r.layout === 'newland' ? null : r.aim,
    vendorSymbology: r.layout === 'standard' || r.layout === 'newland' ? r.vendorSymbology : 0,
    extraByte: r.layout === 'standard' || r.layout === 'counted' ? r.extraByte : null,
  }))
  .filter((r) => scanReportSchema.safeParse(r).success);

/** Feeds reports a few ms apart; all scans that come out. */
function assemble(reports: readonly Uint8Array[], as: HidPosLayout, assembler = new ScanAssembler()): Scan[] {
  return reports.flatMap((bytes, index) => {
    const one = decodeScanReport(bytes, as);
    expect(one).toMatchObject({ ok: true });
    const scan = one.ok ? assembler.push(one.value, index * 8) : null;
    return scan === null ? [] : [scan];
  });
}

function standard(data: string, more: boolean, aim = ']Q1'): ScanReport {
  const dataHex = toHex(new TextEncoder().encode(data));
  return { type: 'report', layout: 'standard', aim, dataHex, vendorSymbology: 0, more, extraByte: null };
}

describe('HID-POS reports', () => {
  it('decode what was encoded, in every layout', () => {
    fc.assert(
      fc.property(report, (message) => {
        const bytes = encodeScanReport(message);
        expect(decodeScanReport(bytes, message.layout)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('the feature report that switches Honeywell units over', () => {
    const bytes = scannerHidPosCodec.encodeHostMessage({ type: 'enableHidPos' });
    expect(toHex(bytes)).toBe('FE01');
    expect(scannerHidPosCodec.decodeHostFrame(bytes)).toEqual({ ok: true, value: { type: 'enableHidPos' } });
    expect(scannerHidPosCodec.decodeHostFrame(bytesOfHex('FE00'))).toMatchObject({ ok: false });
  });

  it('bytes before the ] are kept apart', () => {
    const bytes = bytesOfHex(`0201995D513041`.padEnd(128, '0'));
    expect(decodeScanReport(bytes, 'standard')).toMatchObject({
      ok: true,
      value: { aim: ']Q0', dataHex: '41', extraByte: 0x99 },
    });
  });

  it.each([
    ['cut', `02015D5130`, 'codec.too_short'],
    ['too long', '02'.padEnd(130, '0'), 'codec.too_long'],
    ['other report id', '03'.padEnd(128, '0'), 'codec.bad_head'],
    ['more data than fits', `02395D5130`.padEnd(128, '0'), 'codec.bad_length'],
    ['no AIM id', `0201414243`.padEnd(128, '0'), 'codec.bad_field'],
  ])('refuses: %s', (_name, hex, code) => {
    expect(decodeScanReport(bytesOfHex(hex), 'standard')).toMatchObject({ error: { code } });
  });

  it('random bytes never throw, in any layout, and what is taken fits the schema', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), layout, (bytes, as) => {
        const one = decodeScanReport(bytes, as);
        if (one.ok) expect(scanReportSchema.safeParse(one.value).success).toBe(true);
        readScannerDescriptor(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 61, maxLength: 64 }), layout, (bytes, as) => {
        bytes.set([2, 3, 0x5d, 0x51, 0x31]);
        const one = decodeScanReport(bytes, as);
        if (one.ok) expect(scanReportSchema.safeParse(one.value).success).toBe(true);
      }),
    );
  });
});

describe('scans', () => {
  it.each(hidPosLayouts)('any text comes back through %s', (as) => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme-ascii' }), (text) => {
        fc.pre(!/[\r\n\0]$/.test(text));
        const out = assemble(encodeScan({ layout: as, text, aim: ']Q1', vendorSymbology: 0x73 }), as);
        expect(out).toEqual([{ text, symbology: as === 'newland' ? 'v:115' : ']Q1' }]);
      }),
    );
  });

  it('the published 120-byte scan of three reports', () => {
    const text = '1234567890'.repeat(12);
    const reports = encodeScan({ layout: 'counted', text, aim: ']Q1' });
    expect(reports.map((r) => [r[1], r[61]])).toEqual([
      [56, 1],
      [56, 1],
      [8, 0],
    ]);
    expect(assemble(reports, 'counted')).toEqual([{ text, symbology: ']Q1' }]);
  });

  it('Chinese is UTF-8, other bytes are Latin-1, trailing CR and NUL go', () => {
    const assembler = new ScanAssembler();
    expect(assembler.push(standard('开门\r', false), 0)?.text).toBe('开门');
    expect(assembler.push({ ...standard('', false), dataHex: 'E94100000D00' }, 1)?.text).toBe('éA');
  });

  it('half a scan is dropped after a second', () => {
    const assembler = new ScanAssembler();
    expect(assembler.push(standard('old', true), 0)).toBeNull();
    expect(assembler.push(standard('new', false), 1000)?.text).toBe('new');
    expect(assembler.stats).toMatchObject({ droppedHalfCount: 1, scanCount: 1 });
  });

  it('half a scan is dropped when another AIM id begins', () => {
    const assembler = new ScanAssembler();
    assembler.push(standard('old', true), 0);
    expect(assembler.push(standard('new', false, ']C0'), 10)).toEqual({ text: 'new', symbology: ']C0' });
  });

  it('a part just within the second still belongs to it', () => {
    const assembler = new ScanAssembler();
    assembler.push(standard('a', true), 0);
    expect(assembler.push(standard('b', false), 999)?.text).toBe('ab');
  });

  it('4096 bytes pass, more are dropped whole, and the next scan is whole again', () => {
    const longest = 'x'.repeat(4096);
    const assembler = new ScanAssembler();
    const push = (text: string): Scan[] =>
      assemble(encodeScan({ layout: 'standard', text, aim: ']Q1' }), 'standard', assembler);
    expect(push(longest)).toEqual([{ text: longest, symbology: ']Q1' }]);
    expect(push(`${longest}y`)).toEqual([]);
    expect(push('after')).toEqual([{ text: 'after', symbology: ']Q1' }]);
    expect(assembler.stats.tooLongCount).toBe(1);
  });

  it('an endless scan holds no more than its bound', () => {
    const assembler = new ScanAssembler();
    for (let i = 0; i < 100_000; i++) assembler.push(standard('z'.repeat(56), true), i);
    expect(assembler.push(standard('', false), 100_000)).toBeNull();
    expect(assembler.stats.tooLongCount).toBe(1);
  });

  it('an empty scan is no scan', () => {
    expect(new ScanAssembler().push(standard('\r', false), 0)).toBeNull();
  });
});
