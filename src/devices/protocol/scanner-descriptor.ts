import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { CodecFailure } from './codec.ts';
import { inputReportBytes, readHidInputs } from './hid-descriptor.ts';
import type { HidPosLayout } from './scanner-hid-pos.ts';

/**
 * Reads which layout a HID-POS scanner has from its report descriptor.
 * Usages (page 8C): FB, FC, FD symbology id 1-3, FE decoded data, FF decode data continued; 01:3B byte count.
 */
const usageByteCount = 0x01_003b;
const usageData = 0x8c_00fe;
const usageContinued = 0x8c_00ff;

export interface ScannerReportShape {
  readonly reportId: number;
  /** Length of the input report, id included. */
  readonly byteLength: number;
  /** First byte of the decoded data, id included. */
  readonly dataOffset: number;
  readonly hasByteCount: boolean;
  /** The layout of ours that fits, or null. */
  readonly layout: HidPosLayout | null;
}

/** Fails when the bytes are no descriptor of a HID-POS input report. */
export function readScannerDescriptor(bytes: Uint8Array): Result<ScannerReportShape, CodecFailure> {
  const read = readHidInputs(bytes);
  if (!read.ok) return read;
  const data = read.value.find((one) => one.usages.includes(usageData));
  const fields = read.value.filter((one) => one.reportId === data?.reportId);
  const has = (usage: number): boolean => fields.some((one) => one.usages.includes(usage));
  if (data === undefined || !has(usageContinued)) {
    return fail('codec.bad_field', 'no decoded data of a bar code scanner');
  }
  const { reportId, bitAt, bitsEach, count, usages } = data;
  const place = Math.min(usages.indexOf(usageData), Math.max(count - 1, 0));
  const shape = {
    reportId,
    byteLength: inputReportBytes(fields, reportId),
    dataOffset: Math.floor((bitAt + place * bitsEach) / 8) + (reportId === 0 ? 0 : 1),
    hasByteCount: has(usageByteCount),
  };
  return ok({ ...shape, layout: layoutOf(shape) });
}

function layoutOf(shape: Omit<ScannerReportShape, 'layout'>): HidPosLayout | null {
  if (!shape.hasByteCount) return shape.byteLength === 61 && shape.dataOffset === 4 ? 'uncounted' : null;
  if (shape.dataOffset === 2) return shape.byteLength === 64 ? 'newland' : null;
  if (shape.dataOffset !== 5) return null;
  return shape.byteLength === 64 ? 'standard' : shape.byteLength === 62 ? 'counted' : null;
}
