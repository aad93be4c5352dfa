import type { Clock } from '../shared/clock.ts';

export type Within<T> = { readonly inTime: true; readonly value: T } | { readonly inTime: false };

/** Waits for `promise` at most `boundMs` on the given clock. A rejection passes through. */
export async function within<T>(clock: Clock, boundMs: number, promise: Promise<T>): Promise<Within<T>> {
  let cancel = () => {};
  const bound = new Promise<Within<T>>((resolve) => {
    cancel = clock.after(boundMs, () => {
      resolve({ inTime: false });
    });
  });
  try {
    return await Promise.race([promise.then((value) => ({ inTime: true as const, value })), bound]);
  } finally {
    cancel();
  }
}
