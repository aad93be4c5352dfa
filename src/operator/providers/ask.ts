import type { Clock } from '../../shared/clock.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { providerTimeoutMs } from '../limits.ts';
import type { UnknownOutcome } from './provider.ts';

/** Nobody says what the provider did. */
export const unknownOf = (message: string): UnknownOutcome => ({ kind: 'unknown', message });

/** Calls an adapter. Never rejects: an adapter that fails has a bug, and that says nothing of what the provider did. */
export async function callAdapter<T>(call: () => Promise<T>): Promise<T | UnknownOutcome> {
  try {
    return await call();
  } catch (error) {
    return unknownOf(`the adapter failed: ${String(error)}`);
  }
}

/** What comes of a call of an adapter within `maxMs`. Never rejects. The call goes on after that, and nobody hears of it. */
export async function askProvider<T>(
  clock: Clock,
  call: () => Promise<T>,
  maxMs = providerTimeoutMs,
): Promise<T | UnknownOutcome> {
  const answer = await withTimeout(clock, maxMs, callAdapter(call));
  return answer.ok ? answer.value : unknownOf(answer.error.message);
}
