import { type pinFaults, pinLength } from '../../shared/model/service.ts';

export type PinFault = Exclude<(typeof pinFaults)[number], 'differ'>;

/** What people choose first, and what no rule below finds (keys in a line or in a cross on the pad). */
const commonPins: ReadonlySet<string> = new Set(['147258', '159753', '258456', '147147', '789456', '142536']);

/** Why this may be nobody's PIN; null: it may. `staffNo`: whose it shall be; it must not say the PIN. */
export function faultOfPin(pin: string, staffNo: string): PinFault | null {
  if (!/^\d*$/.test(pin)) return 'not_digits';
  if (pin.length < pinLength.min) return 'too_short';
  if (pin.length > pinLength.max) return 'too_long';
  return isTrivial(pin) || pin.includes(staffNo) ? 'trivial' : null;
}

function isTrivial(pin: string): boolean {
  const digits = Array.from(pin, Number);
  return (
    commonPins.has(pin) || new Set(digits).size < 3 || isRepeated(pin) || isRun(digits) || isMirrored(digits)
  );
}

/** 121212, 123123. */
function isRepeated(pin: string): boolean {
  return (pin + pin).indexOf(pin, 1) < pin.length;
}

/** 123456, 987654, 890123, 135790, 112233: each digit as far from the one before, or each twice. */
function isRun(digits: readonly number[]): boolean {
  const steps = new Set(digits.slice(1).map((digit, i) => (digit - (digits[i] ?? 0) + 10) % 10));
  if (steps.size === 1) return true;
  const isDoubled = digits.length % 2 === 0 && digits.every((digit, i) => digit === digits[i - (i % 2)]);
  return isDoubled && isRun(digits.filter((_, i) => i % 2 === 0));
}

/** 123321: half of it is told by the other half. */
function isMirrored(digits: readonly number[]): boolean {
  return digits.every((digit, i) => digit === digits[digits.length - 1 - i]);
}
