import { createHash } from 'node:crypto';
import { fail } from '../../shared/result.ts';

/** Names what somebody is shown before they act upon it; it is another one once any of it is. */
export function seenVersionOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Somebody was quicker: whoever comes later has to look first. */
export const hasChanged = fail('conflict', 'it is not as it was seen any more');
