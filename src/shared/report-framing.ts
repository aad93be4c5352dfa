import { assert } from './assert.ts';
import { fail, ok } from './result.ts';
import type { Failure, Result } from './result.ts';

/**
 * HID reports over a byte stream (the framing `report` of a TCP link), our own format. Each frame begins with a u16,
 * big-endian: its top two bits say what it is, the other 14 how many bytes follow (1 … `reportMaxBytes`).
 *
 * | bits | from the host | from the device |
 * |---|---|---|
 * | 00 `report` | output report, id first | input report, id first where the device has ids |
 * | 01 `setFeature` | feature report to set, id first | it is set: the id alone |
 * | 10 `getFeature` | id, then u16 most bytes wanted | the feature report, id first |
 * | 11 `refused` | – | the last feature request is refused (a stalled control pipe): the id alone |
 *
 * Feature requests are answered in order, one at a time, as on a control pipe.
 */
const frameKinds = ['report', 'setFeature', 'getFeature', 'refused'] as const;
export interface ReportFrame {
  readonly kind: (typeof frameKinds)[number];
  readonly bytes: Uint8Array;
}

/** Longest HID report that a report link carries, its id included. */
export const reportMaxBytes = 1024;

/** The frame's bytes on the wire. */
export function frameReport({ kind, bytes }: ReportFrame): Uint8Array {
  assert(bytes.length >= 1 && bytes.length <= reportMaxBytes, 'a report has 1 to 1024 bytes');
  const framed = new Uint8Array(bytes.length + 2);
  framed.set([(frameKinds.indexOf(kind) << 6) | (bytes.length >> 8), bytes.length & 0xff]);
  framed.set(bytes, 2);
  return framed;
}

/** What a `getFeature` frame of the host carries. */
export function featureRequest(reportId: number, maxBytes: number): Uint8Array {
  return Uint8Array.of(reportId, maxBytes >> 8, maxBytes & 0xff);
}

/** The other way; null when it is none. */
export function parseFeatureRequest(bytes: Uint8Array): { reportId: number; maxBytes: number } | null {
  const [reportId, high, low] = bytes;
  if (bytes.length !== 3 || reportId === undefined || high === undefined || low === undefined) return null;
  return { reportId, maxBytes: high * 256 + low };
}

/** The receiving side. A stated length of 0 or over `reportMaxBytes` ends the link: there is no way to resync. */
export class ReportFramer {
  #held: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): Result<ReportFrame[], Failure<'transport.bad_frame'>> {
    const all = new Uint8Array(this.#held.length + chunk.length);
    all.set(this.#held);
    all.set(chunk, this.#held.length);
    const frames: ReportFrame[] = [];
    let at = 0;
    while (all.length - at >= 2) {
      const head = all[at] ?? 0;
      const length = (head & 0x3f) * 256 + (all[at + 1] ?? 0);
      if (length === 0 || length > reportMaxBytes) {
        return fail('transport.bad_frame', `a report of ${length} bytes`);
      }
      if (all.length - at - 2 < length) break;
      frames.push({ kind: frameKinds[head >> 6] ?? 'report', bytes: all.slice(at + 2, at + 2 + length) });
      at += 2 + length;
    }
    this.#held = all.slice(at);
    return ok(frames);
  }
}
