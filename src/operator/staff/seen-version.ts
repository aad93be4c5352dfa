import { createHash } from 'node:crypto';
import { fail } from '../../shared/result.ts';

/**
 * Names what somebody is shown before they act upon it, by a text of all that counts of it; it is another one once any of it is.
 * 128 bits: nobody finds two things of one name, to have agreed to what another has not seen.
 */
export function seenVersionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Somebody was quicker: whoever comes later has to look first. */
export const hasChanged = fail('conflict', 'it is not as it was seen any more');
