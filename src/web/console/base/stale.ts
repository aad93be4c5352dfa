import { useEffect, useSyncExternalStore } from 'react';
import type { Failed } from './client.ts';

/** Something that stands on the page as it was at `ofMs` (ms since the epoch), as it could not be asked for anew. */
export interface Stale {
  readonly failed: Failed;
  readonly ofMs: number;
  readonly retry: () => void;
}

let told: readonly Stale[] = [];
const listeners = new Set<() => void>();

function tell(next: readonly Stale[]): void {
  told = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All of the page that is older than it looks: the shell says so above it, whatever the page draws. */
export function useAllStale(): readonly Stale[] {
  return useSyncExternalStore(subscribe, () => told);
}

/** While `failed` is not null and something of `ofMs` is shown all the same, this part of the page is stale. */
export function useStale(failed: Failed | null, ofMs: number | null, retry: () => void): void {
  useEffect(() => {
    if (failed === null || ofMs === null) return;
    const one: Stale = { failed, ofMs, retry };
    tell([...told, one]);
    return () => {
      tell(told.filter((other) => other !== one));
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- each drawing has another `retry` that does the same
  }, [failed, ofMs]);
}
