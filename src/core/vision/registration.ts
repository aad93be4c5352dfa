import { type Result, fail, ok } from '../../shared/result.ts';
import { type Corner, masked } from './mask.ts';
import { type Picture, type Plane, grey, resampled } from './picture.ts';

/**
 * How a later picture lies over an earlier one: a camera that was knocked moves, turns or comes nearer a little. Places
 * are in pixels from the middle: (x, y) of the earlier picture is (x·(1+scale) − y·turn + right, x·turn + y·(1+scale) +
 * down) of the later one.
 */
export interface Similarity {
  readonly scale: number;
  readonly turn: number;
  readonly right: number;
  readonly down: number;
}

export interface Registration {
  readonly similarity: Similarity;
  /** How much of the pictures shows the same, 0…1. */
  readonly agreement: number;
}

/** So wide is the finest picture that is compared. */
const finestWidth = 240;
const levels = 3;
const stepsOfLevel = [12, 10, 8];
/** Differences beyond it count little: that is where something changed. It narrows when the first steps are done. */
const sigmaAtFirst = 1.2;
const sigmaThen = 0.6;
const wideSteps = 3;
const reach = 7;
/** Grey levels that are no texture yet. */
const flatness = 6;
const stepEnough = 0.01;

/** `shelf`: only this part of the earlier picture is compared; left out: all of it. */
export function register(
  earlier: Picture,
  later: Picture,
  shelf: readonly Corner[] | null = null,
): Result<Registration, { code: 'vision.no_match'; message: string }> {
  const factor = earlier.width / finestWidth;
  const height = Math.round(earlier.height / factor);
  const small = (picture: Picture): Plane =>
    grey(
      resampled(
        picture,
        { left: 0, top: 0, width: picture.width, height: picture.height },
        finestWidth,
        height,
      ),
    );
  const pyramids = [pyramidOf(small(earlier)), pyramidOf(small(later))] as const;
  const areas = shelf === null ? null : areasOf(shelf, pyramids[0]);
  let [scale, turn, right, down] = [0, 0, 0, 0];
  let agreement = 0;
  for (let level = levels - 1; level >= 0; level--) {
    const from = pyramids[0][level];
    const to = pyramids[1][level];
    if (from === undefined || to === undefined) continue;
    [right, down] = [2 * right, 2 * down];
    for (let step = 0; step < (stepsOfLevel[levels - 1 - level] ?? 0); step++) {
      const found = gaussNewtonStep(
        from,
        to,
        { scale, turn, right, down },
        step < wideSteps ? sigmaAtFirst : sigmaThen,
        areas?.[level] ?? null,
      );
      if (found === null) return fail('vision.no_match', 'the pictures have nothing in common to hold on to');
      scale += found.step[0]!;
      turn += found.step[1]!;
      right += found.step[2]!;
      down += found.step[3]!;
      agreement = found.agreement;
      const [moved, turned] = [
        Math.hypot(found.step[2]!, found.step[3]!),
        Math.hypot(found.step[0]!, found.step[1]!),
      ];
      if (moved < stepEnough && turned * from.width < stepEnough) break;
    }
  }
  if (![scale, turn, right, down].every(Number.isFinite))
    return fail('vision.no_match', 'the search did not come to an end');
  return ok({ similarity: { scale, turn, right: right * factor, down: down * factor }, agreement });
}

/** A place of the earlier picture in the later one. */
export function placed(
  { scale, turn, right, down }: Similarity,
  { width, height }: { width: number; height: number },
  x: number,
  y: number,
): { x: number; y: number } {
  const [across, below] = [x - width / 2, y - height / 2];
  return {
    x: across * (1 + scale) - below * turn + right + width / 2,
    y: across * turn + below * (1 + scale) + down + height / 2,
  };
}

/** The later picture as the earlier camera would have taken it. */
export function aligned(picture: Picture, similarity: Similarity): Picture {
  const { width, height, rgb } = picture;
  const out = new Uint8Array(rgb.length);
  const { scale, turn, right, down } = similarity;
  for (let y = 0; y < height; y++) {
    const below = y + 0.5 - height / 2;
    for (let x = 0; x < width; x++) {
      const across = x + 0.5 - width / 2;
      const u = clamp(across * (1 + scale) - below * turn + right + width / 2 - 0.5, width - 1.001);
      const v = clamp(across * turn + below * (1 + scale) + down + height / 2 - 0.5, height - 1.001);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [du, dv] = [u - left, v - top];
      const at = 3 * (top * width + left);
      const under = at + 3 * width;
      const to = 3 * (y * width + x);
      for (let c = 0; c < 3; c++)
        out[to + c] =
          (rgb[at + c]! * (1 - du) + rgb[at + 3 + c]! * du) * (1 - dv) +
          (rgb[under + c]! * (1 - du) + rgb[under + 3 + c]! * du) * dv +
          0.5;
    }
  }
  return { width, height, rgb: out };
}

const clamp = (value: number, max: number): number => Math.min(max, Math.max(0, value));

/** The finest first, each next half as wide; only texture is left of each: shadow and exposure drop out. */
function pyramidOf(finest: Plane): Plane[] {
  const planes = [finest];
  for (let level = 1; level < levels; level++) planes.push(halved(planes[level - 1]!));
  return planes.map(textureOf);
}

function halved(plane: Plane): Plane {
  const [width, height] = [plane.width >> 1, plane.height >> 1];
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 2 * y * plane.width + 2 * x;
      const below = at + plane.width;
      values[y * width + x] =
        (plane.values[at]! + plane.values[at + 1]! + plane.values[below]! + plane.values[below + 1]!) / 4;
    }
  return { width, height, values };
}

/** By level: how much of what is around each pixel is shelf, so that its edge is no texture. */
function areasOf(shelf: readonly Corner[], planes: readonly Plane[]): Float32Array[] {
  return planes.map(({ width, height }) => {
    const white = { width, height, rgb: new Uint8Array(3 * width * height).fill(255) };
    return boxMean(grey(masked(white, shelf)), reach);
  });
}
/** Grey levels of 255: all of it, but for rounding. */
const inArea = 254;

function textureOf(plane: Plane): Plane {
  const mean = boxMean(plane, reach);
  const values = plane.values.map((value, i) => value - mean[i]!);
  // A running sum may end a little below nothing where there is nothing.
  const energy = boxMean({ ...plane, values: values.map((value) => value * value) }, 2 * reach);
  return {
    ...plane,
    values: values.map((value, i) => value / (Math.sqrt(Math.max(0, energy[i]!)) + flatness)),
  };
}

/** Mean of the square around each pixel, of what of it lies in the picture. */
function boxMean({ width, height, values }: Plane, radius: number): Float32Array {
  const lines = new Float32Array(values.length);
  for (let y = 0; y < height; y++) runningMean(values, lines, y * width, 1, width, radius);
  const means = new Float32Array(values.length);
  for (let x = 0; x < width; x++) runningMean(lines, means, x, width, height, radius);
  return means;
}

function runningMean(
  from: Float32Array,
  to: Float32Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
): void {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < Math.min(radius, length); i++, count++) sum += from[start + i * stride]!;
  for (let i = 0; i < length; i++) {
    if (i + radius < length) {
      sum += from[start + (i + radius) * stride]!;
      count++;
    }
    if (i - radius - 1 >= 0) {
      sum -= from[start + (i - radius - 1) * stride]!;
      count--;
    }
    to[start + i * stride] = sum / count;
  }
}

/** One step towards the similarity with the smallest robust difference; null when the pictures do not say where. */
function gaussNewtonStep(
  from: Plane,
  to: Plane,
  { scale, turn, right, down }: Similarity,
  sigma: number,
  area: Float32Array | null,
): { step: number[]; agreement: number } | null {
  const { width, height } = from;
  const normal = new Float64Array(16);
  const side = new Float64Array(4);
  const slope = new Float64Array(4);
  let [weights, compared] = [0, 0];
  for (let y = 2; y < height - 2; y++)
    for (let x = 2; x < width - 2; x++) {
      if (area !== null && area[y * width + x]! < inArea) continue;
      const [across, below] = [x - width / 2, y - height / 2];
      const u = across * (1 + scale) - below * turn + right + width / 2;
      const v = across * turn + below * (1 + scale) + down + height / 2;
      if (u < 1 || v < 1 || u >= width - 2 || v >= height - 2) continue;
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [du, dv] = [u - left, v - top];
      const at = top * width + left;
      const [a, b] = [to.values[at]!, to.values[at + 1]!];
      const [c, d] = [to.values[at + width]!, to.values[at + width + 1]!];
      const across2 = (b - a) * (1 - dv) + (d - c) * dv;
      const below2 = (c - a) * (1 - du) + (d - b) * du;
      const difference =
        from.values[y * width + x]! - ((a * (1 - du) + b * du) * (1 - dv) + (c * (1 - du) + d * du) * dv);
      const far = difference / sigma;
      const weight = 1 / ((1 + far * far) * (1 + far * far));
      slope[0] = across2 * across + below2 * below;
      slope[1] = below2 * across - across2 * below;
      slope[2] = across2;
      slope[3] = below2;
      for (let i = 0; i < 4; i++) {
        side[i] = side[i]! + weight * slope[i]! * difference;
        for (let k = i; k < 4; k++) normal[4 * i + k] = normal[4 * i + k]! + weight * slope[i]! * slope[k]!;
      }
      weights += weight;
      compared++;
    }
  const step = solvedNormal(normal, side);
  return step === null || compared === 0 ? null : { step, agreement: weights / compared };
}

/** Four equations; the lower half of `normal` mirrors the upper one. Null when they hang on each other. */
function solvedNormal(normal: Float64Array, side: Float64Array): number[] | null {
  const size = 4;
  const rows = Array.from({ length: size }, (_, i) => [
    ...Array.from(
      { length: size },
      (_unused, k) => normal[i <= k ? 4 * i + k : 4 * k + i]! * (i === k ? 1.0001 : 1),
    ),
    side[i]!,
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    const divisor = rows[i]![i]!;
    if (Math.abs(divisor) < 1e-9) return null;
    for (let r = 0; r < size; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / divisor;
      for (let k = i; k <= size; k++) rows[r]![k] = rows[r]![k]! - factor * rows[i]![k]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
