import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../shared/random.ts';
import { cholesky, dot, matrix, principalAxes, rowOf, scatter, solveLower } from './linear.ts';

function randomRows(
  seed: number,
  count: number,
  size: number,
  spread = (_: number): number => 1,
): Float64Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: size }, (_, i) => (random.unit() - 0.5) * spread(i)),
  );
}

describe('principalAxes', () => {
  it('finds where numbers spread most', () => {
    const axes = principalAxes(
      scatter(
        randomRows(1, 400, 6, (i) => (i === 4 ? 20 : i === 1 ? 8 : 1)),
        6,
        400,
      ),
      2,
    );
    expect(Math.abs(axes.values[4]!)).toBeGreaterThan(0.99);
    expect(Math.abs(rowOf(axes, 1)[1]!)).toBeGreaterThan(0.99);
  });

  it('gives no more axes than there are directions', () => {
    expect(principalAxes(scatter(randomRows(2, 3, 10), 10, 3), 8).rows).toBe(3);
    expect(principalAxes(matrix(5, 5), 3).rows).toBe(0);
  });

  it('gives axes at right angles, of length one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const axes = principalAxes(scatter(randomRows(seed, 9, 6), 6, 9), 4);
        for (let i = 0; i < axes.rows; i++)
          for (let k = 0; k <= i; k++)
            expect(dot(rowOf(axes, i), rowOf(axes, k))).toBeCloseTo(i === k ? 1 : 0, 8);
      }),
      { numRuns: 30 },
    );
  });
});

describe('cholesky and solveLower', () => {
  it('undo each other', () => {
    const symmetric = scatter(randomRows(5, 20, 5), 5, 20);
    const lower = cholesky(symmetric);
    const solved = solveLower(lower, symmetric);
    // L⁻¹·(L·Lᵀ) = Lᵀ
    for (let i = 0; i < 5; i++)
      for (let k = 0; k < 5; k++) expect(solved.values[i * 5 + k]).toBeCloseTo(lower.values[k * 5 + i]!, 8);
  });

  it('takes no matrix that is not positive definite', () => {
    expect(() => cholesky(matrix(2, 2))).toThrow('positive definite');
  });
});
