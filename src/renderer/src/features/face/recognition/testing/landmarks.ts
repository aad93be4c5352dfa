import type { Point } from '../geometry.ts';

/** Left and right end, and the lids: an eye of 12 by 3.6 pixels around (x, y). */
function eye(x: number, y: number): Point[] {
  return [
    { x: x - 6, y },
    { x: x - 2, y: y - 1.8 },
    { x: x + 2, y: y - 1.8 },
    { x: x + 6, y },
    { x: x + 2, y: y + 1.8 },
    { x: x - 2, y: y + 1.8 },
  ];
}

/**
 * 68 landmarks of a drawn face that looks straight ahead, whose five points are those of the alignment template. Those
 * that nothing is computed from lie in the middle.
 */
export const frontalLandmarks: readonly Point[] = Array.from({ length: 68 }, (_, i) => {
  if (i >= 36 && i <= 41) return eye(38.2946, 51.6963)[i - 36] ?? { x: 0, y: 0 };
  if (i >= 42 && i <= 47) return eye(73.5318, 51.5014)[i - 42] ?? { x: 0, y: 0 };
  if (i === 30) return { x: 56.0252, y: 71.7366 };
  if (i === 48) return { x: 41.5493, y: 92.3655 };
  if (i === 54) return { x: 70.7299, y: 92.2041 };
  return { x: 56, y: 56 };
});
