import type { Clock } from '../../shared/clock.ts';
import type { Scan } from '../protocol/scanner-hid-pos.ts';
import { isProgrammingCode, newlandProgrammingOff } from '../protocol/programming-code.ts';
import { isReadable } from '../protocol/scan-text.ts';
import { UselessRun } from './useless-run.ts';
import type { Driver, DriverHealth, DriverTransport } from './driver.ts';
import { makeScanSource } from './scan-source.ts';
import type { CodeScannerSpec, ScanSource } from './scan-source.ts';

/** What staff is told; the other ways in stay open. */
const unreadable = 'what the scanner sends cannot be read: check its settings and its cable';

const programmingSeen =
  'a programming bar code was held before the scanner: look whether its settings are still right, and switch them off';

/** What goes on for so long without a pause and is no code counts as one that cannot be read: no code takes longer, ms. */
export const noiseMaxMs = 5_000;
/** A pause of this length ends it. */
const noisePauseMs = 1_000;

export interface CodeScannerEvents {
  code(scan: Scan, atMs: number): void;
  healthChanged(): void;
}

/**
 * A code scanner. It speaks only when something is held before it, so it is ready as soon as the transport is open; it is in
 * error when of what it sends nothing can be read (also when it sends without an end), until one code can. A code of somebody else (a bus ticket) is a good one.
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
  #usefulCount = 0;
  #badReportCount = 0;
  #detail = '';
  /** The last code was a sheet that sets a scanner up. */
  #isProgrammingSeen = false;
  #useless = new UselessRun();
  /** What comes now without having led to anything: since when, and the last of it. */
  #noiseSinceMs = 0;
  #noiseLastMs = Number.NEGATIVE_INFINITY;
  #cancelQuiet: () => void = () => undefined;

  constructor(spec: CodeScannerSpec, clock: Clock, events: CodeScannerEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
    this.#source = makeScanSource(spec, null);
  }

  start(transport: Pick<DriverTransport, 'reportDescriptor' | 'write'>): void {
    // Half a scan from before the cable was pulled must not begin the next one.
    this.#droppedBefore += this.#droppedNow();
    this.#source = makeScanSource(this.#spec, transport.reportDescriptor ?? null);
    this.#useless = new UselessRun();
    this.#isConnected = true;
    const { protocol } = this.#spec;
    if (protocol === 'scanner-serial' && this.#spec.programmingOff === 'newland') {
      // A scanner that does not take it is used all the same.
      void transport.write(newlandProgrammingOff);
    }
    this.#events.healthChanged();
  }

  receive(bytes: Uint8Array): void {
    const atMs = this.#clock.monotonicMs();
    this.#cancelQuiet();
    const droppedBefore = this.#source.droppedCount;
    const scans = this.#source.push(bytes, atMs);
    const isUnusable = scans === null || this.#source.droppedCount > droppedBefore;
    if (isUnusable) this.#noteUse(false);
    if (!this.#source.isIdle) this.#noteNoise(isUnusable || scans.length > 0, atMs);
    if (scans === null) this.#badReportCount++;
    else {
      this.#lastSeenMs = atMs;
      for (const scan of scans) this.#emit(scan);
    }
    this.#noteDetail();
    const { quietMs, isWaiting } = this.#source;
    if (quietMs === null || !isWaiting) return;
    this.#cancelQuiet = this.#clock.after(quietMs, () => {
      const before = this.#source.droppedCount;
      for (const scan of this.#source.flush()) this.#emit(scan);
      // A code without its end, or noise: nobody got it.
      if (this.#source.droppedCount > before) this.#noteUse(false);
    });
  }

  stop(): void {
    this.#cancelQuiet();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.healthChanged();
  }

  health(): DriverHealth {
    const detail = this.#isProgrammingSeen ? programmingSeen : this.#detail;
    return {
      state: !this.#isConnected ? 'connecting' : this.#useless.isError ? 'error' : 'ready',
      lastSeenMs: this.#lastSeenMs,
      usefulCount: this.#usefulCount,
      errorCount: this.#badReportCount + this.#droppedBefore + this.#droppedNow(),
      resetCount: 0,
      detail: this.#useless.isError ? `${unreadable}${detail === '' ? '' : `: ${detail}`}` : detail,
    };
  }

  #emit(scan: Scan): void {
    const isProgramming = isProgrammingCode(scan.text);
    const isUseful = isReadable(scan.text) && !isProgramming;
    if (this.#isProgrammingSeen !== isProgramming) {
      this.#isProgrammingSeen = isProgramming;
      this.#events.healthChanged();
    }
    this.#noteUse(isUseful);
    if (isUseful) this.#usefulCount++;
    else this.#badReportCount++;
    if (scan.text === '') return;
    this.#events.code(scan, this.#clock.monotonicMs());
  }

  /** Noise need never end, so that nothing of it is ever dropped: then it counts by its time. */
  #noteNoise(hasOutcome: boolean, atMs: number): void {
    if (hasOutcome || atMs - this.#noiseLastMs > noisePauseMs) this.#noiseSinceMs = atMs;
    this.#noiseLastMs = atMs;
    if (atMs - this.#noiseSinceMs < noiseMaxMs) return;
    this.#noiseSinceMs = atMs;
    this.#badReportCount++;
    this.#noteUse(false);
  }

  #noteUse(isUseful: boolean): void {
    const wasError = this.#useless.isError;
    this.#useless.note(isUseful);
    if (this.#useless.isError !== wasError) this.#events.healthChanged();
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
