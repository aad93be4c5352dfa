import type { Random } from '../../shared/random.ts';

const nonceByteCount = 16;

/** By which main knows that the view speaks of the order that holds. */
export function orderNonce(random: Pick<Random, 'bytes'>): string {
  return Buffer.from(random.bytes(nonceByteCount)).toString('base64url');
}
