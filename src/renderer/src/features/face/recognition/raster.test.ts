import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Raster, contextRegion, cropTo, toGrey, toPlanesBgr, warp } from './raster.ts';

/** A picture whose colours say where a pixel was: red is its column, green its row. */
function map(width: number, height: number): Raster {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x, y, 7, 255], (y * width + x) * 4);
  }
  return { width, height, data };
}
const pixel = (r: Raster, x: number, y: number): number[] => [
  ...r.data.slice((y * r.width + x) * 4).slice(0, 4),
];

describe('warp', () => {
  it('copies pixel for pixel where nothing is scaled or turned', () => {
    const moved = warp(map(100, 80), { a: 1, b: 0, tx: -20, ty: -10 }, 32);
    expect(pixel(moved, 0, 0)).toEqual([20, 10, 7, 255]);
    expect(pixel(moved, 31, 31)).toEqual([51, 41, 7, 255]);
  });
  it('turns: a quarter turn swaps rows and columns', () => {
    // u = -y + 50, v = x: column u of the result is row 50 - u of the source.
    const turned = warp(map(60, 60), { a: 0, b: 1, tx: 50, ty: 0 }, 50);
    expect(pixel(turned, 10, 20)).toEqual([20, 39, 7, 255]);
  });
  it('mixes four neighbours between pixels', () => {
    const half = warp(map(40, 40), { a: 1, b: 0, tx: -3.5, ty: 0 }, 8);
    expect(pixel(half, 0, 0)[0]).toBe(4); // 3.5, rounded by the clamped array
  });
  it('averages when it makes smaller, so that a fine chequerboard becomes grey', () => {
    const board = map(112, 112);
    for (let i = 0; i < 112 * 112; i++) board.data[4 * i] = (i + Math.floor(i / 112)) % 2 === 0 ? 255 : 0;
    const small = warp(board, { a: 0.25, b: 0, tx: 0, ty: 0 }, 28);
    for (let x = 1; x < 27; x++) expect(Math.abs((pixel(small, x, 13)[0] ?? 0) - 127)).toBeLessThan(3);
  });
  it('is black outside of the frame', () => {
    expect(pixel(warp(map(10, 10), { a: 1, b: 0, tx: 50, ty: 50 }, 16), 3, 3)).toEqual([0, 0, 0, 255]);
  });
});

describe('contextRegion', () => {
  const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  it('stays in the frame, keeps the shape of the box and grows as far as there is room', () => {
    fc.assert(
      fc.property(number(0, 600), number(0, 440), number(20, 600), number(20, 460), (x, y, width, height) => {
        const box = { x, y, width, height };
        const region = contextRegion({ width: 640, height: 480 }, box, 2.7);
        const inside =
          region.left >= -0.000001 &&
          region.top >= -0.000001 &&
          region.left + region.width <= 639.000001 &&
          region.top + region.height <= 479.000001;
        const grow = region.width / width;
        const shape = Math.abs(region.height / height - grow) < 1e-9;
        return inside && shape && Math.abs(grow - Math.min(2.7, 639 / width, 479 / height)) < 1e-9;
      }),
    );
  });
  it('is centred on the face where there is room', () => {
    const region = contextRegion({ width: 640, height: 480 }, { x: 300, y: 200, width: 60, height: 60 }, 2.7);
    expect(region).toEqual({ left: 249, top: 149, width: 162, height: 162 });
  });
});

describe('cropTo', () => {
  it('takes the rectangle and scales it to the square', () => {
    const crop = cropTo(map(200, 100), { left: 20, top: 10, width: 64, height: 32 }, 32);
    // The middle of the first pixel of the crop lies at (21, 10.5): between columns 20 and 21, on row 10.
    expect(pixel(crop, 0, 0)).toEqual([20, 10, 7, 255]);
    expect(pixel(crop, 31, 31)).toEqual([82, 41, 7, 255]);
  });
});

describe('what the models take', () => {
  it('blue plane first, then green, then red, through the scale', () => {
    const one: Raster = {
      width: 2,
      height: 1,
      data: new Uint8ClampedArray([10, 20, 30, 255, 40, 50, 60, 255]),
    };
    expect([...toPlanesBgr(one, (value) => value / 10)]).toEqual([3, 6, 2, 5, 1, 4]);
    expect(toGrey(one)[0]).toBeCloseTo(0.299 * 10 + 0.587 * 20 + 0.114 * 30, 4);
  });
});
