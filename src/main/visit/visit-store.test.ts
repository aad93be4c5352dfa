import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { VisitStore, journalForgetMax, journalKeptMs, visitJsonMaxLength } from './visit-store.ts';

let db: Database;
let store: VisitStore;
let clock: FakeClock;
let path: string;
let removeFolder: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  db = mustOpen(path, clock);
  store = new VisitStore(db, clock);
});
afterEach(() => {
  removeFolder();
});

test('after a restart the active visit is there as it was stored last, with all that happened', async () => {
  expect(store.loadActive()).toEqual({ ok: true, value: null });
  const startMs = clock.nowMs();
  const event = { type: 'authorised', member: '王*' };
  expect(store.save('V1', { value: 'preparing' }, event, true).ok).toBe(true);
  await clock.advance(500);
  store.save('V1', { value: 'shopping', basket: [1, '茶'] }, { type: 'door' }, true);
  const later = new VisitStore(mustOpen(path, clock), clock);
  expect(later.loadActive()).toEqual({
    ok: true,
    value: {
      visitId: 'V1',
      currency: null,
      state: { value: 'shopping', basket: [1, '茶'] },
      savedAtMs: startMs + 500,
    },
  });
  expect(later.journal('V1')).toEqual({
    ok: true,
    value: [
      { seq: 1, atMs: startMs, type: 'authorised', data: { member: '王*' } },
      { seq: 2, atMs: startMs + 500, type: 'door', data: {} },
    ],
  });
});

test('a visit that has ended is not taken up again, and the next may begin', () => {
  store.save('V1', {}, { type: 'a' }, true);
  store.save('V1', {}, { type: 'b' }, false);
  expect(store.loadActive()).toEqual({ ok: true, value: null });
  store.save('V2', {}, { type: 'a' }, true);
  expect(store.loadActive()).toMatchObject({ value: { visitId: 'V2' } });
});

test('two visits at once are a bug, and the first stays', () => {
  store.save('V1', {}, { type: 'a' }, true);
  expect(() => store.save('V2', {}, { type: 'a' }, true)).toThrow(/UNIQUE/);
  expect(store.loadActive()).toMatchObject({ value: { visitId: 'V1' } });
  expect(store.journal('V2')).toEqual({ ok: true, value: [] });
});

test('joins an outer transaction', () => {
  db.transaction(() => {
    store.save('V1', {}, { type: 'a' }, true);
    return fail('test.no', 'the charge could not be stored');
  });
  expect(store.loadActive()).toEqual({ ok: true, value: null });
});

test('the journal cannot be changed', () => {
  store.save('V1', {}, { type: 'a' }, true);
  for (const sql of ["UPDATE visit_event SET type = 'b'", 'DELETE FROM visit_event']) {
    const harm = () =>
      db.transaction(() => {
        db.prepare(sql).run();
        return ok();
      });
    expect(harm).toThrow(/append-only/);
  }
});

describe('old entries', () => {
  const run = (sql: string): void => {
    db.transaction(() => {
      db.prepare(sql).run();
      return ok();
    });
  };
  const charge = (visit: string, state: string): void =>
    run(`INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state,
      total_minor, billed_minor, body_json, body_sha256, opened_ms, updated_ms)
      VALUES ('KM${visit}', '${visit}', 'M', 'M', 'C', 'CNY', '${state}', 5, 5, '{}', 'x', 1, 1)`);
  const entriesOf = (visit: string): number => {
    const read = store.journal(visit);
    return read.ok ? read.value.length : -1;
  };
  const ended = (visit: string): void => {
    store.save(visit, {}, { type: 'a' }, false);
  };

  test('go after 90 days, not a moment before', () => {
    ended('V1');
    clock.jumpWall(journalKeptMs - 1);
    ended('V0');
    expect(store.forgetOld()).toEqual({ ok: true, value: 0 });
    clock.jumpWall(1);
    ended('V2');
    // The entry of its journal, and the visit.
    expect(store.forgetOld()).toEqual({ ok: true, value: 2 });
    expect([entriesOf('V1'), entriesOf('V2')]).toEqual([0, 1]);
  });

  test('stay while the visit runs, its charge is open or a dispute is on its way', () => {
    for (const visit of ['VPAID', 'VVOID', 'VOPEN', 'VDOUBT', 'VHUMAN', 'VTOLD']) ended(visit);
    store.save('VRUNS', {}, { type: 'a' }, true);
    charge('VPAID', 'paid');
    charge('VVOID', 'voided');
    charge('VOPEN', 'collecting');
    charge('VDOUBT', 'in_doubt');
    charge('VHUMAN', 'needs_attention');
    charge('VTOLD', 'paid');
    run(
      'INSERT INTO dispute (dispute_id, charge_id, skus_json, created_ms, next_attempt_ms) ' +
        "VALUES ('D', 'KMVTOLD', '[]', 1, 1)",
    );
    clock.jumpWall(journalKeptMs * 2);
    ended('VNEW');
    expect(store.forgetOld()).toEqual({ ok: true, value: 4 });
    const kept = ['VPAID', 'VVOID', 'VOPEN', 'VDOUBT', 'VHUMAN', 'VTOLD', 'VRUNS', 'VNEW'].map(entriesOf);
    expect(kept).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    for (const visit of ['VOPEN', 'VTOLD', 'VRUNS', 'VNEW'])
      for (const table of ['visit_event', 'visit'])
        expect(() => run(`DELETE FROM ${table} WHERE visit_id = '${visit}'`)).toThrow(/append-only|needed/);
  });

  test('go a bounded number at a time, the oldest first', () => {
    db.transaction(() => {
      for (let i = 0; i <= journalForgetMax; i++) store.save('V1', {}, { type: `e${i}` }, false);
      return ok();
    });
    clock.jumpWall(journalKeptMs * 2);
    ended('V2');
    expect(store.forgetOld()).toEqual({ ok: true, value: journalForgetMax });
    expect(store.forgetOld()).toEqual({ ok: true, value: 2 });
    expect(store.forgetOld()).toEqual({ ok: true, value: 0 });
  });
});

test('a state beyond the bound, or none, is a bug', () => {
  expect(() => store.save('V1', 'x'.repeat(visitJsonMaxLength), { type: 'a' }, true)).toThrow(/too large/);
  expect(() => store.save('V1', undefined, { type: 'a' }, true)).toThrow(/none/);
  expect(store.loadActive()).toEqual({ ok: true, value: null });
});
