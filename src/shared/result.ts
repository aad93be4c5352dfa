/**
 * Expected failure is data: every function that can fail in a way its caller must handle returns a `Result`
 * whose error carries a `code` from a closed union. A bug is an `assert` (see assert.ts), never a `Result`.
 */
export type Result<T, E extends { code: string }> = Ok<T> | Err<E>;
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}
export interface Err<E extends { code: string }> {
  readonly ok: false;
  readonly error: E;
}

/** A failure with a closed code and one sentence for the log (never for the shopper). */
export interface Failure<C extends string> {
  readonly code: C;
  readonly message: string;
}

export function ok(): Ok<void>;
export function ok<T>(value: T): Ok<T>;
export function ok<T>(value?: T): Ok<T | undefined> {
  return { ok: true, value };
}

export function err<E extends { code: string }>(error: E): Err<E> {
  return { ok: false, error };
}

/** Shorthand for `err({ code, message })`. */
export function fail<C extends string>(code: C, message: string): Err<Failure<C>> {
  return { ok: false, error: { code, message } };
}
