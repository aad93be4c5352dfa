/**
 * Whether a text reads as it is written: nothing in it that nobody sees, that turns the direction of what stands beside it, or that
 * begins a line of its own (Unicode: categories C, Zl and Zp).
 */
export function readsAsWritten(text: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
}
