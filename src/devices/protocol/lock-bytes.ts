import { z } from 'zod';
import { bad, byteAt, hexByte, xorOf } from './codec.ts';
import type { FrameStep } from './codec.ts';

/** What the lock boards' protocols have in common. */

/** A raw contact. What 1 means (bolt in or out) is wiring, so no codec says "open" or "closed". */
export const feedbackSchema = z.union([z.literal(0), z.literal(1)]);

/** The bytes, and the XOR of all of them. */
export function withXor(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from([...bytes, xorOf(Uint8Array.from(bytes))]);
}

/** Bit maps, lowest group first; bit 0 = lowest channel of the group. */
export function groupsOf(channels: readonly number[], groupCount: number): number[] {
  const groups = new Array<number>(groupCount).fill(0);
  for (const channel of channels) {
    const group = Math.floor((channel - 1) / 8);
    groups[group] = (groups[group] ?? 0) | (1 << ((channel - 1) % 8));
  }
  return groups;
}

/** The channels whose bit is 1, ascending. */
export function channelsOf(groups: readonly number[]): number[] {
  return groups.flatMap((bits, group) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (bits & (1 << bit)) !== 0).map((bit) => group * 8 + bit + 1),
  );
}

export function frameOf<M>(length: number, message: M): FrameStep<M> {
  return { kind: 'frame', length, message };
}

/** A whole frame whose last byte is not the XOR of those before it. */
export function badXor(frame: Uint8Array): FrameStep<never> {
  const want = xorOf(frame.subarray(0, -1));
  return bad('codec.bad_checksum', `check ${hexByte(byteAt(frame, frame.length - 1))}, not ${hexByte(want)}`);
}
