import { weightBoundsDefault } from '../../shared/model/scale.ts';
import type { WeightBounds } from '../../shared/model/scale.ts';
import { milligramsOf } from '../protocol/scale-hid.ts';
import type { ScaleWeight } from '../protocol/scale-hid.ts';

/** The numbers of a HID report have 16 bits. */
const hidRange = 0x1_0000;

/**
 * The weight of a HID report in milligrams, or null: it is none that the lane can bear. The number is unsigned, and negative
 * where the status says "under zero"; scales that send two's complement instead are told by the bounds, since as an unsigned
 * number it is far beyond them.
 */
export function weightOfReport(report: ScaleWeight, bounds: WeightBounds | undefined): number | null {
  const plain = milligramsOf(report);
  if (plain !== null && isWithin(plain, bounds)) return plain;
  if (report.value < hidRange / 2) return null;
  const size = milligramsOf({ ...report, status: 'stable', value: hidRange - report.value });
  return size !== null && isWithin(-size, bounds) ? -size : null;
}

/**
 * The weight that one or two registers hold, in milligrams, or null. `raw`: unsigned, of so many bits. A cell at its end
 * sends the greatest or the least number there is, which is no weight whatever the bounds.
 */
export function weightOfRegisters(
  raw: number,
  bits: 16 | 32,
  place: { readonly signed: boolean; readonly milligramsPerCount: number },
  bounds: WeightBounds | undefined,
): number | null {
  const half = 2 ** (bits - 1);
  const saturated = place.signed ? [half - 1, half] : [2 * half - 1];
  if (saturated.includes(raw)) return null;
  const negative = raw >= half ? raw - 2 * half : null;
  const counts = place.signed ? [negative ?? raw] : [raw, negative];
  const weights = counts.map((count) => (count === null ? null : count * place.milligramsPerCount));
  return weights.find((one) => one !== null && isWithin(one, bounds)) ?? null;
}

function isWithin(milligrams: number, bounds: WeightBounds = weightBoundsDefault): boolean {
  return milligrams >= bounds.minMilligrams && milligrams <= bounds.maxMilligrams;
}
