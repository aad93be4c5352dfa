import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { ok } from '../../../shared/result.ts';
import { openDatabase } from '../database.ts';
import type { Database } from '../database.ts';
import { makeScratchFolder, testKeyHex } from '../../../testkit/main/storage/scratch.ts';
import { migrations } from './index.ts';
import type { Migration } from './migration.ts';

let path: string;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
});
afterEach(() => {
  removeFolder();
});

const rows = (db: Database, sql: string) => {
  const read = db.read(() => db.prepare(sql).all());
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};
const open = (steps: readonly Migration[]) =>
  openDatabase({ path, keyHex: testKeyHex, clock: systemClock, migrations: steps });
const must = (steps: readonly Migration[]): Database => {
  const opened = open(steps);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

test('the schema is the one on record (schema.snapshot.sql)', () => {
  const schema = rows(must(migrations), 'SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name')
    .map((row) => `${String(row['sql'])};\n`)
    .join('\n');
  const snapshot = join(import.meta.dirname, '..', 'schema.snapshot.sql');
  // After adding a migration: KAIMEN_WRITE_SNAPSHOT=1 writes it anew; the change is then seen in review.
  if (process.env['KAIMEN_WRITE_SNAPSHOT'] === '1') writeFileSync(snapshot, schema);
  expect(schema).toBe(readFileSync(snapshot, 'utf8'));
});

test('numbers without gaps, one name each', () => {
  expect(migrations.map((step) => step.version)).toEqual(migrations.map((_, i) => i + 1));
  expect(new Set(migrations.map((step) => step.name)).size).toBe(migrations.length);
});

const one: Migration = { version: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER) STRICT' };
const two: Migration = {
  version: 2,
  name: 'two',
  sql: 'ALTER TABLE a ADD COLUMN y TEXT; CREATE TABLE b (z INTEGER) STRICT',
};

test('an older file is brought forward and keeps what it holds', () => {
  const old = must([one]);
  old.transaction(() => {
    old.prepare('INSERT INTO a (x) VALUES (?)').run(7);
    return ok();
  });
  old.close();
  const now = must([one, two]);
  expect(rows(now, 'SELECT x, y FROM a')).toEqual([{ x: 7, y: null }]);
  expect(rows(now, 'PRAGMA user_version')).toEqual([{ user_version: 2 }]);
});

test('what waits for a human from before is asked about; what was refused is not', () => {
  const old = must(migrations.slice(0, 7));
  old.transaction(() => {
    const insert =
      old.prepare(`INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency,
      state, total_minor, billed_minor, reason, body_json, body_sha256, attempts, next_attempt_ms, opened_ms,
      updated_ms)
      VALUES (?, ?, 'm', 'm', 'c', 'CNY', ?, 500, ?, ?, '{}', 'x', 3, ?, 1, 9)`);
    insert.run('looked-at', 'v1', 'needs_attention', 500, 'recognition.reader_lost', null);
    insert.run('over-a-cap', 'v2', 'needs_attention', 500, 'system.rejected', null);
    insert.run('conflict', 'v3', 'needs_attention', null, 'system.conflict', null);
    insert.run('refused', 'v4', 'needs_attention', null, 'system.rejected', 77);
    insert.run('paid', 'v5', 'paid', 500, null, null);
    return ok();
  });
  old.close();
  const now = must(migrations);
  expect(
    rows(now, 'SELECT charge_id, next_attempt_ms, attempts, resolved_ms FROM charge ORDER BY visit_id'),
  ).toEqual([
    { charge_id: 'looked-at', next_attempt_ms: 9, attempts: 0, resolved_ms: null },
    { charge_id: 'over-a-cap', next_attempt_ms: 9, attempts: 0, resolved_ms: null },
    { charge_id: 'conflict', next_attempt_ms: 9, attempts: 0, resolved_ms: null },
    { charge_id: 'refused', next_attempt_ms: 77, attempts: 3, resolved_ms: null },
    { charge_id: 'paid', next_attempt_ms: null, attempts: 3, resolved_ms: null },
  ]);
});

test.each([8, 9])('what waits for a human and version %i asked about no more is due again', (version) => {
  const old = must(migrations.slice(0, version));
  old.transaction(() => {
    const insert =
      old.prepare(`INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency,
      state, total_minor, billed_minor, reason, body_json, body_sha256, attempts, next_attempt_ms, opened_ms,
      updated_ms)
      VALUES (?, ?, 'm', 'm', 'c', 'CNY', ?, 500, ?, ?, '{}', 'x', 38, ?, 1, 9)`);
    insert.run('given-up', 'v1', 'needs_attention', 500, 'recognition.reader_lost', null);
    insert.run('asked', 'v2', 'needs_attention', 500, 'recognition.reader_lost', 70);
    insert.run('refused', 'v3', 'needs_attention', null, 'system.rejected', 77);
    insert.run('paid', 'v4', 'paid', 500, null, null);
    return ok();
  });
  old.close();
  const now = must(migrations);
  expect(rows(now, 'SELECT charge_id, next_attempt_ms FROM charge ORDER BY visit_id')).toEqual([
    { charge_id: 'given-up', next_attempt_ms: 9 },
    { charge_id: 'asked', next_attempt_ms: 70 },
    { charge_id: 'refused', next_attempt_ms: 77 },
    { charge_id: 'paid', next_attempt_ms: null },
  ]);
});

test('a decision of before gives way to another one, whatever its time', () => {
  const old = must(migrations.slice(0, 13));
  old.transaction(() => {
    old
      .prepare(
        `INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state, total_minor,
          billed_minor, body_json, body_sha256, attempts, next_attempt_ms, opened_ms, updated_ms,
          resolved_how, resolved_by, resolved_ms, resolved_minor)
        VALUES ('KM1', 'v1', 'm', 'm', 'c', 'CNY', 'needs_attention', 500, 300, '{}', 'x', 0, 7, 1, 9,
          'adjusted', 'support', 7, 300)`,
      )
      .run();
    return ok();
  });
  old.close();
  const now = must(migrations);
  const set = (change: string) =>
    now.transaction(() => {
      now.prepare(`UPDATE charge SET ${change}`).run();
      return ok();
    });
  expect(() => set('resolved_ms = 7, resolved_minor = 501')).toThrow(/never rises/);
  expect(set(`resolved_how = 'debited', resolved_ms = 3, resolved_minor = 500`).ok).toBe(true);
  expect(rows(now, 'SELECT resolved_how, resolved_ms FROM charge')).toEqual([
    { resolved_how: 'debited', resolved_ms: 3 },
  ]);
});

/** A file of this version with one charge, and reports of it. */
function withReports(version: number, insert: (old: Database) => void): void {
  const old = must(migrations.slice(0, version));
  old.transaction(() => {
    old
      .prepare(
        `INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state, opened_ms,
       updated_ms) VALUES ('C', 'V', 'M', 'm', 'CAB', 'CNY', 'open', 1, 1)`,
      )
      .run();
    insert(old);
    return ok();
  });
  old.close();
}

test('a report that was sent long ago is not told again', () => {
  const dayMs = 86_400_000;
  withReports(14, (old) => {
    const insert = old.prepare(
      `INSERT INTO dispute (dispute_id, charge_id, skus_json, created_ms, sent_ms) VALUES (?, 'C', '[]', 1, ?)`,
    );
    insert.run('old', dayMs);
    insert.run('new', 40 * dayMs);
  });
  const select = 'SELECT dispute_id, told_count, without_charge_ms FROM dispute ORDER BY dispute_id';
  expect(rows(must(migrations), select)).toEqual([
    { dispute_id: 'new', told_count: 0, without_charge_ms: null },
    { dispute_id: 'old', told_count: 5, without_charge_ms: null },
  ]);
});

test('a report that was taken, and refused when it was told again, counts as told', () => {
  withReports(17, (old) => {
    const insert = old.prepare(
      `INSERT INTO dispute (dispute_id, charge_id, skus_json, created_ms, next_attempt_ms, sent_ms, refused, again_ms)
       VALUES (?, 'C', '[]', 1, ?, ?, ?, ?)`,
    );
    insert.run('refused', null, null, 'operator.refused', null);
    insert.run('sent', null, 6, null, 5);
    insert.run('taken', null, null, 'operator.refused', 7);
    insert.run('waits', 9, null, null, 8);
  });
  const select = 'SELECT dispute_id, next_attempt_ms, sent_ms, refused FROM dispute ORDER BY dispute_id';
  expect(rows(must(migrations), select)).toEqual([
    { dispute_id: 'refused', next_attempt_ms: null, sent_ms: null, refused: 'operator.refused' },
    { dispute_id: 'sent', next_attempt_ms: null, sent_ms: 6, refused: null },
    { dispute_id: 'taken', next_attempt_ms: null, sent_ms: 7, refused: null },
    { dispute_id: 'waits', next_attempt_ms: 9, sent_ms: null, refused: null },
  ]);
});

test('a file from before opening offline has no policy, nobody denied and no used code', () => {
  must(migrations.slice(0, 18)).close();
  const now = must(migrations);
  for (const table of ['offline_policy', 'offline_denied', 'used_code'])
    expect(rows(now, `SELECT * FROM ${table}`)).toEqual([]);
});

test('a file from before service mode has nobody in it', () => {
  must(migrations.slice(0, 20)).close();
  const now = must(migrations);
  for (const table of ['service_list', 'service_pin', 'service_throttle', 'service_act'])
    expect(rows(now, `SELECT * FROM ${table}`)).toEqual([]);
  now.close();
});

test('a step that fails leaves the file at the version before, whole', () => {
  must([one]).close();
  const broken: Migration = {
    version: 2,
    name: 'broken',
    sql: 'ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO nowhere VALUES (1)',
  };
  expect(() => open([one, broken])).toThrow(/nowhere/);
  const back = must([one]);
  expect(rows(back, 'PRAGMA table_info(a)').map((row) => row['name'])).toEqual(['x']);
  back.close();
  expect(rows(must([one, two]), 'PRAGMA table_info(a)').map((row) => row['name'])).toEqual(['x', 'y']);
});
