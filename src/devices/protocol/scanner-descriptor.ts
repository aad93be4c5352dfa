import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { byteAt } from './codec.ts';
import type { CodecFailure } from './codec.ts';
import type { HidPosLayout } from './scanner-hid-pos.ts';

/**
 * Reads which layout a HID-POS scanner has from its report descriptor (Linux: /sys/class/hidraw/hidrawN/device/
 * report_descriptor). HID 1.11 §6.2.2: an item is `tag|type|size` in one byte, then 0, 1, 2 or 4 data bytes.
 * Usages (page 8C): FB, FC, FD symbology id 1-3, FE decoded data, FF decode data continued; 01:3B byte count.
 */
const usageByteCount = 0x01_003b;
const usageData = 0x8c_00fe;
const usageContinued = 0x8c_00ff;
const descriptorMaxBytes = 4096;

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
  if (bytes.length > descriptorMaxBytes) return fail('codec.too_long', 'no report descriptor is that long');
  const state = { page: 0, sizeBits: 0, count: 0, reportId: 0, usages: new Array<number>(), bitAt: 0 };
  const fields = new Map<number, number>();
  for (let at = 0; at < bytes.length;) {
    const item = byteAt(bytes, at);
    const size = (item & 3) === 3 ? 4 : item & 3;
    if (at + 1 + size > bytes.length) return fail('codec.too_short', 'an item is cut');
    let value = 0;
    for (let i = size; i > 0; i--) value = value * 256 + byteAt(bytes, at + i);
    at += 1 + size;
    applyItem(state, fields, item & 0xfc, value);
  }
  const dataBit = fields.get(usageData);
  if (dataBit === undefined || !fields.has(usageContinued)) {
    return fail('codec.bad_field', 'no decoded data of a bar code scanner');
  }
  const idBytes = state.reportId === 0 ? 0 : 1;
  const shape = {
    reportId: state.reportId,
    byteLength: Math.ceil(state.bitAt / 8) + idBytes,
    dataOffset: Math.floor(dataBit / 8) + idBytes,
    hasByteCount: fields.has(usageByteCount),
  };
  return ok({ ...shape, layout: layoutOf(shape) });
}

interface ItemState {
  page: number;
  sizeBits: number;
  count: number;
  reportId: number;
  usages: number[];
  bitAt: number;
}

function applyItem(state: ItemState, fields: Map<number, number>, tag: number, value: number): void {
  if (tag === 0x04) state.page = value;
  else if (tag === 0x74) state.sizeBits = Math.min(value, 0xffff);
  else if (tag === 0x94) state.count = Math.min(value, 0xffff);
  else if (tag === 0x84) state.reportId = value & 0xff;
  else if (tag === 0x08) state.usages.push(value > 0xffff ? value : state.page * 0x10000 + value);
  else if (tag === 0x80) {
    state.usages.forEach((usage, index) => {
      const bit = state.bitAt + Math.min(index, Math.max(state.count - 1, 0)) * state.sizeBits;
      if (!fields.has(usage)) fields.set(usage, bit);
    });
    state.bitAt += state.sizeBits * state.count;
    state.usages = [];
  } else if (tag === 0xa0 || tag === 0xc0 || tag === 0x90 || tag === 0xb0) state.usages = [];
}

function layoutOf(shape: Omit<ScannerReportShape, 'layout'>): HidPosLayout | null {
  if (!shape.hasByteCount) return shape.byteLength === 61 && shape.dataOffset === 4 ? 'uncounted' : null;
  if (shape.dataOffset === 2) return shape.byteLength === 64 ? 'newland' : null;
  if (shape.dataOffset !== 5) return null;
  return shape.byteLength === 64 ? 'standard' : shape.byteLength === 62 ? 'counted' : null;
}
