import { keyPressSchema } from '../../shared/model/scanner-spec.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { decodeKeyReport, readKeyboardDescriptor } from '../protocol/keyboard-report.ts';
import type { KeyboardShape, KeyState } from '../protocol/keyboard-report.ts';
import { readScannerDescriptor } from '../protocol/scanner-descriptor.ts';
import { bootReportBytes, decodeBootReport, ReportKeyboard } from '../protocol/scanner-wedge.ts';
import { WedgeAssembler } from '../protocol/scanner-keys.ts';
import { decodeScanReport, guessLayout, ScanAssembler, scanOf } from '../protocol/scanner-hid-pos.ts';
import type { HidPosLayout, Scan } from '../protocol/scanner-hid-pos.ts';
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
  if (spec.protocol === 'scanner-hid-pos') return new HidPosSource(layoutOf(spec.layout, descriptor));
  if (spec.protocol === 'scanner-serial') return new SerialSource(spec);
  return new WedgeSource(spec, descriptor);
}

function layoutOf(layout: HidPosLayout | 'auto', descriptor: Uint8Array | null): HidPosLayout | 'auto' {
  if (layout !== 'auto' || descriptor === null) return layout;
  const shape = readScannerDescriptor(descriptor);
  return (shape.ok ? shape.value.layout : null) ?? 'auto';
}

class HidPosSource implements ScanSource {
  readonly quietMs = null;
  readonly isIdle = false;
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
  readonly #shape: KeyboardShape | null;
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
    if (report === null) return null;
    return report === 'other' ? [] : this.#keyboard.push(report, atMs);
  }
}

/** Without a descriptor (not Linux): the boot report, or one that is like it behind an id, which is never 0. */
function guessKeyReport(bytes: Uint8Array): KeyState | null {
  const [id = 0] = bytes;
  const hasId = bytes.length === bootReportBytes + 1 && id !== 0;
  const report = decodeBootReport(hasId ? bytes.subarray(1) : bytes);
  return report.ok ? { ...report.value, reportId: hasId ? id : 0 } : null;
}
