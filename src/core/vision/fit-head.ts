import { type Result, fail, ok } from '../../shared/result.ts';
import type { Head, Projection, Views } from './head.ts';
import { type Matrix, cholesky, matrix, principalAxes, rowOf, scatter, solveLower } from './linear.ts';

/** A picture that a head is learned from; null: nobody knows what is on it, but it tells how pictures vary. */
export interface Lesson {
  readonly views: Views;
  readonly sku: string | null;
}

/** So many axes at most, of each of network and colours. */
export const axesMax = 200;
/** How much of the mean spread is added to the spread of every direction, so that none is believed too much. */
const shrinkage = 0.1;
/** An article teaches how its pictures vary from so many looks on. */
const looksPerSkuMin = 2;
const skusMin = 2;

export type FitCode = 'vision.too_few_lessons';

/**
 * Learns which directions only tell how one article varies between pictures (light, place, turn), and weighs them down
 * (within-class covariance normalisation). Several articles in several sessions are needed for that; they need not be those that the head will be
 * used for.
 */
export function fitHead(
  lessons: readonly Lesson[],
  version: string,
): Result<Head, { code: FitCode; message: string }> {
  const looks = lessons.flatMap(({ views, sku }) => views.map((look) => ({ look, sku })));
  const bySku = new Map<string, number[]>();
  looks.forEach(({ sku }, i) => {
    if (sku !== null) bySku.set(sku, [...(bySku.get(sku) ?? []), i]);
  });
  const groups = [...bySku.values()].filter((group) => group.length >= looksPerSkuMin);
  if (groups.length < skusMin)
    return fail(
      'vision.too_few_lessons',
      `${groups.length} articles with ${looksPerSkuMin} looks or more; ${skusMin} are needed`,
    );
  return ok({
    version,
    network: fitProjection(
      looks.map(({ look }) => look.network),
      groups,
    ),
    colour: fitProjection(
      looks.map(({ look }) => look.colour),
      groups,
    ),
  });
}

function fitProjection(looks: readonly Float32Array[], groups: readonly (readonly number[])[]): Projection {
  const size = looks[0]?.length ?? 0;
  const mean = meanOf(looks, size);
  const centred = looks.map((look) => Float64Array.from(look, (value, i) => value - mean[i]!));
  const axes = principalAxes(scatter(centred, size, centred.length), axesMax);
  const within = withinGroups(
    centred.map((look) => coordinates(axes, look)),
    groups,
    axes.rows,
  );
  let trace = 0;
  for (let i = 0; i < axes.rows; i++) trace += within.values[i * axes.rows + i]!;
  const added = (shrinkage * trace) / axes.rows + 1e-12;
  for (let i = 0; i < axes.rows; i++) {
    const at = i * axes.rows + i;
    within.values[at] = within.values[at]! + added;
  }
  const whitened = solveLower(cholesky(within), axes);
  return {
    mean: Float32Array.from(mean),
    axes: Array.from({ length: whitened.rows }, (_, row) => Float32Array.from(rowOf(whitened, row))),
  };
}

/** Spread about the mean of each article, over all its pictures and sessions. */
function withinGroups(
  looks: readonly Float64Array[],
  groups: readonly (readonly number[])[],
  size: number,
): Matrix {
  const deviations = groups.flatMap((group) => {
    const own = group.map((i) => looks[i] ?? new Float64Array(size));
    const mean = meanOf(own, size);
    return own.map((look) => look.map((value, i) => value - mean[i]!));
  });
  return deviations.length === 0 ? matrix(size, size) : scatter(deviations, size, deviations.length);
}

function meanOf(rows: readonly ArrayLike<number>[], size: number): Float64Array {
  const mean = new Float64Array(size);
  for (const row of rows) for (let i = 0; i < size; i++) mean[i] = mean[i]! + row[i]! / rows.length;
  return mean;
}

function coordinates(axes: Matrix, look: Float64Array): Float64Array {
  return Float64Array.from({ length: axes.rows }, (_, row) => {
    const axis = rowOf(axes, row);
    let sum = 0;
    for (let i = 0; i < look.length; i++) sum += axis[i]! * look[i]!;
    return sum;
  });
}
