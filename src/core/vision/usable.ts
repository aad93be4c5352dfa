import type { Registration, Similarity } from './registration.ts';
import { type Picture, grey } from './picture.ts';

/** Why a picture says nothing. Then there is "no picture", never "no change". */
export type UnusableReason = 'dark' | 'bright' | 'clipped' | 'flat' | 'blurred' | 'moved' | 'another-view';

const meanMin = 40;
const meanMax = 215;
const clippedMax = 0.05;
const clippedFrom = 253;
/** Grey levels from pixel to pixel: a covered lens, a lamp's reflection all over. */
const sharpnessMin = 0.6;
/** Of the sharpness of the picture that it is compared with. */
const sharpnessShare = 0.5;
const shiftMax = 0.03;
const scaleMax = 0.03;
const turnMax = 0.03;
/** Two pictures of one shelf agree more than that, also when much was taken. */
const agreementMin = 0.55;

/** What is wrong with a picture by itself; null: nothing. */
export function unusableBecause(picture: Picture): UnusableReason | null {
  const { values } = grey(picture);
  let [sum, clipped] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (values[i]! >= clippedFrom) clipped++;
  }
  const mean = sum / values.length;
  if (mean < meanMin) return 'dark';
  if (mean > meanMax) return 'bright';
  if (clipped / values.length > clippedMax) return 'clipped';
  return sharpnessOf(picture) < sharpnessMin ? 'flat' : null;
}

/** What is wrong with a later picture beside the earlier one; null: both show the same shelf. */
export function unusableBeside(
  earlier: Picture,
  later: Picture,
  { similarity, agreement }: Registration,
): UnusableReason | null {
  if (sharpnessOf(later) < sharpnessShare * sharpnessOf(earlier)) return 'blurred';
  if (isMoved(similarity, earlier.width)) return 'moved';
  return agreement < agreementMin ? 'another-view' : null;
}

/** The camera does not stand as it did. `width`: of the picture in whose pixels that is told. */
export function isMoved({ scale, turn, right, down }: Similarity, width: number): boolean {
  const isFar = Math.hypot(right, down) > shiftMax * width;
  return isFar || Math.abs(scale) > scaleMax || Math.abs(turn) > turnMax;
}

/** Mean step from pixel to pixel, in grey levels. */
export function sharpnessOf(picture: Picture): number {
  const { width, height, values } = grey(picture);
  let sum = 0;
  for (let y = 1; y < height; y++)
    for (let x = 1; x < width; x++) {
      const at = y * width + x;
      sum += Math.abs(values[at]! - values[at - 1]!) + Math.abs(values[at]! - values[at - width]!);
    }
  return sum / (2 * (width - 1) * (height - 1));
}
