/** Scanners that type: how key presses become a code. Pure; times are arguments, ms on any monotonic scale. */
import type { KeyPress } from '../../shared/model/scanner-spec.ts';

export interface WedgeSettings {
  /** The key that ends a code. `none`: a pause ends it. */
  readonly suffix: 'enter' | 'tab' | 'none';
  /** Keys further apart than this are not one scan: a person typing. Scanners need 10 ms, some 80 with peaks of 100. */
  readonly keyGapMs: number;
  /** Shorter ones are no code. */
  readonly minLength: number;
}

/** Longest code; what is longer is dropped whole. */
export const wedgeTextMaxChars = 4096;
/** Silence that ends a code without a suffix: several key gaps, so that a slow key does not cut it in two. */
export const wedgeQuietGaps = 2;

export interface WedgeStats {
  scanCount: number;
  /** Keys that were too slow, too few or without their suffix. */
  droppedCount: number;
  tooLongCount: number;
  /** Keys that an input method had taken: what is left of a code then is not to be trusted. */
  imeKeyCount: number;
}

/** Puts key presses together. Holds at most `wedgeTextMaxChars`. */
export class WedgeAssembler {
  readonly stats: WedgeStats = { scanCount: 0, droppedCount: 0, tooLongCount: 0, imeKeyCount: 0 };
  readonly #settings: WedgeSettings;
  #text = '';
  #isTooLong = false;
  #isImeOn = false;
  /** A composed key came amid this code. */
  #isSpoilt = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isShiftDown = false;
  /** A small letter with Shift held, in this code: Caps Lock is on and has swapped them all. */
  #isSwapped = false;
  /** A letter key of this code gave another letter. */
  #isOtherLayout = false;
  #wasSwapped = false;
  #wasOtherLayout = false;
  /** Digits typed on the number pad while Alt is held: the character's number. */
  #altDigits: string | null = null;

  constructor(settings: WedgeSettings) {
    this.#settings = settings;
  }

  /** The last key was an input method's: it is on, and takes what the scanner types. */
  get isImeOn(): boolean {
    return this.#isImeOn;
  }

  /** The last code was typed with Caps Lock on; its letters were put right. */
  get isCapsLockOn(): boolean {
    return this.#wasSwapped;
  }

  /** In the last code a letter's key gave another letter than on a US keyboard, which scanners take for given. */
  get isOtherLayout(): boolean {
    return this.#wasOtherLayout;
  }

  /** Whether something has been typed that is not a code yet. */
  get isWaiting(): boolean {
    return this.#text !== '' || this.#isSpoilt || this.#isTooLong;
  }

  /** The code that this key ends, or null. */
  push(press: KeyPress): string | null {
    if (press.key === 'Process' || press.key === 'Dead' || press.composing) {
      this.#noteIme(press);
      return null;
    }
    if (press.key === 'Shift') this.#isShiftDown = press.type === 'down';
    if (press.key === 'Alt') return this.#alt(press);
    if (press.type === 'up') return null;
    this.#isImeOn = false;
    if (this.#altDigits !== null && /^Numpad\d$/.test(press.code)) {
      this.#altDigits = (this.#altDigits + press.code.slice(-1)).slice(0, 5);
      return null;
    }
    // Either ends a code, whichever of them the scanner is set to: no code of ours has one in it.
    const isEnd = press.key === 'Enter' || press.key === 'Tab';
    if (isEnd && this.#settings.suffix !== 'none') return this.isWaiting ? this.#end(press.atMs) : null;
    // Shift, Control and the like have names; characters are one code point.
    if (Array.from(press.key).length === 1) {
      this.#add(press.key, press.atMs);
      this.#noteKey(press);
    }
    return null;
  }

  /** Nothing was typed for a while: without a suffix that ends the code, with one it was none. */
  flush(): string | null {
    if (this.#settings.suffix === 'none') return this.#finish();
    this.#drop();
    return null;
  }

  /** How long to wait after a key before `flush`, ms. */
  get quietMs(): number {
    return this.#settings.keyGapMs * wedgeQuietGaps;
  }

  #alt(press: KeyPress): null {
    if (press.type === 'down') {
      this.#altDigits ??= '';
      return null;
    }
    const digits = this.#altDigits ?? '';
    this.#altDigits = null;
    const code = Number(digits);
    if (digits !== '' && code >= 0x20 && code <= 0xffff) this.#add(String.fromCharCode(code), press.atMs);
    return null;
  }

  #add(char: string, atMs: number): void {
    if (this.isWaiting && atMs - this.#lastMs > this.#settings.keyGapMs) this.#drop();
    this.#lastMs = atMs;
    if (this.#isTooLong) return;
    this.#text += char;
    if (this.#text.length <= wedgeTextMaxChars) return;
    this.#isTooLong = true;
    this.#text = '';
  }

  #noteKey({ key, code }: KeyPress): void {
    if (!/^[a-z]$/i.test(key)) return;
    if (this.#isShiftDown && key !== key.toUpperCase()) this.#isSwapped = true;
    if (/^Key[A-Z]$/.test(code) && code.slice(-1) !== key.toUpperCase()) this.#isOtherLayout = true;
  }

  #noteIme(press: KeyPress): void {
    if (press.type === 'up') return;
    this.stats.imeKeyCount++;
    this.#isImeOn = true;
    this.#isSpoilt = true;
    this.#lastMs = press.atMs;
  }

  #end(atMs: number): string | null {
    if (atMs - this.#lastMs > this.#settings.keyGapMs) {
      this.#drop();
      return null;
    }
    return this.#finish();
  }

  #finish(): string | null {
    const text = this.#text;
    const isCode = !this.#isTooLong && !this.#isSpoilt && text.length >= this.#settings.minLength;
    if (!isCode) {
      this.#drop();
      return null;
    }
    this.#wasSwapped = this.#isSwapped;
    this.#wasOtherLayout = this.#isOtherLayout;
    this.#clear();
    this.stats.scanCount++;
    return this.#wasSwapped ? text.replace(/[a-z]/gi, swapCase) : text;
  }

  #drop(): void {
    if (this.#isTooLong) this.stats.tooLongCount++;
    else if (this.isWaiting) this.stats.droppedCount++;
    this.#clear();
  }

  #clear(): void {
    this.#text = '';
    this.#isTooLong = false;
    this.#isSpoilt = false;
    this.#isSwapped = false;
    this.#isOtherLayout = false;
  }
}

function swapCase(letter: string): string {
  return letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
}
