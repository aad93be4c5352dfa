import { assert } from '../../shared/assert.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { reportMaxBytes } from './transport.ts';
import type { TransportFailure } from './transport.ts';

/** HID reports over a byte stream: u16 big-endian length, then the report (id included). */
export function frameReport(report: Uint8Array): Uint8Array {
  assert(report.length >= 1 && report.length <= reportMaxBytes, 'a report has 1 to 1024 bytes');
  const framed = new Uint8Array(report.length + 2);
  framed.set([report.length >> 8, report.length & 0xff]);
  framed.set(report, 2);
  return framed;
}

/** The receiving side. A stated length of 0 or over `reportMaxBytes` ends the link: there is no way to resync. */
export class ReportFramer {
  #held: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): Result<Uint8Array[], TransportFailure> {
    const all = new Uint8Array(this.#held.length + chunk.length);
    all.set(this.#held);
    all.set(chunk, this.#held.length);
    const reports: Uint8Array[] = [];
    let at = 0;
    while (all.length - at >= 2) {
      const length = (all[at] ?? 0) * 256 + (all[at + 1] ?? 0);
      if (length === 0 || length > reportMaxBytes) {
        return fail('transport.bad_frame', `a report of ${length} bytes`);
      }
      if (all.length - at - 2 < length) break;
      reports.push(all.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
    this.#held = all.slice(at);
    return ok(reports);
  }
}
