import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { skuSchema } from '../../shared/model/catalog.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { StockLedger } from './stock-ledger.ts';

/** Whoever wants the book of goods to be lost, or to say nothing: a lost book accuses nobody, and knows no day. */
let db: Database;
let remove: () => void;
let counted: ReadonlyMap<string, number> | null;
let ledger: StockLedger;
let drawn = 0;

const day = '2030-01-01';
const lot = (count: number, over: object = {}) => ({ sku: 'cola', bestBefore: '2031-01-01', count, ...over });
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'));
  const clock = new FakeClock();
  const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(++drawn);
  ledger = new StockLedger({
    ...{ database: db, counted: () => counted, clock, nowMs: () => clock.nowMs() },
    heard: () => null,
    ...{ random: { bytes }, logger: silentLogger },
  });
});
afterEach(() => {
  db.close();
  remove();
});

test('a lot of more pieces than can be read again is refused, and the book stays', () => {
  counted = new Map([['cola', 3]]);
  ledger.before('visit-1');
  unwrap(ledger.addLot(lot(1_000), day));
  expect(ledger.addLot(lot(1_000), day)).toMatchObject({ ok: false, error: { code: 'full' } });
  expect(ledger.book()?.lots).toEqual([lot(1_000)]);
  // What a thief took is a difference still.
  counted = new Map([['cola', 1]]);
  ledger.before('visit-2');
  expect(ledger.differences(9)).toMatchObject([{ expected: 3, counted: 1, between: ['visit-1'] }]);
});

test('a step that makes a book which cannot be read is left out, and the book stays', () => {
  counted = new Map([['cola', 99_999]]);
  ledger.before('visit-1');
  const before = ledger.book();
  expect(ledger.after([], [{ sku: 'cola', quantity: 9, confidence: 1, sources: ['tags'] }]).ok).toBe(true);
  expect(ledger.book()).toEqual(before);
});

describe.each(['constructor', 'toString', 'hasOwnProperty'])('an article named %s', (sku) => {
  test('that is new accuses nobody, and leaves the book as it can be read', () => {
    counted = new Map([['cola', 3]]);
    ledger.before('visit-1');
    ledger.after([{ sku, count: 1 }], []);
    expect(ledger.book()?.counts).toEqual({ cola: 3 });
    counted = new Map([
      ['cola', 3],
      [sku, 2],
    ]);
    ledger.before('visit-2');
    expect(ledger.differences(9)).toEqual([]);
    expect(ledger.book()).not.toBeNull();
  });

  test('is counted as any other', () => {
    counted = new Map([[sku, 3]]);
    ledger.before('visit-1');
    unwrap(ledger.addLot(lot(2, { sku }), day));
    ledger.after([{ sku, count: 1 }], []);
    counted = new Map([[sku, 1]]);
    ledger.before('visit-2');
    expect(ledger.differences(9)).toMatchObject([{ sku, expected: 2, counted: 1 }]);
    expect(ledger.book()?.lots).toEqual([lot(1, { sku })]);
  });
});

test('no article is named __proto__', () => {
  expect(skuSchema.safeParse('__proto__').success).toBe(false);
  expect(['constructor', '__proto', '-'].every((sku) => skuSchema.safeParse(sku).success)).toBe(true);
});

test('what was held as gone and lies there after all is past its day still', () => {
  counted = new Map([['cola', 3]]);
  ledger.before('visit-1');
  unwrap(ledger.addLot(lot(1), day));
  // Held: nobody heard it any more. At the next count it is heard again.
  ledger.after([{ sku: 'cola', count: 1 }], []);
  expect(ledger.book()?.lots).toEqual([]);
  ledger.before('visit-2');
  expect(ledger.differences(9)).toMatchObject([{ expected: 2, counted: 3 }]);
  expect(ledger.book()?.lots).toEqual([lot(1)]);
});
