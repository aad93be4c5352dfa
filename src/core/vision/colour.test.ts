import { describe, expect, it } from 'vitest';
import { drawnShelf, paint, relit } from '../../testkit/core/drawn-shelf.ts';
import { colourDescriptor, colourLength } from './colour.ts';
import { dot, unit } from './linear.ts';
import type { Picture } from './picture.ts';

const near = (a: Picture, b: Picture): number => dot(unit(colourDescriptor(a)), unit(colourDescriptor(b)));
const carton = (colour: readonly number[]): Picture => {
  const picture = { width: 96, height: 96, rgb: new Uint8Array(3 * 96 * 96).fill(128) };
  paint(picture, 20, 10, 56, 76, colour);
  return picture;
};

describe('colourDescriptor', () => {
  it('tells red from green more than dim from bright', () => {
    const red = carton([180, 40, 40]);
    const dim = relit(red, (value) => value * 0.75);
    expect(near(red, dim)).toBeGreaterThan(near(red, carton([40, 150, 60])) + 0.1);
  });

  it('says where a colour is', () => {
    const [top, bottom] = [carton([128, 128, 128]), carton([128, 128, 128])];
    paint(top, 20, 10, 56, 30, [200, 30, 30]);
    paint(bottom, 20, 56, 56, 30, [200, 30, 30]);
    expect(near(top, bottom)).toBeLessThan(0.95);
  });

  it.each([0, 255])('is numbers for a picture of %i alone', (value) => {
    const numbers = colourDescriptor({ width: 9, height: 9, rgb: new Uint8Array(243).fill(value) });
    expect(numbers.length).toBe(colourLength);
    expect(numbers.every(Number.isFinite)).toBe(true);
  });

  it('is the same each time', () => {
    expect(colourDescriptor(drawnShelf(3))).toEqual(colourDescriptor(drawnShelf(3)));
  });
});
