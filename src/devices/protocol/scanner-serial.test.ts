import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from './codec.ts';
import { cutBytes } from '../../testkit/devices/codec-testing.ts';
import {
  encodeSerialCode,
  scannerSerialCodec,
  SerialScanAssembler,
  serialCodeMaxBytes,
} from './scanner-serial.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = fc.string({
  unit: fc.constantFrom('K', 'M', '1', '.', '-', 'é', '饮'),
  minLength: 1,
  maxLength: 60,
});

describe('codes over a serial line', () => {
  it('decode what was encoded', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('cr', 'lf', 'crlf', 'none'), (one, suffix) => {
        const message = { type: 'code' as const, dataHex: toHex(utf8(one)), suffix, text: one };
        expect(scannerSerialCodec.deviceMessageSchema.safeParse(message).success).toBe(true);
        const bytes = scannerSerialCodec.encodeDeviceMessage(message);
        expect(scannerSerialCodec.decodeDeviceFrame(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['\r\n', 'codec.too_short'],
    ['a\rb\r', 'codec.bad_field'],
    ['x'.repeat(serialCodeMaxBytes + 1), 'codec.too_long'],
  ])('refuses %j with %s', (bytes, code) => {
    expect(scannerSerialCodec.decodeDeviceFrame(utf8(bytes))).toMatchObject({ error: { code } });
  });

  it('nothing is sent to such a scanner', () => {
    expect(scannerSerialCodec.decodeHostFrame(utf8('x'))).toMatchObject({
      error: { code: 'codec.bad_head' },
    });
    expect(scannerSerialCodec.hostMessageSchema.safeParse({ type: 'x' }).success).toBe(false);
  });

  it.each(['cr', 'lf', 'crlf'] as const)('%s: come out whole at any cut', (suffix) => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.infiniteStream(fc.nat(20)), (texts, cuts) => {
        const assembler = new SerialScanAssembler(suffix);
        const all = texts.flatMap((one) => [...encodeSerialCode({ dataHex: toHex(utf8(one)), suffix })]);
        const parts = cutBytes(Uint8Array.from(all), cuts);
        expect(parts.flatMap((part) => assembler.push(part))).toEqual(texts);
        expect(assembler.isWaiting).toBe(false);
      }),
    );
  });

  it('without a suffix the quiet line ends them; with one it drops the half', () => {
    const open = new SerialScanAssembler('none');
    expect(open.push(utf8('KM1.'))).toEqual([]);
    expect(open.push(utf8('m0042'))).toEqual([]);
    expect(open.flush()).toEqual(['KM1.m0042']);
    const closed = new SerialScanAssembler('cr');
    closed.push(utf8('KM1.'));
    expect(closed.flush()).toEqual([]);
    expect(closed.push(utf8('m0042\r'))).toEqual(['m0042']);
    expect(closed.stats).toEqual({ scanCount: 1, droppedCount: 1, tooLongCount: 0 });
  });

  it('an endless one is dropped whole, and the next one comes', () => {
    const assembler = new SerialScanAssembler('cr');
    expect(assembler.push(utf8(`${'x'.repeat(serialCodeMaxBytes + 9)}\rKM1\r`))).toEqual(['KM1']);
    expect(assembler.stats.tooLongCount).toBe(1);
  });

  it('bytes that are no UTF-8 are Latin-1', () => {
    expect(new SerialScanAssembler('cr').push(Uint8Array.of(0x41, 0xe9, 0x0d))).toEqual(['Aé']);
  });
});
