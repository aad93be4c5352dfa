import { assert } from '../../../../shared/assert.ts';

interface ShelfSpace {
  readonly width: number;
  readonly height: number;
}
interface ShelfCell {
  readonly minWidth: number;
  readonly minHeight: number;
}
interface ShelfLayout {
  readonly columns: number;
  readonly rows: number;
  readonly perPage: number;
  readonly pages: number;
}

/** Width to height of a cell that shows a product best: a standing picture with its label below. */
const idealAspect = 0.82;

/**
 * How many products stand side by side and how many shelves there are. All on one page with the largest cells that the
 * space allows; when even the smallest cells do not fit, full pages of smallest cells. Same unit for space and cell.
 */
export function shelfLayout(count: number, space: ShelfSpace, cell: ShelfCell): ShelfLayout {
  assert(cell.minWidth > 0 && cell.minHeight > 0, 'a cell has a size');
  const columnMax = Math.max(1, Math.floor(space.width / cell.minWidth));
  const rowMax = Math.max(1, Math.floor(space.height / cell.minHeight));
  let best: { columns: number; rows: number; size: number } | null = null;
  for (let columns = 1; columns <= columnMax; columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    if (rows > rowMax) continue;
    const size = Math.min(space.width / columns, (space.height / rows) * idealAspect);
    if (best === null || size > best.size) best = { columns, rows, size };
  }
  if (best !== null) {
    const { columns, rows } = best;
    return { columns, rows, perPage: columns * rows, pages: 1 };
  }
  const perPage = columnMax * rowMax;
  return { columns: columnMax, rows: rowMax, perPage, pages: Math.ceil(count / perPage) };
}

/** Cuts a list into rows (or pages) of at most `size`. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  assert(Number.isSafeInteger(size) && size > 0, 'a chunk holds something');
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
