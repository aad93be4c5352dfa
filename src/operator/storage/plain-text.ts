/** Longest text from outside that is kept for the log of a charge or an incident. */
const plainTextMaxLength = 300;

/** Text from outside, fit for a column: bounded, and without U+0000, which PostgreSQL cannot hold. */
export function plainText(text: string): string {
  return text.slice(0, plainTextMaxLength).replaceAll('\0', '\uFFFD');
}
