import type { Result } from '../shared/result.ts';

/** The value of a result that a test takes for granted. Throws the failure's code and message. */
export function unwrap<T>(result: Result<T, { readonly code: string; readonly message?: string }>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message ?? ''}`);
  return result.value;
}
