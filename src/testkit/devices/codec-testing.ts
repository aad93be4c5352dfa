import { expect } from 'vitest';
import type { StreamDecoder } from '../../devices/protocol/codec.ts';

/** Cuts bytes into parts whose sizes come from a stream of small numbers (0 gives an empty part). */
export function cutBytes(bytes: Uint8Array, sizes: Iterable<number>): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    parts.push(bytes.subarray(at, at + size));
    at += size;
    if (parts.length > bytes.length * 3 + 10) break;
  }
  parts.push(bytes.subarray(at));
  return parts;
}

/** Noise, a quiet gap, a good frame: nothing is thrown, nothing piles up, the frame comes out and only once. */
export function expectCalm<M>(
  decoder: StreamDecoder<M>,
  noise: Uint8Array,
  frame: Uint8Array,
  message: M,
  heldMaxBytes: number,
): void {
  decoder.push(noise);
  expect(decoder.heldByteCount).toBeLessThanOrEqual(heldMaxBytes);
  decoder.flush();
  expect(decoder.heldByteCount).toBe(0);
  expect(decoder.push(frame)).toEqual([message]);
}
