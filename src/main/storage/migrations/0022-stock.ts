import type { Migration } from './migration.ts';

/**
 * What should lie in the cabinet, and where a count has differed from it. A difference never changes; it goes when it is old
 * and there are very many.
 */
export const stock: Migration = {
  version: 22,
  name: 'stock',
  sql: `
CREATE TABLE stock_book (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  book_json TEXT NOT NULL
) STRICT;
CREATE TABLE stock_difference (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  difference_json TEXT NOT NULL,
  is_told INTEGER NOT NULL DEFAULT 0 CHECK (is_told IN (0, 1))
) STRICT;
CREATE INDEX stock_difference_untold ON stock_difference (seq) WHERE is_told = 0;
CREATE TRIGGER stock_difference_said BEFORE UPDATE OF id, difference_json ON stock_difference
BEGIN SELECT RAISE(ABORT, 'a difference of stock never changes'); END;
`,
};
