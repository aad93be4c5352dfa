import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { byteAt } from './codec.ts';
import type { CodecFailure } from './codec.ts';

/**
 * What a HID report descriptor says of the input reports (Device Class Definition for HID 1.11, 6.2.2; on Linux
 * /sys/class/hidraw/hidrawN/device/report_descriptor). An item is `tag|type|size` in one byte, then 0, 1, 2 or 4 data bytes.
 */
export interface HidInputField {
  /** 0: the device's reports have no id. */
  readonly reportId: number;
  /** First bit, counted behind the id. */
  readonly bitAt: number;
  readonly bitsEach: number;
  readonly count: number;
  /** An array's places hold usages (as numbers from `usageMin` on); else each place is one usage's own value. */
  readonly isArray: boolean;
  readonly isConstant: boolean;
  /** Usage page × 10000h + usage: those named one by one, or the first of the range. */
  readonly usages: readonly number[];
  readonly usageMin: number | null;
  readonly logicalMin: number;
}

const descriptorMaxBytes = 4096;
const fieldMax = 256;
const fieldBitsMax = 0xffff;
/** Item tags and types, size bits cleared. */
const tags = {
  usagePage: 0x04,
  logicalMin: 0x14,
  reportSize: 0x74,
  reportId: 0x84,
  reportCount: 0x94,
  push: 0xa4,
  pop: 0xb4,
  usage: 0x08,
  usageMin: 0x18,
  input: 0x80,
  output: 0x90,
  collection: 0xa0,
  feature: 0xb0,
  endCollection: 0xc0,
} as const;
const longItem = 0xfe;
const stackMax = 16;

interface Globals {
  page: number;
  logicalMin: number;
  bitsEach: number;
  count: number;
  reportId: number;
}

/** Fails when the bytes are cut or no descriptor; a descriptor without input reports gives no fields. */
export function readHidInputs(bytes: Uint8Array): Result<HidInputField[], CodecFailure> {
  if (bytes.length > descriptorMaxBytes) return fail('codec.too_long', 'no report descriptor is that long');
  const reader = new InputReader();
  for (let at = 0; at < bytes.length;) {
    const item = byteAt(bytes, at);
    if (item === longItem) {
      at += 3 + byteAt(bytes, at + 1);
      continue;
    }
    const size = (item & 3) === 3 ? 4 : item & 3;
    if (at + 1 + size > bytes.length) return fail('codec.too_short', 'an item is cut');
    let value = 0;
    for (let i = size; i > 0; i--) value = value * 256 + byteAt(bytes, at + i);
    at += 1 + size;
    reader.item(item & 0xfc, value);
    if (reader.fields.length > fieldMax) return fail('codec.too_long', 'no report has so many fields');
  }
  return ok(reader.fields);
}

/** Length of one input report in bytes, its id included where it has one. */
export function inputReportBytes(fields: readonly HidInputField[], reportId: number): number {
  const ends = fields
    .filter((one) => one.reportId === reportId)
    .map((one) => one.bitAt + one.bitsEach * one.count);
  return Math.ceil(Math.max(0, ...ends) / 8) + (reportId === 0 ? 0 : 1);
}

class InputReader {
  readonly fields: HidInputField[] = [];
  readonly #bitAt = new Map<number, number>();
  readonly #stack: Globals[] = [];
  #globals: Globals = { page: 0, logicalMin: 0, bitsEach: 0, count: 0, reportId: 0 };
  #usages: number[] = [];
  #usageMin: number | null = null;

  item(tag: number, value: number): void {
    const globals = this.#globals;
    if (tag === tags.usagePage) globals.page = value;
    else if (tag === tags.logicalMin) globals.logicalMin = value;
    else if (tag === tags.reportSize) globals.bitsEach = Math.min(value, fieldBitsMax);
    else if (tag === tags.reportCount) globals.count = Math.min(value, fieldBitsMax);
    else if (tag === tags.reportId) globals.reportId = value & 0xff;
    else if (tag === tags.push && this.#stack.length < stackMax) this.#stack.push({ ...globals });
    else if (tag === tags.pop) this.#globals = this.#stack.pop() ?? globals;
    else if (tag === tags.usage) this.#usages.push(this.#wholeUsage(value));
    else if (tag === tags.usageMin) this.#usageMin = this.#wholeUsage(value);
    else if (tag === tags.input) this.#input(value);
    else if (
      tag === tags.output ||
      tag === tags.feature ||
      tag === tags.collection ||
      tag === tags.endCollection
    )
      this.#endLocals();
  }

  #input(flags: number): void {
    const { reportId, bitsEach, count, logicalMin } = this.#globals;
    const bitAt = this.#bitAt.get(reportId) ?? 0;
    this.#bitAt.set(reportId, bitAt + bitsEach * count);
    this.fields.push({
      reportId,
      bitAt,
      bitsEach,
      count,
      logicalMin,
      isConstant: (flags & 1) !== 0,
      isArray: (flags & 2) === 0,
      usages: this.#usages,
      usageMin: this.#usageMin,
    });
    this.#endLocals();
  }

  #wholeUsage(value: number): number {
    return value > 0xffff ? value : this.#globals.page * 0x1_0000 + value;
  }

  #endLocals(): void {
    this.#usages = [];
    this.#usageMin = null;
  }
}
