import { concatBytes } from '../protocol/codec.ts';

const noBytes = new Uint8Array(0);

/** What arrived, without the copy. */
export interface Unechoed {
  readonly before: Uint8Array;
  /** What came behind the copy; null: none has become whole with these bytes. */
  readonly after: Uint8Array | null;
}

/**
 * Takes out of what arrives the one copy of a frame that a half-duplex line gives back while it is written: the first one,
 * however it is cut, and whatever stands before it.
 */
export class EchoFilter {
  #expected: Uint8Array | null = null;
  #isSure = false;
  /** The end of what arrived, as far as it may be the beginning of the copy. */
  #begun: Uint8Array = noBytes;
  #hasEchoed = false;

  /** Whether the frame that was expected last has come back. */
  get hasEchoed(): boolean {
    return this.#hasEchoed;
  }

  get heldByteCount(): number {
    return this.#isSure ? this.#begun.length : 0;
  }

  /**
   * From now on this frame may come back; null: nothing is taken out. What was held of the one before is dropped. `isSure`:
   * the line is known to echo, so what may be the beginning of the copy is held until the next bytes, or `flush`, decide.
   * Else it is handed on at once, because it is rather the end of an answer; whoever got it forgets it once the copy is whole.
   */
  expect(frame: Uint8Array | null, isSure: boolean): void {
    this.#expected = frame;
    this.#isSure = isSure;
    this.#begun = noBytes;
    this.#hasEchoed = false;
  }

  push(bytes: Uint8Array): Unechoed {
    const expected = this.#expected;
    if (expected === null) return { before: bytes, after: null };
    const all = concatBytes(this.#begun, bytes);
    const handedOnCount = this.#isSure ? 0 : this.#begun.length;
    const at = beginningOf(expected, all);
    this.#begun = noBytes;
    if (at + expected.length <= all.length) {
      this.#expected = null;
      this.#hasEchoed = true;
      return {
        before: all.subarray(Math.min(handedOnCount, at), at),
        after: all.subarray(at + expected.length),
      };
    }
    this.#begun = all.subarray(at);
    return { before: all.subarray(handedOnCount, this.#isSure ? at : all.length), after: null };
  }

  /** What was held: the line is quiet, so it was no echo. */
  flush(): Uint8Array {
    const held = this.#isSure ? this.#begun : noBytes;
    this.#begun = noBytes;
    return held;
  }
}

/** Where `frame`, or as much of it as fits, begins in `bytes`; their end when it does not. */
function beginningOf(frame: Uint8Array, bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && !bytes.subarray(at, at + frame.length).every((byte, i) => byte === frame[i]))
    at++;
  return at;
}
