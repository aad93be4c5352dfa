import type { Random } from '../shared/random.ts';

/** Each draw of bytes is one number, counted from 1, in every byte; `unit` is always the same. */
export function countedRandom(unit = 0): Random {
  let count = 0;
  return { bytes: (size) => new Uint8Array(size).fill(++count), unit: () => unit };
}
