/** Longest text from outside that is kept for the log of a charge or an incident. */
const plainTextMaxLength = 300;

/**
 * Text from outside, fit for a column, so that it is read as it was written: bounded, without U+0000, which PostgreSQL cannot
 * hold, and without half a character (a surrogate alone), which it would keep as another.
 */
export function plainText(text: string): string {
  return text.slice(0, plainTextMaxLength).replaceAll(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** Of any length, it would be kept as it is. */
export function isPlainText(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}
