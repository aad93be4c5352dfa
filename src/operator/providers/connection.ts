/** Failures of a connection before there is one. */
const neverLeft = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
];

/**
 * What broke a request of `fetch`, by its code. `isNeverLeft`: for certain not one byte left; else it may have been done.
 */
export function connectionFailureOf(error: unknown): {
  readonly code: string;
  readonly isNeverLeft: boolean;
} {
  const cause = error instanceof Error ? error.cause : null;
  const found = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  const code = typeof found === 'string' ? found : 'broken';
  return { code, isNeverLeft: neverLeft.includes(code) };
}
