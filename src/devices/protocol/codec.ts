import { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

/**
 * What every protocol offers. A codec is pure: bytes ↔ messages, no time, no I/O; the same code runs in the device host,
 * in the simulator (the other end of the wire), in tests and behind `npm run codec`.
 */
export type Direction = 'host-to-device' | 'device-to-host';

export const codecErrorCodeSchema = z.enum([
  'codec.bad_hex', // the text is not an even number of hex digits
  'codec.too_short', // fewer bytes than the frame needs
  'codec.too_long', // bytes left over after the frame, or more than any frame has
  'codec.bad_head', // does not begin as any frame of this protocol
  'codec.bad_length', // the length the frame states is impossible
  'codec.bad_checksum',
  'codec.bad_end', // the end mark is not where the length puts it
  'codec.bad_field', // the frame is whole, but a field has a value that the manual does not know
  'codec.bad_message', // a message (JSON) that does not fit the schema
]);
export type CodecErrorCode = z.infer<typeof codecErrorCodeSchema>;
export type CodecFailure = Failure<CodecErrorCode>;

/** What a stream decoder has met since it was made. Only grows. */
export interface DecoderStats {
  /** Whole, valid frames handed out. */
  frameCount: number;
  /** Bytes passed over to find the next frame. */
  skippedByteCount: number;
  /** Places that looked like a whole frame but whose checksum was wrong. */
  badChecksumCount: number;
}

/** Bytes in, messages out, at any cut. Never throws, never holds more than its bound, finds the next good frame. */
export interface StreamDecoder<M> {
  push(bytes: Uint8Array): M[];
  /** The line has been quiet: what is held is all there is. Hands out what can be, drops the rest. */
  flush(): M[];
  /** Forgets what is held (before a new request); not counted as skipped. */
  reset(): void;
  /** Bytes held that are not a frame yet. */
  readonly heldByteCount: number;
  readonly stats: Readonly<DecoderStats>;
}

/** One protocol, both directions. `H` = host→device messages, `D` = device→host messages. */
export interface ProtocolCodec<H, D> {
  readonly name: string;
  readonly hostMessageSchema: z.ZodType<H>;
  readonly deviceMessageSchema: z.ZodType<D>;
  encodeHostMessage(message: H): Uint8Array;
  encodeDeviceMessage(message: D): Uint8Array;
  /** Exactly one frame, nothing before or after it. */
  decodeHostFrame(bytes: Uint8Array): Result<H, CodecFailure>;
  decodeDeviceFrame(bytes: Uint8Array): Result<D, CodecFailure>;
}

/** What is found at one place of a buffer. */
export type FrameStep<M> =
  | { readonly kind: 'frame'; readonly length: number; readonly message: M }
  /** Could become a frame with more bytes. */
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly error: CodecFailure };

/** Looks for a frame that begins at the first byte. `atGap`: no byte will follow (quiet line). */
export type FrameScanner<M> = (held: Uint8Array, atGap: boolean) => FrameStep<M>;

/**
 * The one resync loop of all stream protocols: a frame → hand it out; a bad place → skip ONE byte (a head may occur
 * inside garbage or data, so skipping more would lose the good frame that follows); undecided → wait.
 * `heldMaxBytes` is the protocol's longest frame: a scanner must decide by then, and is treated as `bad` if it does not.
 */
export class ResyncDecoder<M> implements StreamDecoder<M> {
  readonly stats: DecoderStats = { frameCount: 0, skippedByteCount: 0, badChecksumCount: 0 };
  readonly #scan: FrameScanner<M>;
  readonly #heldMaxBytes: number;
  #held: Uint8Array = new Uint8Array(0);

  constructor(scan: FrameScanner<M>, heldMaxBytes: number) {
    this.#scan = scan;
    this.#heldMaxBytes = heldMaxBytes;
  }

  get heldByteCount(): number {
    return this.#held.length;
  }

  push(bytes: Uint8Array): M[] {
    return this.#run(concatBytes(this.#held, bytes), false);
  }

  flush(): M[] {
    return this.#run(this.#held, true);
  }

  reset(): void {
    this.#held = new Uint8Array(0);
  }

  #run(all: Uint8Array, atGap: boolean): M[] {
    const found: M[] = [];
    let at = 0;
    while (at < all.length) {
      const rest = all.subarray(at);
      const step = this.#scan(rest, atGap);
      if (step.kind === 'frame') {
        found.push(step.message);
        this.stats.frameCount++;
        at += step.length;
      } else if (step.kind === 'more' && !atGap && rest.length < this.#heldMaxBytes) {
        break;
      } else {
        if (step.kind === 'bad' && step.error.code === 'codec.bad_checksum') this.stats.badChecksumCount++;
        this.stats.skippedByteCount++;
        at++;
      }
    }
    this.#held = all.slice(at);
    return found;
  }
}

/** Runs a scanner over bytes that must be exactly one frame. */
export function decodeWhole<M>(scan: FrameScanner<M>, bytes: Uint8Array): Result<M, CodecFailure> {
  if (bytes.length === 0) return fail('codec.too_short', 'no bytes');
  const step = scan(bytes, true);
  if (step.kind === 'more') return fail('codec.too_short', `${bytes.length} bytes are not a whole frame`);
  if (step.kind === 'bad') return { ok: false, error: step.error };
  if (step.length < bytes.length) {
    return fail('codec.too_long', `${bytes.length - step.length} bytes follow the frame`);
  }
  return ok(step.message);
}

export function bad(code: CodecErrorCode, message: string): FrameStep<never> {
  return { kind: 'bad', error: { code, message } };
}

export const needMore: FrameStep<never> = { kind: 'more' };

/** Byte at `index`; 0 outside (callers check lengths first, this only satisfies the type). */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** XOR of all bytes ("BCC"). */
export function xorOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

/** Low byte of the sum of all bytes. */
export function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

export function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Two upper-case digits. */
/** Two bytes, the higher one first. */
export function be16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}

/** Upper-case hex without blanks. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map(hexByte).join('');
}

/** Hex in any case; blanks, colons and dashes between bytes are allowed. */
export function fromHex(text: string): Result<Uint8Array, CodecFailure> {
  const digits = text.replace(/[\s:-]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    return fail('codec.bad_hex', 'not an even number of hex digits');
  }
  return ok(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}

/** Schema of a hex field in a message: upper case, at most `maxBytes`. */
export function hexSchema(minBytes: number, maxBytes: number): z.ZodString {
  return z.string().regex(new RegExp(`^(?:[0-9A-F]{2}){${minBytes},${maxBytes}}$`));
}

/** Bytes of a hex field that its schema has already checked. */
export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** One byte for each character; for text that its schema holds to ASCII. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}
