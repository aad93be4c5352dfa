/**
 * Takes out of what arrives the one copy of a frame that a half-duplex line gives back while it is written. Bytes that may
 * be the beginning of that copy are held until the next ones, or `flush`, decide; the end of another frame never is.
 */
export class EchoFilter {
  #expected: Uint8Array | null = null;
  #held: Uint8Array = new Uint8Array(0);
  #hasEchoed = false;

  /** Whether the frame that was expected last has come back. */
  get hasEchoed(): boolean {
    return this.#hasEchoed;
  }

  get heldByteCount(): number {
    return this.#held.length;
  }

  /** From now on this frame may come back; null: nothing is taken out. What was held of the one before is dropped. */
  expect(frame: Uint8Array | null): void {
    this.#expected = frame;
    this.#held = new Uint8Array(0);
    this.#hasEchoed = false;
  }

  /**
   * What of these bytes (and of those held) is no echo. `mayHold`: no other frame is under way whose end these bytes may be,
   * so that they may wait for the rest of the echo.
   */
  push(bytes: Uint8Array, mayHold: boolean): Uint8Array {
    const expected = this.#expected;
    if (expected === null || expected.length === 0) return bytes;
    const all = Uint8Array.from([...this.#held, ...bytes]);
    this.#held = new Uint8Array(0);
    for (let at = 0; at < all.length; at++) {
      const end = Math.min(all.length, at + expected.length);
      if (!expected.subarray(0, end - at).every((byte, i) => byte === all[at + i])) continue;
      if (end - at < expected.length) {
        if (at > 0 || !mayHold) return all;
        this.#held = all;
        return new Uint8Array(0);
      }
      this.#expected = null;
      this.#hasEchoed = true;
      return Uint8Array.from([...all.subarray(0, at), ...all.subarray(end)]);
    }
    return all;
  }

  /** What was held: the line is quiet, so it was no echo. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = new Uint8Array(0);
    return held;
  }
}
