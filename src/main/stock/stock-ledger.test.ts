import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import { StockLedger, differencesKept } from './stock-ledger.ts';

let path: string;
let db: Database;
let remove: () => void;
let counted: ReadonlyMap<string, number> | null;
let heard: ReadonlyMap<string, readonly string[]> | null;
let clock: FakeClock;
let ledger: StockLedger;

const start = (): void => {
  let drawn = 0;
  const bytes = (size: number): Uint8Array => {
    const all = new Uint8Array(size);
    new DataView(all.buffer).setUint32(0, ++drawn);
    return all;
  };
  const nowMs = (): number => clock.nowMs();
  ledger = new StockLedger({
    ...{ database: db, counted: () => counted, clock, nowMs, random: { bytes }, logger: silentLogger },
    heard: () => heard,
  });
};
/** Tags by article; each is one piece. */
const lie = (tags: Record<string, readonly string[]>): void => {
  heard = new Map(Object.entries(tags));
  counted = new Map([...heard].map(([sku, epcs]) => [sku, epcs.length]));
};
const lies = (counts: Record<string, number>): void => {
  counted = new Map(Object.entries(counts));
};
beforeEach(() => {
  const scratch = makeScratchFolder();
  path = join(scratch.path, 'kaimen.db');
  remove = scratch.remove;
  db = mustOpen(path);
  clock = new FakeClock();
  heard = null;
  start();
});
afterEach(() => {
  db.close();
  remove();
});

test('a piece that went between two visits is shrink, and stays so over a power cut', () => {
  lies({ cola: 3 });
  ledger.before('visit-1');
  ledger.after([{ sku: 'cola', count: 1 }], []);
  db.close();
  db = mustOpen(path);
  start();
  lies({ cola: 1 });
  ledger.before('visit-2');
  expect(ledger.differences(9)).toMatchObject([
    { sku: 'cola', expected: 2, counted: 1, between: ['visit-1'], betweenCount: 1 },
  ]);
  expect(ledger.book()).toMatchObject({ counts: { cola: 1 }, between: ['visit-2'] });
});

test('the power goes in the middle of a step: it is as if the step had never begun', () => {
  lies({ cola: 3 });
  ledger.before('visit-1');
  const before = ledger.book();
  // What the visit commits together is undone together.
  db.transaction(() => {
    ledger.after([{ sku: 'cola', count: 1 }], []);
    return fail('storage', 'the plug was pulled');
  });
  expect(ledger.book()).toEqual(before);
  lies({ cola: 2 });
  db.transaction(() => {
    ledger.before('visit-2');
    return fail('storage', 'the plug was pulled');
  });
  expect([ledger.book(), ledger.differences(9)]).toEqual([before, []]);
});

test('while something is undecided nothing is counted, and the visit between is named later', () => {
  lies({ cola: 3 });
  ledger.before('visit-1');
  counted = null;
  ledger.before('visit-2');
  lies({ cola: 2 });
  ledger.before('visit-3');
  expect(ledger.differences(9)).toMatchObject([{ between: ['visit-1', 'visit-2'], betweenCount: 2 }]);
});

test('what cannot be read begins anew, and accuses nobody', () => {
  lies({ cola: 3 });
  ledger.before('visit-1');
  for (const text of ['', '{', '{"counts":{"cola":"3"}}', '{"counts":{"../x":3},"sinceMs":1}']) {
    db.transaction(() => {
      db.prepare('UPDATE stock_book SET book_json = ?').run(text);
      return ok();
    });
    expect(ledger.book()).toBeNull();
    lies({ cola: 1 });
    expect(ledger.before('visit-2').ok).toBe(true);
    expect(ledger.differences(9)).toEqual([]);
  }
});

test('a difference never changes, is told once, and of very many the newest stay', () => {
  // In one commit: what is tried is not how long a disk takes.
  db.transaction(() => {
    for (let i = 0; i <= differencesKept + 5; i++) {
      lies({ cola: i % 2 });
      ledger.before('visit');
    }
    return ok();
  });
  expect(ledger.differences(differencesKept * 2)).toHaveLength(differencesKept);
  const [first] = ledger.untold(1);
  expect(ledger.told(first === undefined ? [] : [first]).ok).toBe(true);
  expect(ledger.untold(1)[0]?.id).not.toBe(first?.id);
  const change = () =>
    db.transaction(() => {
      db.prepare("UPDATE stock_difference SET difference_json = '{}'").run();
      return ok();
    });
  expect(change).toThrow('never changes');
});

test('whoever shows it hears of a change after it is committed', async () => {
  let heard = 0;
  ledger.onChange(() => void heard++);
  lies({ cola: 1 });
  db.transaction(() => {
    ledger.before('visit-1');
    expect(heard).toBe(0);
    return ok();
  });
  await clock.advance(1);
  expect(heard).toBe(1);
});

test('by tag: which piece is past its day is known over a power cut, and whichever is taken first', () => {
  lie({ cola: [] });
  ledger.before('service:7001');
  unwrap(ledger.addLot({ sku: 'cola', bestBefore: '2020-02-01', count: 1 }, '2020-01-01'));
  lie({ cola: ['E201'] });
  if (counted === null) throw new Error('counted above');
  unwrap(ledger.accept(counted, () => ok()));
  ledger.before('service:7001');
  unwrap(ledger.addLot({ sku: 'cola', bestBefore: '2029-01-01', count: 1 }, '2020-01-01'));
  lie({ cola: ['E201', 'E202'] });
  unwrap(ledger.accept(counted, () => ok()));
  db.close();
  db = mustOpen(path);
  start();
  expect(ledger.pastDay()).toEqual(new Map([['cola', new Set(['E201'])]]));
  // The new one is taken: the old one stays named, at the next count by its tag.
  ledger.before('visit-1');
  ledger.after([{ sku: 'cola', count: 1 }], []);
  lie({ cola: ['E201'] });
  ledger.before('visit-2');
  expect(ledger.expired()).toEqual(new Map([['cola', 1]]));
  expect(ledger.differences(9)).toEqual([]);
});
