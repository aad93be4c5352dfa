/**
 * Programming bar codes: sheets from a maker's manual that change the scanner's settings when they are held before it. A scanner
 * whose programming is on takes them in silence; where it is off, or the sheet is another maker's, they arrive as text. Newland:
 * `NLS` and seven digits, with or without a value, several with `;` (the same words over its serial line: public drivers for
 * EM2039, EM3096, C680). Other makers begin with FNC3 (ISO/IEC 15417), which is no text: such a read is unreadable.
 */
const newland = /^\{?(?:NLS\d{7}(?:=[^;]{0,64})?;?)+\}?$/i;

export function isProgrammingCode(text: string): boolean {
  return newland.test(text);
}

/** Newland: take no programming bar codes (until it is told `NLS0006010;`). Answered with ACK or NAK. */
export const newlandProgrammingOff = new TextEncoder().encode('NLS0006000;');
export const newlandAnswers: readonly number[] = [0x06, 0x15];
