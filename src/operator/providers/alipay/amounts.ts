import { assert } from '../../../shared/assert.ts';
import { limits } from './codes.ts';

/**
 * Alipay's amounts are yuan as text. Both ways go digit by digit, never through a number with a fraction: 0.29 × 100 is
 * not 29.
 */

/** Fen as yuan with two decimals. `minor`: a whole number from 1 to Alipay's largest amount. */
export function yuanText(minor: number): string {
  assert(Number.isSafeInteger(minor) && minor > 0 && minor <= limits.amountMaxMinor, 'an amount to be sent');
  const digits = String(minor).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * The fen that a text of Alipay stands for; null: it is none to build on. Fewer than two decimals are taken ("10", "0.5":
 * they are exact, too); signs, blanks, leading zeros, exponents, separators and parts of a fen are not.
 */
export function minorOf(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const match = /^(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?$/.exec(text);
  if (match === null) return null;
  const [, yuan = '', fen = ''] = match;
  const minor = Number(`${yuan}${fen.padEnd(2, '0')}`);
  return minor <= limits.amountMaxMinor ? minor : null;
}
