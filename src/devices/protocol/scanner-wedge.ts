import { z } from 'zod';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { byteAt } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';
import type { KeyState } from './keyboard-report.ts';

/**
 * Boot keyboard reports (HID 1.11, appendix B.1), 8 bytes: modifiers | reserved | six key usages (page 07). That is how a
 * scanner in keyboard mode is seen where the raw HID device can be read (Linux). The host's one report is the lamps.
 * Sources: HID Usage Tables 1.5, page 07; Device Class Definition for HID 1.11.
 */
export const bootReportBytes = 8;
const keyPlaces = 6;
/** All places hold 01 when more keys are down than fit: no key at all may be taken from such a report. */
const rollOver = 0x01;

const u8 = z.number().int().min(0).max(0xff);
const bootReportSchema = z.object({
  type: z.literal('report'),
  /** Bits: left Ctrl, Shift, Alt, GUI, then the right ones. */
  modifiers: u8,
  /** As in the report, 0 = no key. */
  keys: z.array(u8).length(keyPlaces),
});
export type BootReport = z.infer<typeof bootReportSchema>;

/** Bits 0..4: num lock, caps lock, scroll lock, compose, kana. */
const lampsSchema = z.object({ type: z.literal('lamps'), bits: z.number().int().min(0).max(31) });
type Lamps = z.infer<typeof lampsSchema>;

function encodeReport(report: BootReport): Uint8Array {
  return Uint8Array.from([report.modifiers, 0, ...report.keys]);
}

export function decodeBootReport(bytes: Uint8Array): Result<BootReport, CodecFailure> {
  if (bytes.length < bootReportBytes) return fail('codec.too_short', `${bytes.length} bytes of 8`);
  if (bytes.length > bootReportBytes) return fail('codec.too_long', `${bytes.length} bytes of 8`);
  if (byteAt(bytes, 1) !== 0) return fail('codec.bad_field', 'the reserved byte is not 0');
  return ok({ type: 'report', modifiers: byteAt(bytes, 0), keys: [...bytes.subarray(2)] });
}

function decodeLamps(bytes: Uint8Array): Result<Lamps, CodecFailure> {
  if (bytes.length === 0) return fail('codec.too_short', 'no bytes');
  if (bytes.length > 1) return fail('codec.too_long', 'the lamps are one byte');
  const bits = byteAt(bytes, 0);
  return bits > 31 ? fail('codec.bad_field', 'there are five lamps') : ok({ type: 'lamps', bits });
}

export const scannerWedgeCodec: ProtocolCodec<Lamps, BootReport> = {
  name: 'scanner-wedge',
  hostMessageSchema: lampsSchema,
  deviceMessageSchema: bootReportSchema,
  encodeHostMessage: (lamps) => Uint8Array.of(lamps.bits),
  encodeDeviceMessage: encodeReport,
  decodeHostFrame: decodeLamps,
  decodeDeviceFrame: decodeBootReport,
};

const shiftBits = 0x22;
const altBits = 0x44;
/** Usages 1E..27 (digits), 2C..38 (signs) of a US keyboard, without and with Shift. */
const digits = ['1234567890', '!@#$%^&*()'] as const;
const signs = [" -=[]\\#;'`,./", ' _+{}|~:"~<>?'] as const;
const firstLetter = 0x04;
const firstDigit = 0x1e;
const firstSign = 0x2c;
const firstKeypad = 0x59;
const named: Readonly<Record<number, string>> = { 0x28: 'Enter', 0x2b: 'Tab', 0x58: 'Enter' };

/** Turns reports into the presses that a window would see (US layout, which scanners have from the factory). */
export class ReportKeyboard {
  /** Keys that are down, by report: a keyboard may have a report of places and one of bits. */
  readonly #down = new Map<number, readonly number[]>();
  #isAlt = false;

  push(report: KeyState, atMs: number): KeyPress[] {
    if (report.keys.includes(rollOver)) return [];
    const reportId = report.reportId ?? 0;
    const down = this.#down.get(reportId) ?? [];
    const presses: KeyPress[] = [];
    const isAlt = (report.modifiers & altBits) !== 0;
    const press = (type: 'down' | 'up', key: string, code: string): void => {
      presses.push({ type, key, code, composing: false, atMs });
    };
    if (isAlt && !this.#isAlt) press('down', 'Alt', 'AltLeft');
    const shifted = (report.modifiers & shiftBits) !== 0 ? 1 : 0;
    for (const usage of report.keys) {
      if (usage === 0 || down.includes(usage)) continue;
      const [key, code] = keyOf(usage, shifted);
      if (key !== '') press('down', key, code);
    }
    // After the keys: the number typed with Alt is complete when Alt goes up.
    if (!isAlt && this.#isAlt) press('up', 'Alt', 'AltLeft');
    this.#isAlt = isAlt;
    this.#down.set(
      reportId,
      report.keys.filter((usage) => usage !== 0),
    );
    return presses;
  }
}

function keyOf(usage: number, shifted: 0 | 1): [key: string, code: string] {
  const name = named[usage];
  if (name !== undefined) return [name, name];
  if (usage >= firstLetter && usage < firstLetter + 26) {
    const letter = String.fromCharCode(0x61 + usage - firstLetter);
    return [shifted === 1 ? letter.toUpperCase() : letter, `Key${letter.toUpperCase()}`];
  }
  if (usage >= firstDigit && usage < firstDigit + 10) {
    return [digits[shifted].charAt(usage - firstDigit), 'Digit'];
  }
  if (usage >= firstSign && usage < firstSign + signs[0].length) {
    return [signs[shifted].charAt(usage - firstSign), 'Sign'];
  }
  if (usage >= firstKeypad && usage < firstKeypad + 10) {
    const digit = String((usage - firstKeypad + 1) % 10);
    return [digit, `Numpad${digit}`];
  }
  return ['', ''];
}

/** The reports of a code as a scanner types it (press and release of each key), for the simulator and for tests. */
export function typeCode(text: string, suffix: 'enter' | 'tab' | 'none'): Uint8Array[] {
  const usages = Array.from(text, usageOf);
  if (suffix !== 'none') usages.push({ usage: suffix === 'enter' ? 0x28 : 0x2b, modifiers: 0 });
  return usages.flatMap(({ usage, modifiers }) => [
    encodeReport({ type: 'report', modifiers, keys: [usage, 0, 0, 0, 0, 0] }),
    encodeReport({ type: 'report', modifiers: 0, keys: [0, 0, 0, 0, 0, 0] }),
  ]);
}

/** Characters that a US keyboard does not have are left out by such scanners; here they are a space. */
function usageOf(char: string): { usage: number; modifiers: number } {
  const shift = 0x02;
  if (/[a-z]/.test(char)) return { usage: char.charCodeAt(0) - 0x61 + firstLetter, modifiers: 0 };
  if (/[A-Z]/.test(char)) return { usage: char.charCodeAt(0) - 0x41 + firstLetter, modifiers: shift };
  for (const [first, rows] of [
    [firstDigit, digits],
    [firstSign, signs],
  ] as const) {
    const [plain, shifted] = [rows[0].indexOf(char), rows[1].indexOf(char)];
    if (plain >= 0) return { usage: first + plain, modifiers: 0 };
    if (shifted >= 0) return { usage: first + shifted, modifiers: shift };
  }
  return { usage: firstSign, modifiers: 0 };
}
