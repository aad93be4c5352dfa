import { expect, it } from 'vitest';
import { SeededRandom } from '../../../shared/random.ts';
import { ScaleLane } from './scale-lane.ts';

/** A scale that says what it weighs each so many ms, a little late now and then, with the noise of a cheap cell. */
function scaleAt(periodMs: number) {
  const random = new SeededRandom(periodMs);
  const scale = new ScaleLane();
  let nowMs = 0;
  const run = (ms: number, grams: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += periodMs * (0.9 + 0.2 * random.unit())) {
      const noiseG = 2 * (random.unit() + random.unit() - 1);
      scale.observe({ atMs: nowMs, grams: grams + noiseG, isStable: true });
    }
  };
  return { scale, run, now: () => nowMs };
}

const sumOf = (steps: readonly number[]): number => steps.reduce((sum, step) => sum + step, 0);

it.each([10, 20, 33, 50, 70, 90, 100, 110, 150, 199, 250, 400, 1_000])(
  'a scale that reports each %i ms comes to rest, and says by how much it has changed',
  (periodMs) => {
    const { scale, run, now } = scaleAt(periodMs);
    const soonMs = Math.max(600, 4.5 * periodMs);
    run(soonMs, 2_000);
    expect(scale.isAtRest).toBe(true);
    scale.startVisit(now());
    const tookMs = now();
    run(soonMs, 1_670);
    expect(scale.isStillSince(tookMs)).toBe(true);
    expect(Math.abs(sumOf(scale.stepsG) + 330)).toBeLessThan(4);
    // It rests on: what is asked at any moment is answered.
    let atRest = 0;
    for (let i = 0; i < 100; i++) {
      run(periodMs, 1_670);
      if (scale.isAtRest) atRest++;
    }
    expect(atRest).toBeGreaterThan(85);
  },
);

it('a single wrong reading among many is no still state', () => {
  const { scale, run, now } = scaleAt(20);
  run(1_000, 2_000);
  scale.startVisit(now());
  scale.observe({ atMs: now() - 5, grams: 60, isStable: true });
  run(1_000, 2_000);
  expect(Math.abs(sumOf(scale.stepsG))).toBeLessThan(4);
});
