import { toHex } from '../../devices/protocol/codec.ts';
import { encodeSerialCode } from '../../devices/protocol/scanner-serial.ts';
import type { Emulator } from './line.ts';

/** A scanner in virtual COM mode: the bytes of the code and CR. */
export class SerialScanner implements Emulator {
  readonly #send: (bytes: Uint8Array) => void;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** A code is held before the window. Its symbology is not sent. False when it is empty. */
  scan(text: string): boolean {
    if (text === '') return false;
    const dataHex = toHex(new TextEncoder().encode(text));
    this.#send(encodeSerialCode({ dataHex, suffix: 'cr' }));
    return true;
  }

  /** Nothing is asked of it. */
  receive(): void {
    return;
  }

  powerOff(): void {
    return;
  }
}

/** The line has no check: a byte of the code is spoilt instead, and the member code's signature does not fit any more. */
export function spoilSerialCode(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === 0 ? byte ^ 0x20 : byte));
}
