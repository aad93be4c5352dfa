import type { Clock } from '../../shared/clock.ts';
import { encodeScan } from '../../devices/protocol/scanner-hid-pos.ts';
import type { HidPosLayout } from '../../devices/protocol/scanner-hid-pos.ts';
import type { Emulator } from './line.ts';

export interface ScannerOptions {
  readonly clock: Clock;
  /** One whole input report towards the kiosk, id included. */
  readonly send: (report: Uint8Array) => void;
  readonly layout: Exclude<HidPosLayout, 'uncounted'>;
}

/** A HID interrupt endpoint is asked this often (bInterval 4): one report each time. */
export const reportIntervalMs = 4;
/** Reports that wait for the host to ask; a 4-page QR is far below. */
const reportsWaitingMax = 512;
/** Honeywell's own number of QR codes (73h, "s"). */
const vendorQr = 0x73;

/** A bar code scanner in HID-POS mode, as the other end of its cable. Reads one code after the other. */
export class Scanner implements Emulator {
  readonly #options: ScannerOptions;
  #waiting: Uint8Array[] = [];
  #cancelNext: () => void = () => undefined;
  #running = false;

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  /** A code is held before the window. `aim`: AIM id, `]Q1` for a QR code. False when its buffer is full. */
  scan(text: string, aim = ']Q1'): boolean {
    const reports = encodeScan({
      layout: this.#options.layout,
      text,
      aim,
      vendorSymbology: this.#vendorByte(),
    });
    if (this.#waiting.length + reports.length > reportsWaitingMax) return false;
    this.#waiting.push(...reports);
    if (!this.#running) this.#next();
    return true;
  }

  /** FE 01 (switch to HID-POS) is taken: it is in that mode already. */
  readonly features = { set: (report: Uint8Array) => report[0] === 0xfe, get: () => null };

  /** It has no output reports. */
  receive(): void {
    return;
  }

  powerOff(): void {
    this.#cancelNext();
    this.#waiting = [];
    this.#running = false;
  }

  #vendorByte(): number {
    return this.#options.layout === 'counted' ? 0 : vendorQr;
  }

  #next(): void {
    const report = this.#waiting.shift();
    this.#running = report !== undefined;
    if (report === undefined) return;
    this.#options.send(report);
    this.#cancelNext = this.#options.clock.after(reportIntervalMs, () => {
      this.#next();
    });
  }
}

/** HID-POS has no check: the first byte of the AIM id is spoilt instead, which makes the report as useless. */
export function spoilReport(report: Uint8Array): Uint8Array {
  return report.map((byte, i) => (i === 2 ? byte ^ 0xff : byte));
}
