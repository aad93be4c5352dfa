import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { idRandomByteCount, makeChargeId, makeVisitId } from '../../shared/ids.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import type { ShelfEvent } from '../../shared/model/evidence.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { must } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { retentionJob } from '../retention-job.ts';
import { evidenceMigrations } from './evidence-schema.ts';
import {
  type EvidenceLimits,
  EvidenceStore,
  evidenceFileName,
  forgetMax,
  partBytesMax,
  visitBytesMax,
} from './evidence-store.ts';

const dayMs = 86_400_000;
const vaultKeyHex = 'c3'.repeat(32);
const limits: EvidenceLimits = { cleanDays: 7, flaggedDays: 30, disputedDays: 180, megabytesMax: 200 };
const visit = (n: number): VisitId => makeVisitId(n, new Uint8Array(idRandomByteCount).fill(n));
const chargeOf = (n: number): ChargeId => makeChargeId(n, new Uint8Array(idRandomByteCount).fill(n));
const door = (atMs: number): ShelfEvent => ({ kind: 'door', atMs, door: 'open' });
/** One event of about so many bytes. */
const large = (bytes: number): ShelfEvent => ({
  kind: 'tags',
  atMs: 1,
  heard: 1,
  came: Array.from({ length: Math.floor(bytes / 67) }, (_, i) =>
    i.toString(16).toUpperCase().padStart(64, '0'),
  ),
  gone: [],
});

let scratch: ReturnType<typeof makeScratchFolder>;
let store: EvidenceStore;
const open = (
  change: Partial<EvidenceLimits> = {},
  keyHex = vaultKeyHex,
): ReturnType<typeof EvidenceStore.open> =>
  EvidenceStore.open({
    path: join(scratch.path, evidenceFileName),
    vaultKeyHex: keyHex,
    limits: { ...limits, ...change },
    clock: new FakeClock(),
    logger: silentLogger,
  });
const reopen = (change: Partial<EvidenceLimits> = {}): void => {
  must(store.close());
  store = must(open(change));
};
function keep(n: number, atMs: number, why: 'flagged' | 'disputed' | null, events = [door(atMs)]): void {
  must(store.begin(visit(n), chargeOf(n), atMs));
  must(store.append(visit(n), events));
  must(store.end(visit(n), why === 'disputed' ? null : why, atMs));
  if (why === 'disputed') must(store.disputed([chargeOf(n)]));
}
const none: ReadonlySet<VisitId> = new Set();
/** Takes all that is due, as the operator would. */
function allDue(): { visitId: VisitId; events: number }[] {
  const told = [];
  for (let due = must(store.nextDue(none)); due !== null; due = must(store.nextDue(none))) {
    told.push({ visitId: due.visitId, events: due.events.length });
    must(store.told(due));
  }
  return told;
}

beforeEach(() => {
  scratch = makeScratchFolder();
  store = must(open());
});
afterEach(() => {
  store.close();
  scratch.remove();
});

describe('EvidenceStore', () => {
  it('tells nothing of a visit with which nothing is wrong, nor before it has ended', () => {
    keep(1, 1, null);
    must(store.begin(visit(2), chargeOf(2), 2));
    must(store.append(visit(2), [door(2)]));
    must(store.disputed([chargeOf(2)]));
    expect(must(store.nextDue(none))).toBeNull();
    must(store.end(visit(2), null, 3));
    expect(must(store.nextDue(none))).toMatchObject({ visitId: visit(2), why: 'disputed', isLast: true });
  });

  it('tells of a visit that is disputed later, once', () => {
    keep(1, 1, null);
    must(store.disputed([chargeOf(1)]));
    expect(allDue()).toEqual([{ visitId: visit(1), events: 1 }]);
    must(store.disputed([chargeOf(1)]));
    expect(allDue()).toEqual([]);
  });

  it('goes on after a restart with what was not told, and with the visit that was under way', () => {
    must(store.begin(visit(1), chargeOf(1), 1));
    must(store.append(visit(1), [large(partBytesMax * 0.4), large(partBytesMax * 0.4)]));
    reopen();
    must(store.begin(visit(1), chargeOf(1), 9));
    must(store.append(visit(1), [large(partBytesMax * 0.4), door(9)]));
    must(store.end(visit(1), 'flagged', 10));
    const first = must(store.nextDue(none));
    expect(first).toMatchObject({ part: 0, isLast: false });
    must(store.told(first!));
    reopen();
    const rest = must(store.nextDue(none));
    expect(rest).toMatchObject({ part: first!.nextPart, isLast: true });
    expect([...first!.events, ...rest!.events].length).toBe(4);
    expect(rest!.events.at(-1)).toEqual(door(9));
  });

  it('says the same part again until it is known to have arrived', () => {
    keep(1, 1, 'flagged');
    expect(must(store.nextDue(none))).toEqual(must(store.nextDue(none)));
  });

  it('has many small parts in one message, and none is longer than a message may be', () => {
    must(store.begin(visit(1), chargeOf(1), 1));
    for (let i = 0; i < 60; i++) must(store.append(visit(1), [door(i)]));
    must(
      store.append(
        visit(1),
        Array.from({ length: 20 }, () => large(4_000)),
      ),
    );
    must(store.end(visit(1), 'flagged', 2));
    const told = [];
    for (let due = must(store.nextDue(none)); due !== null; due = must(store.nextDue(none))) {
      expect(JSON.stringify(due.events).length).toBeLessThanOrEqual(partBytesMax + 2);
      told.push(due.events.length);
      must(store.told(due));
    }
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(80);
    expect(told.length).toBeLessThanOrEqual(4);
  });

  it('a picture that comes when all was told is told after it, within the room that there is', () => {
    keep(1, 1, 'flagged');
    expect(allDue()).toMatchObject([{ visitId: visit(1) }]);
    must(store.append(visit(1), [door(2)]));
    expect(allDue()).toEqual([{ visitId: visit(1), events: 1 }]);
  });

  it('keeps no more of one visit than there is room for, and says how much was left out', () => {
    must(store.begin(visit(1), chargeOf(1), 1));
    for (let i = 0; i < 60; i++) must(store.append(visit(1), [large(16_000)]));
    must(store.end(visit(1), 'flagged', 2));
    let [bytes, events, dropped] = [0, 0, 0];
    for (let due = must(store.nextDue(none)); due !== null; due = must(store.nextDue(none))) {
      bytes += JSON.stringify(due.events).length;
      events += due.events.length;
      dropped = due.dropped;
      must(store.told(due));
    }
    expect(bytes).toBeLessThanOrEqual(visitBytesMax + 1_000);
    expect(events + dropped).toBe(60);
    expect(dropped).toBeGreaterThan(10);
  });

  it('ends a visit that was cut off, for somebody to look at, and passes by one that is put off', () => {
    must(store.begin(visit(1), chargeOf(1), 1));
    must(store.append(visit(1), [door(1)]));
    keep(2, 2, 'flagged');
    expect(must(store.nextDue(none))).toMatchObject({ visitId: visit(1), why: 'flagged' });
    expect(must(store.nextDue(new Set([visit(1)])))).toMatchObject({ visitId: visit(2) });
    expect(must(store.nextDue(new Set([visit(1), visit(2)])))).toBeNull();
  });

  it('deletes by age: 7 days, 30 when flagged, 180 when disputed; each deletion is on record', () => {
    keep(1, 0, null);
    keep(2, 0, 'flagged');
    keep(3, 0, 'disputed');
    expect(must(store.forgetOld(7 * dayMs - 1))).toBe(0);
    const gone = (): unknown[] => must(store.deletions(9)).map((row) => [row['visit_id'], row['reason']]);
    expect(must(store.forgetOld(7 * dayMs))).toBe(1);
    expect(must(store.forgetOld(30 * dayMs))).toBe(1);
    expect(must(store.forgetOld(180 * dayMs - 1))).toBe(0);
    expect(must(store.forgetOld(180 * dayMs))).toBe(1);
    expect(gone()).toEqual([3, 2, 1].map((n) => [visit(n), 'age']));
    expect(must(store.nextDue(none))).toBeNull();
  });

  it('makes room with the oldest of what nobody asked for', () => {
    reopen({ megabytesMax: 1 });
    const much = Array.from({ length: 20 }, () => large(16_000));
    keep(1, 1, 'disputed', much);
    keep(2, 2, 'flagged', much);
    keep(3, 3, null, much);
    keep(4, 4, null, much);
    expect(must(store.makeRoom(dayMs))).toBe(1);
    expect(must(store.deletions(9))).toMatchObject([{ visit_id: visit(3), reason: 'room' }]);
    expect(must(store.makeRoom(dayMs))).toBe(0);
  });

  it('makes room also while nobody has said what time it is', () => {
    reopen({ megabytesMax: 1 });
    const much = Array.from({ length: 20 }, () => large(16_000));
    for (const n of [1, 2, 3, 4]) keep(n, n, null, much);
    const makeRoom = () => store.makeRoom(5);
    const about = { name: 'x', log: 'evidence', logger: silentLogger, operatorNowMs: () => null };
    retentionJob({ ...about, makeRoom, forgetOld: (nowMs) => store.forgetOld(nowMs) }).run();
    expect(must(store.deletions(9))).toMatchObject([{ visit_id: visit(1), reason: 'room' }]);
  });

  it('deletes a few at a time, and never the visit that is under way', () => {
    for (let n = 1; n <= forgetMax + 5; n++) keep(n, n, null);
    must(store.begin(visit(99), chargeOf(99), 1));
    expect(must(store.forgetOld(400 * dayMs))).toBe(forgetMax);
    expect(must(store.forgetOld(400 * dayMs))).toBe(5);
    expect(must(store.forgetOld(400 * dayMs))).toBe(0);
    must(store.append(visit(99), [door(1)]));
    must(store.end(visit(99), 'flagged', 2));
    expect(allDue()).toEqual([{ visitId: visit(99), events: 1 }]);
  });

  it('cannot be read without its key, which is not that of the faces, nor be changed in what it says', () => {
    keep(1, 1, 'flagged', [large(2_000)]);
    must(store.close());
    const files = readdirSync(scratch.path).map((name) =>
      readFileSync(join(scratch.path, name)).toString('latin1'),
    );
    for (const text of files) expect(text).not.toMatch(/flagged|"heard"|SQLite format/);
    const other = open({}, 'd4'.repeat(32));
    expect(other.ok ? '' : other.error.code).toBe('storage.corrupt');
    store = must(open());
    expect(evidenceMigrations.map(({ sql }) => sql).join()).toContain('evidence is not changed');
  });
});

describe('a visit that people want to see', () => {
  it('is kept and told like a disputed one, also after a restart, and again where the operator has lost it', () => {
    keep(1, 1, null);
    expect(allDue()).toEqual([]);
    expect(must(store.wanted(visit(1)))).toBeNull();
    reopen();
    expect(must(store.forgetOld(30 * dayMs))).toBe(0);
    expect(allDue()).toEqual([{ visitId: visit(1), events: 1 }]);
    expect(must(store.wanted(visit(1)))).toBeNull();
    expect(allDue()).toEqual([{ visitId: visit(1), events: 1 }]);
  });

  it('is said to be missing, and why', () => {
    keep(1, 1, null);
    must(store.forgetOld(8 * dayMs));
    expect(must(store.wanted(visit(1)))).toBe('age');
    keep(2, 1, null, []);
    expect(must(store.wanted(visit(2)))).toBe('nothing_seen');
    expect(must(store.wanted(visit(3)))).toBe('not_kept');
    keep(4, 1, null);
    reopen({ megabytesMax: 0 });
    must(store.makeRoom(1));
    expect(must(store.wanted(visit(4)))).toBe('room');
  });
});
