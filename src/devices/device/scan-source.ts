import { keyPressSchema } from '../../shared/model/scanner-spec.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { decodeKeyReport, readKeyboardDescriptor } from '../protocol/keyboard-report.ts';
import type { KeyboardShape, KeyState } from '../protocol/keyboard-report.ts';
import { readScannerDescriptor } from '../protocol/scanner-descriptor.ts';
import { bootReportBytes, decodeBootReport, ReportKeyboard } from '../protocol/scanner-wedge.ts';
import { WedgeAssembler } from '../protocol/scanner-keys.ts';
import {
  decodeScanReport,
  guessLayout,
  isCutShort,
  ScanAssembler,
  scanOf,
} from '../protocol/scanner-hid-pos.ts';
import type { HidPosLayout, Scan, ScanReport } from '../protocol/scanner-hid-pos.ts';
import { newlandAnswers } from '../protocol/programming-code.ts';
import { SerialScanAssembler } from '../protocol/scanner-serial.ts';

export type CodeScannerSpec = Extract<DeviceSpec, { kind: 'code-scanner' }>;

/** What differs between code scanners: how bytes become codes. One per connection, so that no half is carried over. */
export interface ScanSource {
  /** Codes that these bytes complete; null: they fit nothing. */
  push(bytes: Uint8Array, atMs: number): Scan[] | null;
  /** Called `quietMs` after the last bytes when something is waiting. */
  flush(): Scan[];
  readonly isWaiting: boolean;
  /** What came last says that nothing happens (a keyboard repeats its report): no noise. */
  readonly isIdle: boolean;
  /** Null: the source judges silence by itself. */
  readonly quietMs: number | null;
  /** Codes and halves that were dropped. Only grows. */
  readonly droppedCount: number;
  /** For staff, when something outside must be put right; else empty. */
  readonly detail: string;
}

/** `descriptor`: what the device itself says of its reports; null: it is not known. */
export function makeScanSource(spec: CodeScannerSpec, descriptor: Uint8Array | null): ScanSource {
  if (spec.protocol === 'scanner-hid-pos') return new HidPosSource(spec.layout, descriptor);
  if (spec.protocol === 'scanner-serial') return new SerialSource(spec);
  return new WedgeSource(spec, descriptor);
}

function toldLayout(descriptor: Uint8Array | null): HidPosLayout | null {
  if (descriptor === null) return null;
  const shape = readScannerDescriptor(descriptor);
  return shape.ok ? shape.value.layout : null;
}

/** So many reports in a row that are not laid out as the device itself says, and it is not believed any more. */
const lyingReportMax = 3;

class HidPosSource implements ScanSource {
  readonly quietMs = null;
  readonly isIdle = false;
  readonly detail = '';
  readonly #assembler = new ScanAssembler();
  /** As the settings say, or as a report has shown. */
  #layout: HidPosLayout | 'auto';
  /** As the device says of itself. */
  #told: HidPosLayout | null;
  #lyingCount = 0;

  constructor(layout: HidPosLayout | 'auto', descriptor: Uint8Array | null) {
    this.#layout = layout;
    this.#told = layout === 'auto' ? toldLayout(descriptor) : null;
  }

  get isWaiting(): boolean {
    return this.#assembler.isWaiting;
  }
  get droppedCount(): number {
    const { droppedHalfCount, tooLongCount, emptyCount } = this.#assembler.stats;
    return droppedHalfCount + tooLongCount + emptyCount;
  }

  push(bytes: Uint8Array, atMs: number): Scan[] | null {
    const report = this.#reportOf(bytes);
    if (report === null) return null;
    const scan = this.#assembler.push(report, atMs);
    return scan === null ? [] : [scanOf(scan.text, scan.symbology)];
  }

  flush(): Scan[] {
    return [];
  }

  #reportOf(bytes: Uint8Array): ScanReport | null {
    if (this.#layout !== 'auto') return decoded(bytes, this.#layout);
    const guessed = decoded(bytes, guessLayout(bytes));
    const told = this.#told === null || isCutShort(bytes, this.#told) ? null : decoded(bytes, this.#told);
    if (told !== null) {
      this.#lyingCount = 0;
      return told;
    }
    if (this.#told !== null && ++this.#lyingCount >= lyingReportMax) this.#told = null;
    // A scanner has one layout. With an AIM id it is certain; without one, a damaged report must not settle it.
    if (guessed !== null && guessed.aim !== null) this.#layout = guessed.layout;
    return this.#told === null || guessed?.aim !== null ? guessed : null;
  }
}

function decoded(bytes: Uint8Array, layout: HidPosLayout): ScanReport | null {
  const report = decodeScanReport(bytes, layout);
  return report.ok ? report.value : null;
}

/** Silence that ends a serial code without a suffix, and that gives a half one up: many bytes' time even at 9600 Bd, ms. */
export const serialQuietMs = 100;
const serialHalfMaxMs = 1000;

class SerialSource implements ScanSource {
  readonly quietMs: number;
  readonly isIdle = false;
  readonly detail = '';
  readonly #assembler: SerialScanAssembler;
  /** Answers to what was sent to the scanner: no part of a code. */
  readonly #answers: readonly number[];

  constructor(spec: Extract<CodeScannerSpec, { protocol: 'scanner-serial' }>) {
    this.#assembler = new SerialScanAssembler(spec.suffix);
    this.#answers = spec.programmingOff === 'newland' ? newlandAnswers : [];
    this.quietMs = spec.suffix === 'none' ? serialQuietMs : serialHalfMaxMs;
  }

  get isWaiting(): boolean {
    return this.#assembler.isWaiting;
  }
  get droppedCount(): number {
    return this.#assembler.stats.droppedCount + this.#assembler.stats.tooLongCount;
  }

  push(bytes: Uint8Array): Scan[] {
    const scanned = bytes.filter((byte) => !this.#answers.includes(byte));
    return this.#assembler.push(scanned).map((text) => scanOf(text, null));
  }

  flush(): Scan[] {
    return this.#assembler.flush().map((text) => scanOf(text, null));
  }
}

class WedgeSource implements ScanSource {
  readonly quietMs: number;
  isIdle = false;
  readonly #assembler: WedgeAssembler;
  readonly #keyboard = new ReportKeyboard();
  /** As the device says of itself; null: it does not, or its reports are others. */
  #shape: KeyboardShape | null;
  /** The report before, if it was one of those that hold no keys. */
  #other: Uint8Array | null = null;
  readonly #isWindow: boolean;
  readonly #decoder = new TextDecoder();

  constructor(spec: Extract<CodeScannerSpec, { protocol: 'scanner-wedge' }>, descriptor: Uint8Array | null) {
    this.#assembler = new WedgeAssembler(spec);
    this.#shape = descriptor === null ? null : readKeyboardDescriptor(descriptor);
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
    this.isIdle = presses?.length === 0;
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
    const report = this.#shape === null ? guessKeyReport(bytes) : decodeKeyReport(bytes, this.#shape);
    if (report === 'other') {
      this.#other = bytes.slice();
      return [];
    }
    if (report !== null) {
      this.#other = null;
      return this.#keyboard.push(report, atMs);
    }
    return this.#shape === null || guessKeyReport(bytes) === null ? null : this.#bootPresses(bytes, atMs);
  }

  /**
   * A boot report where the descriptor names none like it: a keyboard that was left in the boot protocol, as firmware leaves
   * them at the start. What came just before it was one, too: of a letter with Shift the first byte looks like a report's id.
   */
  #bootPresses(bytes: Uint8Array, atMs: number): KeyPress[] {
    this.#shape = null;
    const reports = [this.#other, bytes].flatMap((one) => (one === null ? [] : (guessKeyReport(one) ?? [])));
    this.#other = null;
    return reports.flatMap((one) => this.#keyboard.push(one, atMs));
  }
}

/** Without a descriptor (not Linux): the boot report, or one that is like it behind an id, which is never 0. */
function guessKeyReport(bytes: Uint8Array): KeyState | null {
  const [id = 0] = bytes;
  const hasId = bytes.length === bootReportBytes + 1 && id !== 0;
  const report = decodeBootReport(hasId ? bytes.subarray(1) : bytes);
  return report.ok ? { ...report.value, reportId: hasId ? id : 0 } : null;
}
