import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ok } from '../../shared/result.ts';
import { salesOf } from './sales.ts';

const [dayMs, hourMs] = [86_400_000, 3_600_000];
/** 10:00 in the morning, eight hours east of UTC. */
const nowMs = 20_000 * dayMs + 2 * hourMs;
const offsetMs = 8 * hourMs;
let db: Database;
let remove: () => void;
let number: number;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [remove, number] = [scratch.remove, 0];
  db = mustOpen(join(scratch.path, 'kaimen.db'));
});
afterEach(() => {
  db.close();
  remove();
});

interface Sold {
  readonly state?: string;
  readonly currency?: string;
  readonly billedMinor?: number;
}
function sold(
  openedMs: number,
  totalMinor: number,
  { state = 'paid', currency = 'CNY', billedMinor }: Sold = {},
) {
  number++;
  unwrap(
    db.transaction(() => {
      db.prepare(
        `INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state, total_minor,
           billed_minor, body_json, body_sha256, opened_ms, updated_ms)
         VALUES (?, ?, 'm', 'm', 'K', ?, ?, ?, ?, '{}', 'x', ?, 0)`,
      ).run(`KM${number}`, `V${number}`, currency, state, totalMinor, billedMinor ?? null, openedMs);
      return ok();
    }),
  );
}

test('purchases fall on local days, and on the seven days up to today', () => {
  sold(nowMs, 500);
  // Midnight was ten hours ago: one a moment before it, one at it.
  sold(nowMs - 10 * hourMs - 1, 300);
  sold(nowMs - 10 * hourMs, 200, { billedMinor: 150 });
  sold(nowMs - 8 * dayMs, 90);
  const { days, weeks, endMs, currency } = unwrap(salesOf(db, 'CNY', { nowMs, offsetMs }));
  expect([days.length, weeks.length, endMs, currency]).toEqual([14, 8, nowMs + 14 * hourMs, 'CNY']);
  expect(days.slice(-2)).toEqual([
    { count: 1, sumMinor: 300 },
    { count: 2, sumMinor: 650 },
  ]);
  expect(weeks.slice(-2)).toEqual([
    { count: 1, sumMinor: 90 },
    { count: 3, sumMinor: 950 },
  ]);
});

test('nothing was sold where nothing is to be paid, in another currency, too long ago, or tomorrow', () => {
  sold(nowMs, 0);
  sold(nowMs, 500, { state: 'voided' });
  sold(nowMs, 500, { currency: 'USD' });
  sold(nowMs - 57 * dayMs, 500);
  sold(nowMs + 14 * hourMs, 500);
  const { days, weeks } = unwrap(salesOf(db, 'CNY', { nowMs, offsetMs }));
  expect([...days, ...weeks].reduce((sum, one) => sum + one.count, 0)).toBe(0);
});
