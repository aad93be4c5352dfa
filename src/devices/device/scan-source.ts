import { keyPressSchema } from '../../shared/model/scanner-spec.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { BootKeyboard, bootReportBytes, decodeBootReport } from '../protocol/scanner-wedge.ts';
import { WedgeAssembler } from '../protocol/scanner-keys.ts';
import { decodeScanReport, guessLayout, ScanAssembler, scanOf } from '../protocol/scanner-hid-pos.ts';
import type { HidPosLayout, Scan } from '../protocol/scanner-hid-pos.ts';
import { SerialScanAssembler } from '../protocol/scanner-serial.ts';

export type CodeScannerSpec = Extract<DeviceSpec, { kind: 'code-scanner' }>;

/** What differs between code scanners: how bytes become codes. One per connection, so that no half is carried over. */
export interface ScanSource {
  /** Codes that these bytes complete; null: they fit nothing. */
  push(bytes: Uint8Array, atMs: number): Scan[] | null;
  /** Called `quietMs` after the last bytes when something is waiting. */
  flush(): Scan[];
  readonly isWaiting: boolean;
  /** Null: the source judges silence by itself. */
  readonly quietMs: number | null;
  /** Codes and halves that were dropped. Only grows. */
  readonly droppedCount: number;
  /** For staff, when something outside must be put right; else empty. */
  readonly detail: string;
}

export function makeScanSource(spec: CodeScannerSpec): ScanSource {
  if (spec.protocol === 'scanner-hid-pos') return new HidPosSource(spec.layout);
  if (spec.protocol === 'scanner-serial') return new SerialSource(spec);
  return new WedgeSource(spec);
}

class HidPosSource implements ScanSource {
  readonly quietMs = null;
  readonly detail = '';
  readonly #assembler = new ScanAssembler();
  #layout: HidPosLayout | 'auto';

  constructor(layout: HidPosLayout | 'auto') {
    this.#layout = layout;
  }

  get isWaiting(): boolean {
    return this.#assembler.isWaiting;
  }
  get droppedCount(): number {
    const { droppedHalfCount, tooLongCount, emptyCount } = this.#assembler.stats;
    return droppedHalfCount + tooLongCount + emptyCount;
  }

  push(bytes: Uint8Array, atMs: number): Scan[] | null {
    const layout = this.#layout === 'auto' ? guessLayout(bytes) : this.#layout;
    const report = decodeScanReport(bytes, layout);
    if (!report.ok) return null;
    // A scanner has one layout. With an AIM id it is certain; without one, a damaged report must not settle it.
    if (this.#layout === 'auto' && report.value.aim !== null) this.#layout = layout;
    const scan = this.#assembler.push(report.value, atMs);
    return scan === null ? [] : [scanOf(scan.text, scan.symbology)];
  }

  flush(): Scan[] {
    return [];
  }
}

/** Silence that ends a serial code without a suffix, and that gives a half one up: many bytes' time even at 9600 Bd, ms. */
export const serialQuietMs = 100;
const serialHalfMaxMs = 1000;

class SerialSource implements ScanSource {
  readonly quietMs: number;
  readonly detail = '';
  readonly #assembler: SerialScanAssembler;

  constructor(spec: Extract<CodeScannerSpec, { protocol: 'scanner-serial' }>) {
    this.#assembler = new SerialScanAssembler(spec.suffix);
    this.quietMs = spec.suffix === 'none' ? serialQuietMs : serialHalfMaxMs;
  }

  get isWaiting(): boolean {
    return this.#assembler.isWaiting;
  }
  get droppedCount(): number {
    return this.#assembler.stats.droppedCount + this.#assembler.stats.tooLongCount;
  }

  push(bytes: Uint8Array): Scan[] {
    return this.#assembler.push(bytes).map((text) => scanOf(text, null));
  }

  flush(): Scan[] {
    return this.#assembler.flush().map((text) => scanOf(text, null));
  }
}

class WedgeSource implements ScanSource {
  readonly quietMs: number;
  readonly #assembler: WedgeAssembler;
  readonly #keyboard = new BootKeyboard();
  readonly #isWindow: boolean;
  readonly #decoder = new TextDecoder();

  constructor(spec: Extract<CodeScannerSpec, { protocol: 'scanner-wedge' }>) {
    this.#assembler = new WedgeAssembler(spec);
    this.quietMs = this.#assembler.quietMs;
    this.#isWindow = spec.transport.kind === 'keyboard';
  }

  get isWaiting(): boolean {
    return this.#assembler.isWaiting;
  }
  get droppedCount(): number {
    return this.#assembler.stats.droppedCount + this.#assembler.stats.tooLongCount;
  }
  get detail(): string {
    if (this.#assembler.isImeOn) return 'an input method takes the scanned keys: switch it off';
    if (this.#assembler.isCapsLockOn) return 'Caps Lock is on: switch it off';
    return this.#assembler.isOtherLayout
      ? 'the keyboard layout is not English (US), so scanned codes may come out wrong: change it'
      : '';
  }

  push(bytes: Uint8Array, atMs: number): Scan[] | null {
    const presses = this.#isWindow ? this.#windowPress(bytes) : this.#reportPresses(bytes, atMs);
    if (presses === null) return null;
    return presses.flatMap((press) => {
      const text = this.#assembler.push(press);
      return text === null ? [] : [scanOf(text, null)];
    });
  }

  flush(): Scan[] {
    const text = this.#assembler.flush();
    return text === null ? [] : [scanOf(text, null)];
  }

  #windowPress(bytes: Uint8Array): KeyPress[] | null {
    try {
      const press = keyPressSchema.safeParse(JSON.parse(this.#decoder.decode(bytes)));
      return press.success ? [press.data] : null;
    } catch {
      return null;
    }
  }

  #reportPresses(bytes: Uint8Array, atMs: number): KeyPress[] | null {
    const report = decodeBootReport(withoutReportId(bytes));
    return report.ok ? this.#keyboard.push(report.value, atMs) : null;
  }
}

/** A keyboard with several reports puts an id, never 0, before each. */
function withoutReportId(bytes: Uint8Array): Uint8Array {
  const [id = 0] = bytes;
  return bytes.length === bootReportBytes + 1 && id !== 0 ? bytes.subarray(1) : bytes;
}
