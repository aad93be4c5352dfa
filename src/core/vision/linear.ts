import { assert } from '../../shared/assert.ts';

/** Rows of equal length, one after another. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function matrix(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

export const rowOf = ({ columns, values }: Matrix, row: number): Float64Array =>
  values.subarray(row * columns, (row + 1) * columns);

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Of length one; a vector of nothing stays as it is. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length < 1e-12 ? vector : vector.map((value) => value / length);
}

/** Sum of the outer products of rows with themselves, divided by `count`. */
export function scatter(rows: readonly Float64Array[], size: number, count: number): Matrix {
  const sum = matrix(size, size);
  for (const row of rows)
    for (let i = 0; i < size; i++) {
      const factor = row[i]! / count;
      if (factor === 0) continue;
      const at = i * size;
      for (let k = i; k < size; k++) sum.values[at + k] = sum.values[at + k]! + factor * row[k]!;
    }
  for (let i = 0; i < size; i++)
    for (let k = 0; k < i; k++) sum.values[i * size + k] = sum.values[k * size + i]!;
  return sum;
}

/**
 * The directions in which a symmetric matrix without negative eigenvalues is largest, one a row, by orthogonal iteration:
 * their span is what counts. Fewer than asked for where it has no more.
 */
const iterations = 12;
export function principalAxes(symmetric: Matrix, count: number): Matrix {
  const size = symmetric.rows;
  assert(symmetric.columns === size, 'a square matrix');
  let axes = orthonormal(startingAxes(Math.min(count, size), size));
  for (let round = 0; round < iterations; round++) axes = orthonormal(timesSymmetric(axes, symmetric));
  return axes;
}

/** The same every time; no direction that counts is at right angles to all of them. */
function startingAxes(count: number, size: number): Matrix {
  const axes = matrix(count, size);
  let state = 0x2545f491;
  for (let i = 0; i < axes.values.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    axes.values[i] = state / 2 ** 31;
  }
  return axes;
}

function timesSymmetric(axes: Matrix, { values }: Matrix): Matrix {
  const product = matrix(axes.rows, axes.columns);
  for (let row = 0; row < axes.rows; row++) {
    const from = rowOf(axes, row);
    const to = rowOf(product, row);
    for (let i = 0; i < from.length; i++) {
      const factor = from[i]!;
      const at = i * from.length;
      for (let k = 0; k < to.length; k++) to[k] = to[k]! + factor * values[at + k]!;
    }
  }
  return product;
}

/** Gram–Schmidt, twice for each row, which is exact enough; what hangs on the rows before it is left out. */
function orthonormal(axes: Matrix): Matrix {
  const kept: Float64Array[] = [];
  for (let row = 0; row < axes.rows; row++) {
    const axis = rowOf(axes, row).slice();
    const before = Math.sqrt(dot(axis, axis));
    for (let pass = 0; pass < 2; pass++)
      for (const other of kept) {
        const share = dot(axis, other);
        for (let i = 0; i < axis.length; i++) axis[i] = axis[i]! - share * other[i]!;
      }
    const length = Math.sqrt(dot(axis, axis));
    if (length <= 1e-9 * before || length < 1e-150) continue;
    kept.push(axis.map((value) => value / length));
  }
  const result = matrix(kept.length, axes.columns);
  kept.forEach((axis, row) => result.values.set(axis, row * axes.columns));
  return result;
}

/** L with L·Lᵀ = the matrix, which must be positive definite. */
export function cholesky({ rows: size, values }: Matrix): Matrix {
  const lower = matrix(size, size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k <= i; k++) {
      let sum = values[i * size + k]!;
      for (let j = 0; j < k; j++) sum -= lower.values[i * size + j]! * lower.values[k * size + j]!;
      if (i === k) assert(sum > 0, 'positive definite');
      lower.values[i * size + k] = i === k ? Math.sqrt(sum) : sum / lower.values[k * size + k]!;
    }
  return lower;
}

/** L⁻¹·M for a lower triangle L. */
export function solveLower(lower: Matrix, right: Matrix): Matrix {
  const size = lower.rows;
  const solved = { ...right, values: right.values.slice() };
  for (let i = 0; i < size; i++) {
    const row = rowOf(solved, i);
    for (let j = 0; j < i; j++) {
      const factor = lower.values[i * size + j]!;
      const other = rowOf(solved, j);
      for (let k = 0; k < row.length; k++) row[k] = row[k]! - factor * other[k]!;
    }
    const divisor = lower.values[i * size + i]!;
    for (let k = 0; k < row.length; k++) row[k] = row[k]! / divisor;
  }
  return solved;
}
