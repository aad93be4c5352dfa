import { type Picture, type Plane, type Region, grey, resampled } from './picture.ts';

/** How sure each block of a shelf is to have changed, 0…1, from the top left. */
export interface ChangeMap {
  /** Pixels of the full picture. */
  readonly blockSide: number;
  readonly columns: number;
  readonly rows: number;
  readonly scores: Float32Array;
}

/** Pictures are compared at half their size, in blocks of 8 × 8. */
const reduction = 2;
const side = 8;
const pixels = side * side;
/** A block of the later picture may lie so far off, which no registration takes away. */
const searchPx = 2;
/** Grey levels; below it a block has no pattern to compare. */
const textureMin = 6;
/** Added to both variances, so that noise is no pattern. */
const noiseVariance = 16;
const chromaFull = 0.35;
const lightFree = 0.35;
const lightFull = 0.5;
/** From here on a block counts as changed. */
const blockChanged = 0.5;

/** Both pictures in the frame of the earlier one. */
export function changeMapOf(earlier: Picture, later: Picture): ChangeMap {
  const [before, after] = [halfOf(earlier), halfOf(later)];
  const planes = [grey(before), grey(after)] as const;
  const [columns, rows] = [Math.floor(before.width / side), Math.floor(before.height / side)];
  const [one, two] = [blocksOf(before, planes[0], columns, rows), blocksOf(after, planes[1], columns, rows)];
  // The light changed for the whole picture: that is no change of goods.
  const [red, blue, light] = [
    offset(one.red, two.red),
    offset(one.blue, two.blue),
    offset(one.light, two.light),
  ];
  const scores = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      const tint =
        Math.hypot(two.red[i]! - one.red[i]! - red, two.blue[i]! - one.blue[i]! - blue) / chromaFull;
      const isFlat = Math.max(one.texture[i]!, two.texture[i]!) <= textureMin;
      const lighter = Math.abs(two.light[i]! - one.light[i]! - light) - lightFree;
      const pattern = isFlat ? lighter / lightFull : 1 - bestMatch(...planes, column * side, row * side);
      scores[i] = Math.min(1, Math.max(0, tint, pattern));
    }
  return { blockSide: side * reduction, columns, rows, scores };
}

/** The share of a region's blocks that changed: of a slot, how sure it is to have changed. */
export function changedShare({ blockSide, columns, rows, scores }: ChangeMap, region: Region): number {
  const left = Math.max(0, Math.floor(region.left / blockSide));
  const top = Math.max(0, Math.floor(region.top / blockSide));
  const right = Math.min(columns, Math.ceil((region.left + region.width) / blockSide));
  const bottom = Math.min(rows, Math.ceil((region.top + region.height) / blockSide));
  let [changed, all] = [0, 0];
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++, all++)
      if (scores[row * columns + column]! > blockChanged) changed++;
  return all === 0 ? 0 : changed / all;
}

function halfOf(picture: Picture): Picture {
  const { width, height } = picture;
  const [half, low] = [Math.floor(width / reduction), Math.floor(height / reduction)];
  return resampled(picture, { left: 0, top: 0, width: half * reduction, height: low * reduction }, half, low);
}

interface Blocks {
  /** Logarithms of red and blue against green, and of brightness. */
  readonly red: Float32Array;
  readonly blue: Float32Array;
  readonly light: Float32Array;
  readonly texture: Float32Array;
}

/** Black has no hue: added to each mean before it is compared. */
const dark = 8;

function blocksOf(picture: Picture, plane: Plane, columns: number, rows: number): Blocks {
  const count = columns * rows;
  const blocks = {
    red: new Float32Array(count),
    blue: new Float32Array(count),
    light: new Float32Array(count),
    texture: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const [left, top] = [(i % columns) * side, Math.floor(i / columns) * side];
    let [red, green, blue, sum, squares] = [0, 0, 0, 0, 0];
    for (let y = top; y < top + side; y++)
      for (let x = left; x < left + side; x++) {
        const at = y * picture.width + x;
        red += picture.rgb[3 * at]!;
        green += picture.rgb[3 * at + 1]!;
        blue += picture.rgb[3 * at + 2]!;
        sum += plane.values[at]!;
        squares += plane.values[at]! * plane.values[at]!;
      }
    blocks.red[i] = Math.log((red / pixels + dark) / (green / pixels + dark));
    blocks.blue[i] = Math.log((blue / pixels + dark) / (green / pixels + dark));
    blocks.light[i] = Math.log(sum / pixels + dark);
    blocks.texture[i] = Math.sqrt(Math.max(0, squares / pixels - (sum / pixels) ** 2));
  }
  return blocks;
}

/** The median of what changed. */
function offset(before: Float32Array, after: Float32Array): number {
  const differences = after.map((value, i) => value - before[i]!).sort();
  return differences[differences.length >> 1] ?? 0;
}

/** The best correlation of a block with the later picture near the same place. */
function bestMatch(before: Plane, after: Plane, left: number, top: number): number {
  let best = -1;
  for (let down = -searchPx; down <= searchPx; down++)
    for (let right = -searchPx; right <= searchPx; right++) {
      const [x, y] = [left + right, top + down];
      if (x < 0 || y < 0 || x + side > after.width || y + side > after.height) continue;
      best = Math.max(best, correlation(before, top * before.width + left, after, y * after.width + x));
    }
  return best;
}

function correlation(before: Plane, beforeAt: number, after: Plane, afterAt: number): number {
  let [sumA, sumB, products, squaresA, squaresB] = [0, 0, 0, 0, 0];
  for (let row = 0; row < side; row++) {
    let a = beforeAt + row * before.width;
    let b = afterAt + row * after.width;
    for (let column = 0; column < side; column++, a++, b++) {
      const [one, two] = [before.values[a]!, after.values[b]!];
      sumA += one;
      sumB += two;
      products += one * two;
      squaresA += one * one;
      squaresB += two * two;
    }
  }
  const [meanA, meanB] = [sumA / pixels, sumB / pixels];
  const together = products / pixels - meanA * meanB + noiseVariance;
  const apart =
    (squaresA / pixels - meanA * meanA + noiseVariance) * (squaresB / pixels - meanB * meanB + noiseVariance);
  return Math.min(1, together / Math.sqrt(apart));
}
