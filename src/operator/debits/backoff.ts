/**
 * How long to wait before the next try, in ms: doubles from `firstMs` to `capMs`; the upper half of it is random
 * (`random` in [0, 1)), so that what failed together does not come back together.
 */
export function backoffMs(
  retryCount: number,
  bounds: { readonly firstMs: number; readonly capMs: number },
  random: number,
): number {
  const fullMs = Math.min(bounds.capMs, bounds.firstMs * 2 ** Math.min(retryCount, 40));
  return Math.round(fullMs / 2 + (random * fullMs) / 2);
}
