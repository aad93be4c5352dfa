import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk, shelfLayout } from './shelf-layout.ts';

const portrait = { width: 968, height: 1040 };
const cell = { minWidth: 220, minHeight: 270 };

describe('goods on shelves', () => {
  it('shows the twelve goods of the sample on one page, four by three', () => {
    expect(shelfLayout(12, portrait, cell)).toEqual({ columns: 4, rows: 3, perPage: 12, pages: 1 });
  });
  it('gives few goods more room', () => {
    const { columns, rows, pages } = shelfLayout(5, portrait, cell);
    expect([columns, rows, pages]).toEqual([3, 2, 1]);
    expect(shelfLayout(1, portrait, cell)).toMatchObject({ columns: 1, rows: 1 });
  });
  it('turns pages when they do not fit', () => {
    expect(shelfLayout(13, portrait, cell)).toEqual({ columns: 4, rows: 3, perPage: 12, pages: 2 });
    expect(shelfLayout(500, portrait, cell).pages).toBe(42);
  });
  it('stands an empty shelf and a space that is too small', () => {
    expect(shelfLayout(0, portrait, cell)).toMatchObject({ pages: 1 });
    expect(shelfLayout(3, { width: 10, height: 10 }, cell)).toMatchObject({ columns: 1, rows: 1, pages: 3 });
  });
  it('has a place for every product, inside the space, in cells that are not too small', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.integer({ min: 220, max: 4000 }),
        fc.integer({ min: 270, max: 4000 }),
        (n, w, h) => {
          const l = shelfLayout(n, { width: w, height: h }, cell);
          expect(l.perPage).toBe(l.columns * l.rows);
          expect(l.pages * l.perPage).toBeGreaterThanOrEqual(n);
          expect(w / l.columns).toBeGreaterThanOrEqual(cell.minWidth);
          expect(h / l.rows).toBeGreaterThanOrEqual(cell.minHeight);
        },
      ),
    );
  });
  it('cuts rows without losing anything', () => {
    expect(chunk([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunk([], 3)).toEqual([]);
    expect(() => chunk([1], 0)).toThrow('a chunk holds something');
  });
});
