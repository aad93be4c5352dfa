import type { Clock } from '../../shared/clock.ts';
import type { Scan } from '../protocol/scanner-hid-pos.ts';
import type { Driver, DriverHealth } from './driver.ts';
import { makeScanSource } from './scan-source.ts';
import type { CodeScannerSpec, ScanSource } from './scan-source.ts';

export interface CodeScannerEvents {
  code(scan: Scan, atMs: number): void;
  healthChanged(): void;
}

/**
 * A code scanner. It speaks only when something is held before it, so "connected" is all that can be known of its health:
 * it is ready as soon as the transport is open.
 */
export class CodeScanner implements Driver {
  readonly kind = 'code-scanner';
  readonly #spec: CodeScannerSpec;
  readonly #clock: Clock;
  readonly #events: CodeScannerEvents;
  #source: ScanSource;
  #droppedBefore = 0;
  #isConnected = false;
  #lastSeenMs: number | null = null;
  #badReportCount = 0;
  #detail = '';
  #cancelQuiet: () => void = () => undefined;

  constructor(spec: CodeScannerSpec, clock: Clock, events: CodeScannerEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
    this.#source = makeScanSource(spec);
  }

  start(): void {
    // Half a scan from before the cable was pulled must not begin the next one.
    this.#droppedBefore += this.#droppedNow();
    this.#source = makeScanSource(this.#spec);
    this.#isConnected = true;
    this.#events.healthChanged();
  }

  receive(bytes: Uint8Array): void {
    const atMs = this.#clock.monotonicMs();
    this.#cancelQuiet();
    const scans = this.#source.push(bytes, atMs);
    if (scans === null) this.#badReportCount++;
    else {
      this.#lastSeenMs = atMs;
      for (const scan of scans) this.#emit(scan);
    }
    this.#noteDetail();
    const { quietMs, isWaiting } = this.#source;
    if (quietMs === null || !isWaiting) return;
    this.#cancelQuiet = this.#clock.after(quietMs, () => {
      for (const scan of this.#source.flush()) this.#emit(scan);
    });
  }

  stop(): void {
    this.#cancelQuiet();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.healthChanged();
  }

  health(): DriverHealth {
    return {
      state: this.#isConnected ? 'ready' : 'connecting',
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#badReportCount + this.#droppedBefore + this.#droppedNow(),
      resetCount: 0,
      detail: this.#detail,
    };
  }

  #emit(scan: Scan): void {
    this.#events.code(scan, this.#clock.monotonicMs());
  }

  #noteDetail(): void {
    if (this.#source.detail === this.#detail) return;
    this.#detail = this.#source.detail;
    this.#events.healthChanged();
  }

  #droppedNow(): number {
    return this.#source.droppedCount + (this.#isConnected ? 0 : Number(this.#source.isWaiting));
  }
}
