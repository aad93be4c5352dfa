import { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { asciiBytes, byteAt, bytesOfHex, hexSchema, toHex } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';
import { scanText, withoutExtras } from './scan-text.ts';

/**
 * Bar code scanners in HID-POS mode (usage page 8C "Bar Code Scanner", usage 02). One input report, id 02. Reports, not a
 * byte stream: HID keeps their borders, so there is no resync; a report is right or it is dropped.
 *
 *   byte (id included)   standard (Honeywell/Hand Held,      counted        newland
 *                        Access-IS, Zebra, Datalogic)                       (FM420, EM2027, EM2028)
 *   0                    02                                  02             02
 *   1                    data bytes in this report (0..56)   same           same
 *   2-4                  AIM id: ] c m                       same           data from byte 2 (to 57)
 *   5-60                 data, zero padded                   same           58-61 reserved
 *   61                   vendor symbology id                 bit 0 = more   62 = vendor symbology id
 *   63                   bit 0 = more ("Decode Data          (62 bytes)     63 = bit 0 = more
 *                        Continued"); 62 reserved
 *
 * A fourth, `uncounted` (61 bytes), has no byte 1: AIM id in 1-3, data 4-59 with the padding as its only end, 60 = more.
 * Some units put one more byte before the `]`: then AIM id and data begin one byte later (`extraByte`).
 * Sources: Hand Held 5020 USB manual, Access-IS LSR118 manual, Newland FM420 manual,
 * npm @point-of-sale/webhid-barcode-scanner 1.2.2 (source).
 */
export const hidPosLayouts = ['standard', 'counted', 'newland', 'uncounted'] as const;
export const hidPosLayoutSchema = z.enum(hidPosLayouts);
export type HidPosLayout = z.infer<typeof hidPosLayoutSchema>;

const reportId = 0x02;
/** Data bytes one report carries at most. */
export const reportDataMaxBytes = 56;
const reportBytes: Readonly<Record<HidPosLayout, number>> = {
  standard: 64,
  counted: 62,
  newland: 64,
  uncounted: 61,
};
export const scanReportMaxBytes = Math.max(...Object.values(reportBytes));
/** Longest scan handed out; a longer one is dropped whole. */
export const scanTextMaxBytes = 4096;
/** A scan whose next report does not come within this time is dropped. */
export const halfScanMaxMs = 1000;

const aimStart = 0x5d; // "]"
const aimPattern = /^\][\x21-\x7e]{2}$/;

export const scanReportSchema = z
  .object({
    type: z.literal('report'),
    layout: hidPosLayoutSchema,
    /** `]` and two characters; null in the Newland layout. */
    aim: z.string().regex(aimPattern).nullable(),
    dataHex: hexSchema(0, reportDataMaxBytes),
    /** The maker's own symbology number; 0 in the layouts that have no such byte. */
    vendorSymbology: z.number().int().min(0).max(255),
    /** Decode Data Continued: another report of the same scan follows. */
    more: z.boolean(),
    /** The additional byte some units put before the AIM id. */
    extraByte: z.number().int().min(0).max(255).nullable(),
  })
  .refine((r) => (r.aim === null) === (r.layout === 'newland'), { message: 'newland alone has no AIM id' })
  .refine((r) => hasVendorByte(r.layout) || r.vendorSymbology === 0, {
    message: 'this layout has no vendor byte',
  })
  .refine((r) => r.layout !== 'uncounted' || !r.dataHex.endsWith('00'), { message: 'padding is not data' })
  .refine(
    (r) =>
      r.extraByte === null ||
      ((r.layout === 'standard' || r.layout === 'counted') &&
        r.extraByte !== aimStart &&
        r.dataHex.length < reportDataMaxBytes * 2),
    { message: 'an extra byte needs an AIM id and leaves room for 55 data bytes' },
  );
export type ScanReport = z.infer<typeof scanReportSchema>;

/** Feature report `FE 01`: switches Honeywell units (USB vendor 0C2E, 23D0) to HID-POS after opening. */
export const scannerHostMessageSchema = z.object({ type: z.literal('enableHidPos') });
export type ScannerHostMessage = z.infer<typeof scannerHostMessageSchema>;

/** The one message there is. */
export function encodeScannerHostMessage(): Uint8Array {
  return Uint8Array.of(0xfe, 0x01);
}

/** One input report, id included. */
export function encodeScanReport(report: ScanReport): Uint8Array {
  const bytes = new Uint8Array(reportBytes[report.layout]);
  const data = bytesOfHex(report.dataHex);
  const aim = report.aim === null ? [] : asciiBytes(report.aim);
  const extra = report.extraByte === null ? [] : [report.extraByte];
  const count = report.layout === 'uncounted' ? [] : [data.length];
  bytes.set([reportId, ...count, ...extra, ...aim, ...data]);
  if (hasVendorByte(report.layout)) bytes[report.layout === 'standard' ? 61 : 62] = report.vendorSymbology;
  bytes[bytes.length - 1] = report.more ? 1 : 0;
  return bytes;
}

/** One input report, id included, in a layout that is known from the profile (reserved bits are ignored). */
export function decodeScanReport(bytes: Uint8Array, layout: HidPosLayout): Result<ScanReport, CodecFailure> {
  const size = reportBytes[layout];
  if (bytes.length < size) return fail('codec.too_short', `${bytes.length} bytes; ${layout} has ${size}`);
  if (bytes.length > size) return fail('codec.too_long', `${bytes.length} bytes; ${layout} has ${size}`);
  if (byteAt(bytes, 0) !== reportId) return fail('codec.bad_head', `report id ${byteAt(bytes, 0)}`);
  if (layout === 'uncounted') return decodeUncounted(bytes);
  const count = byteAt(bytes, 1);
  if (count > reportDataMaxBytes) return fail('codec.bad_length', `${count} data bytes in one report`);
  const more = (byteAt(bytes, size - 1) & 1) === 1;
  if (layout === 'newland') {
    const dataHex = toHex(bytes.subarray(2, 2 + count));
    const vendorSymbology = byteAt(bytes, 62);
    return ok({ type: 'report', layout, aim: null, dataHex, vendorSymbology, more, extraByte: null });
  }
  const shifted = byteAt(bytes, 2) !== aimStart && byteAt(bytes, 3) === aimStart;
  const at = shifted ? 3 : 2;
  const aim = String.fromCharCode(...bytes.subarray(at, at + 3));
  if (!aimPattern.test(aim)) return fail('codec.bad_field', 'no AIM id (]cm) where the layout has it');
  if (shifted && count === reportDataMaxBytes)
    return fail('codec.bad_length', 'an extra byte leaves room for 55');
  return ok({
    type: 'report',
    layout,
    aim,
    dataHex: toHex(bytes.subarray(at + 3, at + 3 + count)),
    vendorSymbology: layout === 'standard' ? byteAt(bytes, 61) : 0,
    more,
    extraByte: shifted ? byteAt(bytes, 2) : null,
  });
}

function decodeUncounted(bytes: Uint8Array): Result<ScanReport, CodecFailure> {
  const aim = String.fromCharCode(...bytes.subarray(1, 4));
  if (!aimPattern.test(aim)) return fail('codec.bad_field', 'no AIM id (]cm) where the layout has it');
  let end = 60;
  while (end > 4 && byteAt(bytes, end - 1) === 0) end--;
  return ok({
    type: 'report',
    layout: 'uncounted',
    aim,
    dataHex: toHex(bytes.subarray(4, end)),
    vendorSymbology: 0,
    more: (byteAt(bytes, 60) & 1) === 1,
    extraByte: null,
  });
}

function hasVendorByte(layout: HidPosLayout): boolean {
  return layout === 'standard' || layout === 'newland';
}

/** The layout a single report most likely has: for tools, and for the configuration `auto`. */
export function guessLayout(bytes: Uint8Array): HidPosLayout {
  if (bytes.length === reportBytes.counted) return 'counted';
  if (bytes.length === reportBytes.uncounted) return 'uncounted';
  return byteAt(bytes, 2) === aimStart || byteAt(bytes, 3) === aimStart ? 'standard' : 'newland';
}

/**
 * Whether three bytes stand behind what a Newland report counts, after an AIM id in it: then it is a report of the other layout,
 * which does not count its AIM id, and would lose the end of its code.
 */
export function isCutShort(bytes: Uint8Array, layout: HidPosLayout): boolean {
  if (layout !== 'newland' || bytes.length !== reportBytes.newland) return false;
  const end = 2 + byteAt(bytes, 1);
  const [counted, behind, rest] = [
    bytes.subarray(2, end),
    bytes.subarray(end, end + 3),
    bytes.subarray(end + 3, 61),
  ];
  const hasAim = aimPattern.test(String.fromCharCode(...counted.subarray(0, 3)));
  return hasAim && behind.every((byte) => byte !== 0) && rest.every((byte) => byte === 0);
}

export const scannerHidPosCodec: ProtocolCodec<ScannerHostMessage, ScanReport> = {
  name: 'scanner-hid-pos',
  hostMessageSchema: scannerHostMessageSchema,
  deviceMessageSchema: scanReportSchema,
  encodeHostMessage: () => encodeScannerHostMessage(),
  encodeDeviceMessage: encodeScanReport,
  decodeHostFrame: (bytes) =>
    bytes.length === 2 && byteAt(bytes, 0) === 0xfe && byteAt(bytes, 1) === 0x01
      ? ok({ type: 'enableHidPos' })
      : fail('codec.bad_head', 'not the feature report FE 01'),
  decodeDeviceFrame: (bytes) => decodeScanReport(bytes, guessLayout(bytes)),
};

/**
 * The reports of one scan, for the simulator and for tests. `aim` is ignored by the Newland layout.
 * An empty text gives one empty report. The uncounted layout loses NULs at the end of a report.
 */
export function encodeScan(scan: {
  readonly layout: HidPosLayout;
  readonly text: string;
  readonly aim: string;
  readonly vendorSymbology?: number;
}): Uint8Array[] {
  const bytes = new TextEncoder().encode(scan.text);
  const reports: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += reportDataMaxBytes) {
    reports.push(
      encodeScanReport({
        type: 'report',
        layout: scan.layout,
        aim: scan.layout === 'newland' ? null : scan.aim,
        dataHex: toHex(bytes.subarray(at, at + reportDataMaxBytes)),
        vendorSymbology: hasVendorByte(scan.layout) ? (scan.vendorSymbology ?? 0) : 0,
        more: at + reportDataMaxBytes < bytes.length,
        extraByte: null,
      }),
    );
  }
  return reports;
}

/** One whole scan. */
export interface Scan {
  /** UTF-8 where the bytes are that, else Latin-1. */
  readonly text: string;
  /** What was taken off, for people; left out when it was nothing. */
  readonly stripped?: string;
  /** The AIM id (`]Q1`), or `v:73` with the vendor's number in the Newland layout. */
  readonly symbology: string;
}

/** The scan without what the scanner has added. `symbology`: as it has told it apart from the text, or null. */
export function scanOf(raw: string, symbology: string | null): Scan {
  const knownAim = symbology?.startsWith(']') === true ? symbology : null;
  const { text, aim, stripped } = withoutExtras(raw, knownAim);
  const base = { text, symbology: symbology ?? aim };
  return stripped === '' ? base : { ...base, stripped };
}

/** Puts reports together. Holds at most `scanTextMaxBytes`. Time is an argument (any monotonic scale, ms). */
export class ScanAssembler {
  readonly stats = { scanCount: 0, droppedHalfCount: 0, tooLongCount: 0, emptyCount: 0 };
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #key: string | null = null;
  #lastMs = 0;
  #tooLong = false;

  /** Whether a scan has begun and waits for its next report. */
  get isWaiting(): boolean {
    return this.#key !== null;
  }

  push(report: ScanReport, atMs: number): Scan | null {
    const key = report.aim ?? `v:${report.vendorSymbology}`;
    // A new AIM id, or a second of nothing: the rest of the old scan will not come.
    if (this.#key !== null && (key !== this.#key || atMs - this.#lastMs >= halfScanMaxMs)) this.#dropHalf();
    this.#key = key;
    this.#lastMs = atMs;
    this.#add(bytesOfHex(report.dataHex));
    if (report.more) return null;
    const scan = this.#tooLong
      ? null
      : { text: scanText(Uint8Array.from(this.#parts.flatMap((part) => [...part]))), symbology: key };
    if (this.#tooLong) this.stats.tooLongCount++;
    this.#clear();
    if (scan?.text === '') this.stats.emptyCount++;
    if (scan === null || scan.text === '') return null;
    this.stats.scanCount++;
    return scan;
  }

  #add(data: Uint8Array): void {
    if (this.#partBytes + data.length > scanTextMaxBytes) {
      this.#tooLong = true;
      this.#parts = [];
      return;
    }
    // Empty reports without an end must not pile up either.
    if (this.#tooLong || data.length === 0) return;
    this.#parts.push(data);
    this.#partBytes += data.length;
  }

  #dropHalf(): void {
    this.stats.droppedHalfCount++;
    this.#clear();
  }

  #clear(): void {
    this.#parts = [];
    this.#partBytes = 0;
    this.#key = null;
    this.#tooLong = false;
  }
}
