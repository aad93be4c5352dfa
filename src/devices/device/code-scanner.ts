import type { Clock } from '../../shared/clock.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { decodeScanReport, ScanAssembler } from '../protocol/scanner-hid-pos.ts';
import type { Scan } from '../protocol/scanner-hid-pos.ts';
import type { Driver, DriverHealth } from './driver.ts';

export type CodeScannerSpec = Extract<DeviceSpec, { kind: 'code-scanner' }>;

export interface CodeScannerEvents {
  code(scan: Scan, atMs: number): void;
  healthChanged(): void;
}

/**
 * A HID-POS scanner. It speaks only when something is held before it, so "connected" is all that can be known of its
 * health: it is ready as soon as the link is open.
 */
export class CodeScanner implements Driver {
  readonly kind = 'code-scanner';
  readonly #spec: CodeScannerSpec;
  readonly #clock: Clock;
  readonly #events: CodeScannerEvents;
  #assembler = new ScanAssembler();
  #droppedBefore = 0;
  #isConnected = false;
  #lastSeenMs: number | null = null;
  #badReportCount = 0;

  constructor(spec: CodeScannerSpec, clock: Clock, events: CodeScannerEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
  }

  start(): void {
    // Half a scan from before the cable was pulled must not begin the next one.
    this.#droppedBefore += this.#droppedNow();
    this.#assembler = new ScanAssembler();
    this.#isConnected = true;
    this.#events.healthChanged();
  }

  receive(bytes: Uint8Array): void {
    const report = decodeScanReport(bytes, this.#spec.layout);
    if (!report.ok) {
      this.#badReportCount++;
      return;
    }
    const atMs = this.#clock.monotonicMs();
    this.#lastSeenMs = atMs;
    const scan = this.#assembler.push(report.value, atMs);
    if (scan !== null) this.#events.code(scan, atMs);
  }

  stop(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.healthChanged();
  }

  farewell(): null {
    return null;
  }

  health(): DriverHealth {
    return {
      state: this.#isConnected ? 'ready' : 'connecting',
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#badReportCount + this.#droppedBefore + this.#droppedNow(),
      resetCount: 0,
      detail: '',
    };
  }

  #droppedNow(): number {
    const { droppedHalfCount, tooLongCount } = this.#assembler.stats;
    return droppedHalfCount + tooLongCount + (this.#isConnected ? 0 : Number(this.#assembler.isWaiting));
  }
}
