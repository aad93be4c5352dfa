import { randomBytes } from 'node:crypto';
import type { Random } from '../random.ts';

/** The system's own randomness, fit for keys and nonces. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  // 48 bits: every value is a double of its own.
  unit: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
