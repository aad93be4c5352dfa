import { describe, expect, it } from 'vitest';
import type { Raster } from './raster.ts';
import { applyTable, stretchTable } from './stretch.ts';

/** A frame of grey pixels, each given by its place in the row. */
function frameOf(grey: (x: number, y: number) => number): Raster {
  const [width, height] = [64, 48];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = grey(x, y);
      data.set([value, value, value, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

describe('stretchTable', () => {
  it('leaves a frame alone that has the whole range and a bright enough middle', () => {
    const table = stretchTable(frameOf((x, y) => (x * 5 + y * 3) % 256));
    expect(Math.abs((table[128] ?? 0) - 128)).toBeLessThan(12);
  });
  it('spreads a dull frame over the whole range', () => {
    const table = stretchTable(frameOf((x) => 100 + (x % 40)));
    expect(table[100]).toBe(0);
    expect(table[139]).toBe(255);
  });
  it('lifts a face that stands in the dark, but no more than by a gamma of a half', () => {
    const table = stretchTable(frameOf((x, y) => (x % 16 === 0 ? 240 : 20 + (y % 20))));
    const darkBefore = 25 / 255;
    const darkAfter = (table[25] ?? 0) / 255;
    expect(darkAfter).toBeGreaterThan(1.2 * darkBefore);
    expect(darkAfter).toBeLessThanOrEqual(Math.sqrt((25 - 20) / (240 - 20)) + 0.01);
  });
  it('looks only at the centre: a window at the side changes nothing', () => {
    const centre = (x: number): number => 100 + (x % 40);
    const plain = stretchTable(frameOf(centre));
    const beside = stretchTable(frameOf((x) => (x < 10 ? 255 : centre(x))));
    expect(beside).toEqual(plain);
  });
  it('never turns light into dark, and does not pull noise of one colour apart', () => {
    for (const frame of [frameOf(() => 90), frameOf((x) => x), frameOf(() => 0), frameOf(() => 255)]) {
      const table = stretchTable(frame);
      for (let i = 1; i < 256; i++) expect(table[i]).toBeGreaterThanOrEqual(table[i - 1] ?? 0);
    }
    const flat = stretchTable(frameOf((x) => 90 + (x % 2)));
    expect((flat[91] ?? 0) - (flat[90] ?? 0)).toBeLessThanOrEqual(64);
  });
});

describe('applyTable', () => {
  it('makes a new frame and keeps the old one', () => {
    const frame = frameOf(() => 10);
    const table = new Uint8ClampedArray(256).fill(77);
    const after = applyTable(frame, table);
    expect([...after.data.slice(0, 4)]).toEqual([77, 77, 77, 255]);
    expect(frame.data[0]).toBe(10);
  });
});
