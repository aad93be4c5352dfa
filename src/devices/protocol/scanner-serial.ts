import { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { bytesOfHex, hexSchema, toHex } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';
import { scanText } from './scan-text.ts';

/**
 * Scanners in virtual COM (CDC-ACM) or RS232 mode: the bytes of the code, then CR, LF or both, as configured on the scanner;
 * without a suffix the code ends when the line is quiet. There is no check and no head.
 */
export const serialSuffixSchema = z.enum(['cr', 'lf', 'crlf', 'none']);
export type SerialSuffix = z.infer<typeof serialSuffixSchema>;
const suffixBytes: Readonly<Record<SerialSuffix, readonly number[]>> = {
  cr: [0x0d],
  lf: [0x0a],
  crlf: [0x0d, 0x0a],
  none: [],
};
/** Longest code; what is longer is dropped whole. */
export const serialCodeMaxBytes = 4096;
export const serialFrameMaxBytes = serialCodeMaxBytes + 2;

const codeSchema = z.object({
  type: z.literal('code'),
  dataHex: hexSchema(1, serialCodeMaxBytes).regex(/^(?:(?!0[AD])..)+$/),
  suffix: serialSuffixSchema,
  /** Follows from the data; ignored when encoding. */
  text: z.string().max(serialCodeMaxBytes).optional(),
});
export type SerialCode = z.infer<typeof codeSchema>;

/** The bytes of a code, for the simulator and for tests. */
export function encodeSerialCode(code: Pick<SerialCode, 'dataHex' | 'suffix'>): Uint8Array {
  return Uint8Array.from([...bytesOfHex(code.dataHex), ...suffixBytes[code.suffix]]);
}

function decode(bytes: Uint8Array): Result<SerialCode, CodecFailure> {
  const suffix = (['crlf', 'cr', 'lf', 'none'] as const).find((one) => endsWith(bytes, suffixBytes[one]));
  const end = bytes.length - suffixBytes[suffix ?? 'none'].length;
  const data = bytes.subarray(0, end);
  if (data.length === 0) return fail('codec.too_short', 'no code');
  if (data.length > serialCodeMaxBytes) return fail('codec.too_long', `${data.length} bytes`);
  if (data.includes(0x0d) || data.includes(0x0a)) return fail('codec.bad_field', 'a line end amid the code');
  return ok({ type: 'code', dataHex: toHex(data), suffix: suffix ?? 'none', text: scanText(data) });
}

function endsWith(bytes: Uint8Array, tail: readonly number[]): boolean {
  return tail.every((byte, i) => bytes[bytes.length - tail.length + i] === byte);
}

/** Nothing is sent to such a scanner: what starts a scan differs by maker. */
export const scannerSerialCodec: ProtocolCodec<never, SerialCode> = {
  name: 'scanner-serial',
  hostMessageSchema: z.never(),
  deviceMessageSchema: codeSchema,
  encodeHostMessage: (message) => message,
  encodeDeviceMessage: encodeSerialCode,
  decodeHostFrame: () => fail('codec.bad_head', 'nothing is sent to this scanner'),
  decodeDeviceFrame: decode,
};

/** Puts the bytes of a serial scanner together. Holds at most `serialCodeMaxBytes`. */
export class SerialScanAssembler {
  readonly stats = { scanCount: 0, droppedCount: 0, tooLongCount: 0 };
  readonly #suffix: SerialSuffix;
  #held: number[] = [];
  #isTooLong = false;

  constructor(suffix: SerialSuffix) {
    this.#suffix = suffix;
  }

  get isWaiting(): boolean {
    return this.#held.length > 0 || this.#isTooLong;
  }

  /** Codes that are complete with these bytes. Any line end completes one: empty lines between CR and LF are nothing. */
  push(bytes: Uint8Array): string[] {
    const codes: string[] = [];
    for (const byte of bytes) {
      if (this.#suffix !== 'none' && (byte === 0x0d || byte === 0x0a)) codes.push(...this.#finish());
      else if (this.#held.length < serialCodeMaxBytes && !this.#isTooLong) this.#held.push(byte);
      else {
        this.#isTooLong = true;
        this.#held = [];
      }
    }
    return codes;
  }

  /** The line is quiet: without a suffix that ends the code, with one the rest never came. */
  flush(): string[] {
    if (this.#suffix === 'none') return this.#finish();
    if (this.isWaiting) this.stats.droppedCount++;
    this.#clear();
    return [];
  }

  #finish(): string[] {
    if (this.#isTooLong) this.stats.tooLongCount++;
    const text = this.#isTooLong ? '' : scanText(Uint8Array.from(this.#held));
    this.#clear();
    if (text === '') return [];
    this.stats.scanCount++;
    return [text];
  }

  #clear(): void {
    this.#held = [];
    this.#isTooLong = false;
  }
}
