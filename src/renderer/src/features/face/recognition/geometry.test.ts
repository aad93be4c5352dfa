import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Point,
  type Similarity,
  alignment,
  apply,
  distance,
  eyeOpenness,
  fivePoints,
  inverse,
} from './geometry.ts';
import { frontalLandmarks } from './testing/landmarks.ts';

const move = fc.record({
  scale: fc.double({ min: 0.2, max: 5, noNaN: true }),
  turn: fc.double({ min: -3, max: 3, noNaN: true }),
  tx: fc.double({ min: -500, max: 500, noNaN: true }),
  ty: fc.double({ min: -500, max: 500, noNaN: true }),
});
const similarityOf = (m: { scale: number; turn: number; tx: number; ty: number }): Similarity => ({
  a: m.scale * Math.cos(m.turn),
  b: m.scale * Math.sin(m.turn),
  tx: m.tx,
  ty: m.ty,
});
const near = (p: Point, q: Point): boolean => distance(p, q) < 1e-6;

describe('alignment', () => {
  it('brings a face back to the template from wherever it was moved, turned and scaled to', () => {
    const upright = fivePoints(frontalLandmarks);
    fc.assert(
      fc.property(move, (m) => {
        const moved = fivePoints(frontalLandmarks.map((p) => apply(similarityOf(m), p)));
        const s = alignment(moved);
        return (
          near(apply(s, moved.leftEye), upright.leftEye) &&
          near(apply(s, moved.rightEye), upright.rightEye) &&
          near(apply(s, moved.nose), upright.nose) &&
          near(apply(s, moved.mouthLeft), upright.mouthLeft) &&
          near(apply(s, moved.mouthRight), upright.mouthRight)
        );
      }),
    );
  });

  it('is the least-squares one: every small change makes it worse', () => {
    // A crooked face, which fits nowhere exactly.
    const crooked = fivePoints(
      frontalLandmarks.map(({ x, y }) => ({ x: x * 1.3 + 4, y: y + (x * y) / 900 })),
    );
    const target = fivePoints(frontalLandmarks);
    const error = (s: Similarity): number =>
      (['leftEye', 'rightEye', 'nose', 'mouthLeft', 'mouthRight'] as const).reduce(
        (sum, name) => sum + distance(apply(s, crooked[name]), target[name]) ** 2,
        0,
      );
    const best = alignment(crooked);
    for (const key of ['a', 'b', 'tx', 'ty'] as const) {
      for (const step of [-0.01, 0.01]) {
        expect(error({ ...best, [key]: best[key] + step })).toBeGreaterThan(error(best));
      }
    }
  });
});

describe('inverse', () => {
  it('goes back', () => {
    fc.assert(
      fc.property(move, (m) => {
        const s = similarityOf(m);
        const p = { x: 12, y: -7 };
        return near(apply(inverse(s), apply(s, p)), p);
      }),
    );
  });
});

describe('eyeOpenness', () => {
  it('is height over width, whatever the size', () => {
    const open = eyeOpenness(frontalLandmarks);
    expect(open).toBeCloseTo(0.3, 2);
    expect(eyeOpenness(frontalLandmarks.map(({ x, y }) => ({ x: 3 * x, y: 3 * y })))).toBeCloseTo(open, 6);
  });
  it('falls as the lids come down', () => {
    const lids = frontalLandmarks.map((p, i) =>
      i >= 36 && i <= 47 ? { x: p.x, y: 51.6 + (p.y - 51.6) / 3 } : p,
    );
    expect(eyeOpenness(lids)).toBeCloseTo(0.1, 2);
  });
});

describe('fivePoints', () => {
  it('refuses landmarks that are not there', () => {
    expect(() => fivePoints(frontalLandmarks.slice(0, 40))).toThrow(RangeError);
  });
});
