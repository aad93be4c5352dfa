import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnShelf } from '../../testkit/core/drawn-shelf.ts';
import { centredSquare, networkInput, resampled, viewsOf } from './picture.ts';

describe('viewsOf', () => {
  it('looks at all of it, and at its middle', () => {
    expect(viewsOf({ left: 10, top: 20, width: 100, height: 50 })).toEqual([
      { left: 10, top: 20, width: 100, height: 50 },
      { left: 18, top: 24, width: 84, height: 42 },
    ]);
  });
});

describe('resampled', () => {
  it('changes nothing where nothing is to be done', () => {
    const picture = drawnShelf(1, 40, 30);
    expect(resampled(picture, { left: 0, top: 0, width: 40, height: 30 }, 40, 30).rgb).toEqual(picture.rgb);
  });

  it('keeps one colour one colour, wherever the region lies', () => {
    const sizes = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 40 }), sizes, sizes, sizes, (left, width, to, value) => {
        const picture = { width: 20, height: 20, rgb: new Uint8Array(1200).fill(value) };
        const { rgb } = resampled(picture, { left, top: -left, width, height: to }, to, width);
        expect(new Set(rgb)).toEqual(new Set([value]));
      }),
    );
  });

  it('takes the mean of what it covers', () => {
    const rgb = new Uint8Array(3 * 32 * 32).map((_, i) => (Math.floor(i / 3) % 2 === 0 ? 0 : 200));
    const inner = { left: 8, top: 8, width: 16, height: 16 };
    const small = resampled({ width: 32, height: 32, rgb }, inner, 2, 2).rgb;
    for (const value of small) expect(Math.abs(value - 100)).toBeLessThan(6);
  });

  it('takes the middle square', () => {
    expect(centredSquare({ width: 30, height: 20, rgb: new Uint8Array() })).toEqual({
      left: 5,
      top: 0,
      width: 20,
      height: 20,
    });
  });
});

describe('networkInput', () => {
  it('puts the channels one after another, from −1 to 1', () => {
    const values = networkInput({ width: 2, height: 1, rgb: Uint8Array.of(0, 255, 0, 255, 0, 0) });
    expect([...values]).toEqual([-1, 1, 1, -1, -1, -1]);
  });
});
