import type { Clock } from '../clock.ts';
import type { Failure, Result } from '../result.ts';
import { fail, ok } from '../result.ts';

/**
 * Waits for `promise` at most `timeoutMs` on the given clock; `timed_out` says nothing about what it waited for, which
 * goes on. A rejection passes through; one that comes after the time-out is dropped.
 */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<T>,
): Promise<Result<T, Failure<'timed_out'>>> {
  let cancel = (): void => undefined;
  const timedOut = new Promise<Result<T, Failure<'timed_out'>>>((resolve) => {
    cancel = clock.after(timeoutMs, () => {
      resolve(fail('timed_out', `no answer within ${timeoutMs} ms`));
    });
  });
  try {
    return await Promise.race([promise.then((value) => ok(value)), timedOut]);
  } finally {
    cancel();
  }
}
