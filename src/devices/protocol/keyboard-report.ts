import { byteAt } from './codec.ts';
import { inputReportBytes, readHidInputs } from './hid-descriptor.ts';
import type { HidInputField } from './hid-descriptor.ts';

/**
 * Input reports of keyboards (and so of scanners that type), read as their report descriptor lays them out: with or without an
 * id, with the keys in places (as in the boot report) or as a bit map ("n-key rollover"), or both. Usage page 07 of the HID
 * usage tables: E0..E7 are the modifiers, the rest keys.
 */
export interface KeyState {
  /** Left out: 0, the device's reports have no id. */
  readonly reportId?: number;
  /** Bits: left Ctrl, Shift, Alt, GUI, then the right ones. */
  readonly modifiers: number;
  /** Usages of the keys that are down. */
  readonly keys: readonly number[];
}

export interface KeyboardShape {
  /** Whether a report begins with its id. */
  readonly hasIds: boolean;
  /** Reports that hold keys. */
  readonly reports: readonly KeyReport[];
  /** Ids of the others. */
  readonly otherIds: readonly number[];
}
interface KeyReport {
  readonly reportId: number;
  readonly byteLength: number;
  readonly fields: readonly HidInputField[];
}

const keyPage = 0x07;
const firstModifier = 0xe0;
const lastModifier = 0xe7;
/** Error usages (01..03: more keys than fit, test failed, undefined): no key may be taken from such a report. */
const lastErrorUsage = 0x03;

/** null: no keyboard's descriptor. */
export function readKeyboardDescriptor(bytes: Uint8Array): KeyboardShape | null {
  const read = readHidInputs(bytes);
  if (!read.ok) return null;
  const inputs = read.value;
  const keyFields = inputs.filter((one) => !one.isConstant && one.bitsEach > 0 && isKeys(one));
  const ids = [...new Set(keyFields.map((one) => one.reportId))];
  const reports = ids.map((reportId) => ({
    reportId,
    byteLength: inputReportBytes(inputs, reportId),
    fields: keyFields.filter((one) => one.reportId === reportId),
  }));
  if (reports.length === 0) return null;
  const otherIds = inputs.map((one) => one.reportId).filter((id) => !ids.includes(id));
  return { hasIds: inputs.some((one) => one.reportId !== 0), reports, otherIds };
}

/** Keys that are down; `other`: a report that holds no keys (media keys, a mouse); null: it fits nothing, nor has a known id. */
export function decodeKeyReport(bytes: Uint8Array, shape: KeyboardShape): KeyState | 'other' | null {
  const id = shape.hasIds ? byteAt(bytes, 0) : 0;
  const report = shape.reports.find((one) => one.reportId === id);
  if (report === undefined) return shape.otherIds.includes(id) && bytes.length > 0 ? 'other' : null;
  if (bytes.length !== report.byteLength) return null;
  const body = shape.hasIds ? bytes.subarray(1) : bytes;
  const down = report.fields.flatMap((field) => usagesDown(body, field));
  if (down.some((usage) => usage > 0 && usage <= lastErrorUsage)) return 'other';
  const isModifier = (usage: number): boolean => usage >= firstModifier && usage <= lastModifier;
  const modifiers = down.filter(isModifier).reduce((bits, usage) => bits | (1 << (usage - firstModifier)), 0);
  const keys = down.filter((usage) => usage > 0 && !isModifier(usage));
  return { reportId: id, modifiers, keys: [...new Set(keys)] };
}

function isKeys(field: HidInputField): boolean {
  const first = field.usageMin ?? field.usages[0];
  return first !== undefined && first >> 16 === keyPage;
}

function usagesDown(body: Uint8Array, field: HidInputField): number[] {
  const down: number[] = [];
  for (let place = 0; place < field.count; place++) {
    const value = bitsAt(body, field.bitAt + place * field.bitsEach, field.bitsEach);
    if (field.isArray) down.push(usageOfValue(field, value));
    else if (value !== 0) down.push(usageOfPlace(field, place));
  }
  return down;
}

/** An array's value counts from the field's smallest value on, which stands for its first usage. */
function usageOfValue(field: HidInputField, value: number): number {
  const index = value - field.logicalMin;
  return field.usageMin === null
    ? (field.usages[index] ?? 0) & 0xffff
    : (field.usageMin & 0xffff) + Math.max(index, 0);
}

function usageOfPlace(field: HidInputField, place: number): number {
  // Fewer usages than places: the last one stands for the rest.
  const named = field.usages[Math.min(place, field.usages.length - 1)] ?? 0;
  return field.usageMin === null ? named & 0xffff : (field.usageMin & 0xffff) + place;
}

function bitsAt(body: Uint8Array, bitAt: number, bits: number): number {
  let value = 0;
  for (let i = 0; i < Math.min(bits, 16); i++) {
    const bit = bitAt + i;
    value |= ((byteAt(body, bit >> 3) >> (bit & 7)) & 1) << i;
  }
  return value;
}
