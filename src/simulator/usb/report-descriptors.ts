import type { HidPosLayout } from '../../devices/protocol/scanner-hid-pos.ts';

/**
 * HID report descriptors of the cabinet's devices (HID 1.11 §6.2.2; usages: HID Point of Sale 1.02, pages 8C and 8D).
 * Each item is one line: tag byte, then its data.
 */
const input = [0x81, 0x02];
/** An array of bytes of unknown meaning in itself. */
const bufferedInput = [0x82, 0x02, 0x01];
const constant = [0x81, 0x03];
const bytesOf = (count: number): number[] => [0x75, 0x08, 0x95, count];
const byteField = [0x15, 0x00, 0x26, 0xff, 0x00];
const scannerPage = [0x05, 0x8c];
const end = 0xc0;

/** The input report 2 of a HID-POS scanner in one of the layouts of `devices/protocol/scanner-hid-pos.ts`. */
export function scannerReportDescriptor(layout: HidPosLayout): Uint8Array {
  const count = [...bytesOf(1), 0x05, 0x01, 0x09, 0x3b, ...input, ...scannerPage];
  const aimId = [...bytesOf(3), 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, ...input];
  const data = [...bytesOf(56), 0x09, 0xfe, ...bufferedInput];
  const pad = (bytes: number): number[] => [...bytesOf(bytes), ...constant];
  const more = [0x75, 0x01, 0x95, 0x01, 0x09, 0xff, ...input, 0x75, 0x07, ...constant];
  const fields: Readonly<Record<HidPosLayout, number[]>> = {
    // Vendor symbology and one reserved byte between data and flag.
    standard: [...count, ...aimId, ...data, ...pad(2), ...more],
    counted: [...count, ...aimId, ...data, ...more],
    // Four reserved bytes and the vendor symbology.
    newland: [...count, ...data, ...pad(5), ...more],
    uncounted: [...aimId, ...data, ...more],
  };
  const collection = [0xa1, 0x01, 0x85, 0x02, 0x09, 0x12, 0xa1, 0x02];
  return Uint8Array.of(...scannerPage, 0x09, 0x02, ...collection, ...byteField, ...fields[layout], end, end);
}

/** dcttech relay: one feature report of 8 bytes, no ids; 22 bytes long as published (pavel-a/usb-relay-hid). */
export const relayReportDescriptor = Uint8Array.of(
  ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01],
  ...[...byteField, ...bytesOf(8)],
  ...[0x09, 0x00, 0xb2, 0x02, 0x01, end],
);

/** HID scale: input report 3 (status, unit, exponent, weight u16), output report 2 (bit 1 zero, bit 0 enforced zero). */
export const scaleReportDescriptor = Uint8Array.of(
  ...[0x05, 0x8d, 0x09, 0x20, 0xa1, 0x01, ...byteField],
  ...[0x85, 0x03, ...bytesOf(2), 0x09, 0x70, 0x09, 0x50, ...input],
  ...[0x15, 0x81, 0x25, 0x7f, ...bytesOf(1), 0x09, 0x41, ...input],
  ...[0x15, 0x00, 0x27, 0xff, 0xff, 0x00, 0x00, 0x75, 0x10, 0x95, 0x01, 0x09, 0x40, ...input],
  ...[0x85, 0x02, ...byteField, ...bytesOf(1), 0x09, 0x80, 0x91, 0x02, end],
);
