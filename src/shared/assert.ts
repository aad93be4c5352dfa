/** Thrown when the program contradicts itself. Never caught to be ignored: the caller fails safe (locked) and says so. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States an invariant; throws an `AssertionError` with the reason when it does not hold. */
export function assert(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new AssertionError(reason);
}

/** For the default branch of an exhaustive switch: fails to compile when a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
