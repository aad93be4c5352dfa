import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import { WedgeAssembler, wedgeTextMaxChars } from './scanner-keys.ts';
import type { WedgeSettings } from './scanner-keys.ts';
import { ReportKeyboard, decodeBootReport, scannerWedgeCodec, typeCode } from './scanner-wedge.ts';

const settings: WedgeSettings = { suffix: 'enter', keyGapMs: 110, minLength: 4 };
const press = (key: string, atMs: number, more: Partial<KeyPress> = {}): KeyPress => ({
  type: 'down',
  key,
  code: '',
  composing: false,
  atMs,
  ...more,
});
/** Types these keys, `gapMs` apart (or by index), and gives what came out. */
function type(
  assembler: WedgeAssembler,
  keys: readonly string[],
  gapMs: number | ((index: number) => number),
  startMs = 0,
): string[] {
  let atMs = startMs;
  return keys.flatMap((key, i) => {
    atMs += typeof gapMs === 'number' ? gapMs : gapMs(i);
    const text = assembler.push(press(key, atMs));
    return text === null ? [] : [text];
  });
}
const code = 'KM1.m0042.sxyz12.AbCd-_9';
const codeKeys = [...Array.from(code), 'Enter'];

describe('codes typed by a scanner', () => {
  it.each([
    ['10 ms a key (Honeywell)', 10],
    ['80 ms with peaks of 100 (Zebra)', (i: number) => (i % 5 === 0 ? 100 : 80)],
  ] as const)('%s', (_name, gapMs) => {
    const assembler = new WedgeAssembler(settings);
    expect(type(assembler, codeKeys, gapMs)).toEqual([code]);
    expect(type(assembler, codeKeys, gapMs, 10_000)).toEqual([code]);
    expect(assembler.stats).toMatchObject({ scanCount: 2, droppedCount: 0 });
  });

  it('Tab, or silence, may end them', () => {
    expect(
      type(new WedgeAssembler({ ...settings, suffix: 'tab' }), [...Array.from(code), 'Tab'], 10),
    ).toEqual([code]);
    const open = new WedgeAssembler({ ...settings, suffix: 'none' });
    expect(type(open, Array.from(code), 10)).toEqual([]);
    expect(open.flush()).toBe(code);
    expect(open.flush()).toBeNull();
  });

  it('a person types too slowly: nothing comes, and the next scan is whole', () => {
    const assembler = new WedgeAssembler(settings);
    expect(type(assembler, codeKeys, 200)).toEqual([]);
    // What was typed just before a scan is not part of it.
    assembler.push(press('x', 20_000));
    expect(type(assembler, codeKeys, 10, 20_500)).toEqual([code]);
    expect(assembler.stats.droppedCount).toBeGreaterThan(0);
  });

  it('half a scan is dropped at the gap, and when its suffix comes late', () => {
    const assembler = new WedgeAssembler(settings);
    type(assembler, Array.from(code.slice(0, 9)), 10);
    expect(type(assembler, codeKeys, 10, 2000)).toEqual([code]);
    type(assembler, Array.from(code), 10, 4000);
    expect(assembler.push(press('Enter', 6000))).toBeNull();
    expect(assembler.isWaiting).toBe(false);
    expect(assembler.stats.droppedCount).toBe(2);
  });

  it('too short ones are none', () => {
    expect(type(new WedgeAssembler(settings), ['a', 'b', 'c', 'Enter'], 10)).toEqual([]);
    expect(type(new WedgeAssembler(settings), ['Enter', 'Enter'], 10)).toEqual([]);
  });

  it('an endless one is dropped whole, memory stays bounded, the next one comes', () => {
    const assembler = new WedgeAssembler(settings);
    const keys = [...Array.from({ length: wedgeTextMaxChars + 50 }, () => 'x'), 'Enter'];
    expect(type(assembler, keys, 1)).toEqual([]);
    expect(assembler.stats.tooLongCount).toBe(1);
    expect(type(assembler, codeKeys, 10, 10_000)).toEqual([code]);
  });

  it('names of keys are not characters; releases are nothing', () => {
    const assembler = new WedgeAssembler(settings);
    const keys = ['Shift', 'K', 'Control', 'M', '1', 'CapsLock', '9', 'Enter'];
    expect(type(assembler, keys, 10)).toEqual(['KM19']);
    assembler.push(press('a', 500, { type: 'up' }));
    expect(assembler.isWaiting).toBe(false);
  });

  it('Alt and the number pad type a character by its number', () => {
    const assembler = new WedgeAssembler(settings);
    let atMs = 0;
    const out: (string | null)[] = [];
    const pad = (digits: string): void => {
      const step = (one: KeyPress): unknown => out.push(assembler.push(one));
      step(press('Alt', ++atMs));
      for (const digit of digits) step(press(digit, ++atMs, { code: `Numpad${digit}` }));
      step(press('Alt', ++atMs, { type: 'up' }));
    };
    for (const char of 'Zü9k') pad(`0${char.charCodeAt(0)}`);
    out.push(assembler.push(press('Enter', ++atMs)));
    expect(out.filter((text) => text !== null)).toEqual(['Zü9k']);
  });

  it('an input method that takes keys spoils the code, and is told until it is off', () => {
    const assembler = new WedgeAssembler(settings);
    expect(type(assembler, ['Process', 'Process', '1', '2', '3', '4', 'Enter'], 10)).toEqual([]);
    assembler.push(press('Process', 1000));
    expect(assembler.isImeOn).toBe(true);
    assembler.push(press('a', 1010, { composing: true }));
    expect(assembler.isImeOn).toBe(true);
    expect(type(assembler, codeKeys, 10, 5000)).toEqual([code]);
    expect(assembler.isImeOn).toBe(false);
  });

  it('any keys at any times: nothing throws, nothing piles up, no code is shorter than the least', () => {
    const key = fc.constantFrom('a', '1', 'Enter', 'Tab', 'Alt', 'Process', 'Shift', '中', '');
    const one = fc.record({
      type: fc.constantFrom('down' as const, 'up' as const),
      key,
      code: fc.constantFrom('', 'Numpad1', 'KeyA'),
      composing: fc.boolean(),
      atMs: fc.double({ noNaN: true }),
    });
    const suffix = fc.constantFrom('enter' as const, 'tab' as const, 'none' as const);
    fc.assert(
      fc.property(fc.array(one), suffix, (presses, end) => {
        const assembler = new WedgeAssembler({ ...settings, suffix: end });
        const texts = [...presses.map((p) => assembler.push(p)), assembler.flush()];
        return (
          texts.every((text) => text === null || text.length >= settings.minLength) && !assembler.isWaiting
        );
      }),
    );
  });
});

describe('boot keyboard reports', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  it('decode what was encoded', () => {
    const u8 = fc.nat(255);
    const report = fc.record({
      type: fc.constant('report' as const),
      modifiers: u8,
      keys: fc.array(u8, { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(report, (message) => {
        const frame = scannerWedgeCodec.encodeDeviceMessage(message);
        expect(scannerWedgeCodec.decodeDeviceFrame(frame)).toEqual({ ok: true, value: message });
      }),
    );
    for (let bits = 0; bits < 32; bits++) {
      expect(scannerWedgeCodec.decodeHostFrame(Uint8Array.of(bits))).toEqual({
        ok: true,
        value: { type: 'lamps', bits },
      });
    }
  });

  it.each([
    [bytes(0, 0, 4, 0, 0, 0, 0), 'codec.too_short'],
    [bytes(0, 0, 4, 0, 0, 0, 0, 0, 0), 'codec.too_long'],
    [bytes(0, 1, 4, 0, 0, 0, 0, 0), 'codec.bad_field'],
  ])('refuse %s with %s', (frame, error) => {
    expect(decodeBootReport(frame)).toMatchObject({ error: { code: error } });
  });

  it('every printable ASCII character typed comes out again', () => {
    const all = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 0x20 + i));
    const [keyboard, assembler] = [new ReportKeyboard(), new WedgeAssembler(settings)];
    let atMs = 0;
    const texts = typeCode(all, 'enter').flatMap((frame) => {
      const report = decodeBootReport(frame);
      if (!report.ok) throw new Error(report.error.message);
      return keyboard.push(report.value, (atMs += 4)).flatMap((one) => assembler.push(one) ?? []);
    });
    expect(texts).toEqual([all]);
  });

  it('a key that stays down is typed once; too many keys at once are none', () => {
    const keyboard = new ReportKeyboard();
    const keys = (...usages: number[]): string[] =>
      keyboard
        .push({ modifiers: 0, keys: [...usages, 0, 0, 0, 0, 0, 0].slice(0, 6) }, 0)
        .map((one) => one.key);
    expect(keys(0x04)).toEqual(['a']);
    expect(keys(0x04, 0x05)).toEqual(['b']);
    expect(keys(1, 1, 1, 1, 1, 1)).toEqual([]);
    expect(keys(0x04, 0x05)).toEqual([]);
    expect(keys(0x04)).toEqual([]);
    expect(keys(0x28)).toEqual(['Enter']);
  });
});
