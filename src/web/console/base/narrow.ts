import { useSyncExternalStore } from 'react';

const narrow = window.matchMedia('(max-width: 47.99rem)');

/** A phone, or a window as narrow: lists are cards instead of tables. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => {
        narrow.removeEventListener('change', listener);
      };
    },
    () => narrow.matches,
  );
}
