import { useState } from 'react';

/**
 * The one that is open of a list, also when the list has lost it meanwhile: what somebody has just dealt with stays before them
 * until they close it. `found`: as the list has it now.
 */
export function useKept<T extends object>(found: T | undefined, key: string | null): T | undefined {
  const [kept, setKept] = useState<{ readonly key: string | null; readonly item: T } | null>(null);
  if (found !== undefined && kept?.item !== found) setKept({ key, item: found });
  return found ?? (kept !== null && kept.key === key ? kept.item : undefined);
}
