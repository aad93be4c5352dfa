import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnShelf, paint, relit } from '../../testkit/core/drawn-shelf.ts';
import { changeMapOf, changedShare } from './change-map.ts';
import { masked } from './mask.ts';
import type { Picture } from './picture.ts';
import { type Registration, type Similarity, aligned, placed, register } from './registration.ts';
import { unusableBecause, unusableBeside } from './usable.ts';

const shelf = drawnShelf(5);
const whole = { left: 0, top: 0, width: shelf.width, height: shelf.height };
const moved = (similarity: Similarity): Picture => aligned(shelf, similarity);
function found(later: Picture): Registration {
  const registered = register(shelf, later);
  if (!registered.ok) throw new Error(registered.error.message);
  return registered.value;
}

describe('register', () => {
  it('finds how the camera moved, also in other light and shadow', () => {
    const few = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(few, few, few, few, fc.double({ min: 0.7, max: 1.2, noNaN: true }), (a, b, c, d, light) => {
        const similarity = { scale: a * 0.008, turn: b * 0.012, right: c * 7, down: d * 7 };
        const later = relit(moved(similarity), (value, x) => value * light * (x > 300 ? 0.75 : 1));
        const back = found(later).similarity;
        // `later` was taken from the shelf by `similarity`; a corner must come back to where it was.
        for (const [x, y] of [
          [40, 30],
          [440, 240],
        ] as const) {
          const there = placed(back, shelf, x, y);
          const again = placed(similarity, shelf, there.x, there.y);
          expect(Math.hypot(again.x - x, again.y - y)).toBeLessThan(0.7);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('finds the same where a part of the picture is black, and how the rest of it moved', () => {
    const triangle = [
      [0, 0],
      [1, 0],
      [0, 1],
    ] as const;
    const covered = masked(shelf, triangle);
    expect(register(covered, covered)).toMatchObject({ ok: true, value: { agreement: 1 } });
    const by = { scale: 0, turn: 0, right: 7, down: -5 };
    const registered = register(covered, moved(by), triangle);
    if (!registered.ok) throw new Error(registered.error.message);
    const { similarity, agreement } = registered.value;
    expect(Math.hypot(similarity.right + by.right, similarity.down + by.down)).toBeLessThan(1);
    expect(agreement).toBeGreaterThan(0.85);
  });

  it('says that there is nothing to hold on to', () => {
    const blank = { ...shelf, rgb: new Uint8Array(shelf.rgb.length).fill(90) };
    const registered = register(blank, blank);
    expect(registered.ok ? '' : registered.error.code).toBe('vision.no_match');
  });
});

describe('changeMapOf', () => {
  it('sees nothing in another light', () => {
    const dim = relit(shelf, (value, x, y) => value * 0.8 * (Math.hypot(x - 200, y - 100) < 90 ? 0.8 : 1));
    expect(changedShare(changeMapOf(shelf, dim), whole)).toBeLessThan(0.03);
  });

  it('sees what was put there, where it is', () => {
    const later = { ...shelf, rgb: shelf.rgb.slice() };
    paint(later, 160, 96, 64, 64, [200, 40, 40]);
    const map = changeMapOf(shelf, later);
    expect(changedShare(map, { left: 160, top: 96, width: 64, height: 64 })).toBeGreaterThan(0.8);
    expect(changedShare(map, { left: 320, top: 96, width: 64, height: 64 })).toBeLessThan(0.05);
  });

  it('counts nothing outside the picture', () => {
    const map = changeMapOf(shelf, shelf);
    expect(changedShare(map, { left: 5000, top: 0, width: 50, height: 50 })).toBe(0);
  });
});

describe('a picture that cannot be used', () => {
  const beside = (later: Picture): string | null => unusableBeside(shelf, later, found(later));
  it('is usable as it is', () => {
    expect(unusableBecause(shelf)).toBeNull();
    expect(beside(relit(shelf, (value) => value * 0.85))).toBeNull();
  });

  it.each([
    ['dark', relit(shelf, (value) => value * 0.1)],
    ['bright', relit(shelf, (value) => 200 + value * 0.2)],
    ['clipped', relit(shelf, (value, x) => (x < 60 ? 255 : value))],
    ['flat', relit(shelf, () => 120)],
  ] as const)('is %s', (reason, picture) => {
    expect(unusableBecause(picture)).toBe(reason);
  });

  it('is of a camera that was turned away', () => {
    expect(beside(moved({ scale: 0, turn: 0, right: 20, down: 0 }))).toBe('moved');
  });

  it('is of another shelf: never "no change"', () => {
    const other = drawnShelf(77);
    const registered = register(shelf, other);
    expect(registered.ok ? unusableBeside(shelf, other, registered.value) : 'no match').not.toBeNull();
  });
});
