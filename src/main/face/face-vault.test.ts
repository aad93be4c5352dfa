import { cpSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { capacityLevel } from '../../core/identity/face-capacity.ts';
import { matchFace } from '../../core/identity/face-match.ts';
import { descriptorOf } from '../../testkit/core/faces.ts';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import { Database, openDatabase } from '../storage/database.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { FaceVault, expireMax, vaultFileName } from './face-vault.ts';
import { keepFace, must, templateOf } from '../../testkit/main/face/people.ts';
import { vaultMigrations } from './vault-schema.ts';

const vaultKeyHex = 'c3'.repeat(32);
const dayMs = 86_400_000;
const expiryDays = 90;

let folder: string;
let removeFolder: () => void;
let clock: FakeClock;
let logged: { event: string; fields: unknown }[];
const log = (event: string, fields?: object): unknown => logged.push({ event, fields });
const logger = { debug: log, info: log, warn: log, error: log };

beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, removeFolder] = [scratch.path, scratch.remove];
  [clock, logged] = [new FakeClock(), []];
});
afterEach(() => {
  vi.restoreAllMocks();
  removeFolder();
});

const open = (options: { plainFile?: true; dir?: string; keyHex?: string } = {}): FaceVault =>
  must(
    FaceVault.open({
      ...{ path: join(options.dir ?? folder, vaultFileName), clock, logger },
      vaultKeyHex: options.keyHex ?? vaultKeyHex,
      ...(options.plainFile === true ? { plainFile: true } : {}),
    }),
  );
function put(vault: FaceVault, index: number, phoneDigits: string | null = '0217'): void {
  must(vault.put({ template: templateOf(index), phoneDigits, consentVersion: 'v1', atMs: clock.nowMs() }));
}
const kinds = (vault: FaceVault, memberId: string): string[] =>
  must(vault.records(memberId, 100)).newest.map(({ kind }) => kind);
const names = (vault: FaceVault): string[] => vault.gallery().map(({ memberId }) => memberId);

/** The raw tables, past the vault. */
function raw(keyHex: string | null, dir = folder): Database {
  const path = join(dir, vaultFileName);
  return must(openDatabase({ path, keyHex, clock, migrations: vaultMigrations, secureDelete: true }));
}
/** What the row holds of a face, as bytes in the file: first parts, which one page holds in one piece. */
function encryptedBytes(memberId: string): Record<string, Buffer> {
  const db = raw(null);
  const row = must(
    db.read(() => db.prepare('SELECT * FROM face WHERE member_id = ? LIMIT 1').first(memberId)),
  );
  must(db.close());
  const part = (name: string): Buffer => Buffer.from(row?.[name] as ArrayBuffer).subarray(0, 48);
  return { key: part('wrapped_key'), template: part('template'), digits: part('phone_digits') };
}
/** Which of the parts are anywhere in the vault's files. */
function findIn(dir: string, parts: Record<string, Buffer>): string[] {
  const files = readdirSync(dir).filter((name) => name.startsWith(vaultFileName));
  const bytes = files.map((name) => readFileSync(join(dir, name)));
  return Object.keys(parts).filter((name) => bytes.some((all) => all.includes(parts[name] ?? 'none')));
}
const everything = ['key', 'template', 'digits'];

describe('what is kept', () => {
  test('is there after a restart, and the same face is still recognised', () => {
    const first = open();
    for (const index of [0, 1, 2]) put(first, index);
    const before = first.gallery().map((face) => ({ ...face, centroid: [...face.centroid] }));
    must(first.close());
    const vault = open();
    expect(vault.gallery().map((face) => ({ ...face, centroid: [...face.centroid] }))).toEqual(before);
    expect(matchFace(vault.gallery(), descriptorOf(1))).toMatchObject({
      value: { kind: 'accept', memberId: 'M1' },
    });
    expect(must(vault.info('M1'))).toEqual({
      ...{ enrolledAtMs: clock.nowMs(), lastUsedAtMs: null, consentVersion: 'v1', hasDigits: true },
    });
    expect(must(vault.info('M9'))).toBeNull();
  });

  test('is in no file as it is: neither template, digits, member nor table, and another key opens nothing', () => {
    const vault = open();
    // Long enough not to be found by chance in bytes that look random.
    const template = { ...templateOf(3), memberId: 'M3-of-the-vault' };
    must(vault.put({ template, phoneDigits: '0217', consentVersion: 'v1', atMs: clock.nowMs() }));
    const centroid = Buffer.from(vault.gallery()[0]!.centroid.buffer.slice(0));
    must(vault.close());
    const parts = {
      centroid: centroid.subarray(0, 64),
      member: Buffer.from(template.memberId),
      sql: Buffer.from('CREATE'),
    };
    expect(findIn(folder, parts)).toEqual([]);
    const path = join(folder, vaultFileName);
    const other = FaceVault.open({ path, vaultKeyHex: 'd4'.repeat(32), clock, logger });
    expect(other).toMatchObject({ ok: false, error: { code: 'storage.corrupt' } });
  });

  test('stands for the person only: a template in another’s row, of another key or cut is no face', () => {
    const vault = open({ plainFile: true });
    for (const index of [0, 1, 2, 3, 4]) put(vault, index);
    must(vault.close());
    const db = raw(null);
    must(
      db.transaction(() => {
        const run = (sql: string) => db.prepare(sql).run();
        run(`UPDATE face SET wrapped_key = (SELECT wrapped_key FROM face WHERE member_id = 'M1'),
          template = (SELECT template FROM face WHERE member_id = 'M1') WHERE member_id = 'M0'`);
        run("UPDATE face SET template = x'00' WHERE member_id = 'M2'");
        run("UPDATE face SET model = 'face-api-128' WHERE member_id = 'M3'");
        return ok();
      }),
    );
    must(db.close());
    const again = open({ plainFile: true });
    expect(names(again)).toEqual(['M1', 'M4']);
    expect(must(again.count())).toMatchObject({ enrolled: 5, damaged: 3 });
    expect(logged.filter(({ event }) => event === 'vault.rows_damaged')).toEqual([
      { event: 'vault.rows_damaged', fields: { count: 3 } },
    ]);
    // Who is damaged can still go.
    must(again.withdraw('M2', clock.nowMs()));
    expect(must(again.info('M2'))).toBeNull();
  });

  test('has the keys of each person encrypted separately: the same face twice is other bytes', () => {
    const vault = open({ plainFile: true });
    put(vault, 0);
    const first = encryptedBytes('M0');
    put(vault, 0);
    const second = encryptedBytes('M0');
    for (const part of everything) expect(second[part]?.equals(first[part] ?? Buffer.alloc(0))).toBe(false);
    // And of the first nothing is left.
    expect(findIn(folder, first)).toEqual([]);
    expect(names(vault)).toEqual(['M0']);
  });

  test('digits are compared, and never guessed where there are none', () => {
    const vault = open();
    put(vault, 0, '0217');
    put(vault, 1, null);
    put(vault, 2, '217');
    expect(vault.digitsAre('M0', '0217')).toBe(true);
    for (const digits of ['0218', '', '02170']) expect(vault.digitsAre('M0', digits)).toBe(false);
    expect(vault.digitsAre('M1', '0217')).toBe(false);
    expect(vault.digitsAre('M9', '0217')).toBe(false);
    expect([0, 1, 2].map((i) => must(vault.info(`M${i}`))?.hasDigits)).toEqual([true, false, false]);
  });

  test('a vault that is closed, or whose file fails, says so and throws nothing', () => {
    const vault = open();
    put(vault, 0);
    must(vault.close());
    expect(vault.gallery()).toEqual([]);
    expect(vault.digitsAre('M0', '0217')).toBe(false);
    for (const result of [
      vault.info('M0'),
      vault.withdraw('M0', clock.nowMs()),
      vault.touch('M0', 1),
      vault.records('M0', 1),
      vault.count(),
      vault.expire(clock.nowMs(), 1),
      vault.put({ template: templateOf(1), phoneDigits: null, consentVersion: 'v1', atMs: clock.nowMs() }),
    ]) {
      expect(result).toMatchObject({ ok: false, error: { code: 'storage.io' } });
    }
  });
});

describe('withdrawal', () => {
  test('the row is in the files before, and nothing of it afterwards', () => {
    const vault = open({ plainFile: true });
    for (let i = 0; i < 40; i++) put(vault, i);
    const [first, other] = [encryptedBytes('M17'), encryptedBytes('M18')];
    expect(findIn(folder, first)).toEqual(everything);
    must(vault.withdraw('M17', clock.nowMs()));
    expect(findIn(folder, first)).toEqual([]);
    expect(findIn(folder, other)).toEqual(everything);
    expect(names(vault)).toHaveLength(39);
    expect(names(vault)).not.toContain('M17');
    expect(must(vault.info('M17'))).toBeNull();
    expect(kinds(vault, 'M17')).toEqual(['withdrawn', 'enrolled']);
    must(vault.withdraw('M17', clock.nowMs()));
    expect(kinds(vault, 'M17')).toHaveLength(2);
  });

  test('deleting alone would leave it in the files: the search finds what is there', () => {
    const vault = open({ plainFile: true });
    for (let i = 0; i < 40; i++) put(vault, i);
    const first = encryptedBytes('M17');
    vi.spyOn(Database.prototype, 'eraseDeleted').mockImplementation(() => ok());
    must(vault.withdraw('M17', clock.nowMs()));
    expect(findIn(folder, first)).not.toEqual([]);
  });

  test('power lost between the deletion and the clean-up: finished at the next start', () => {
    const vault = open({ plainFile: true });
    for (let i = 0; i < 40; i++) put(vault, i);
    const first = encryptedBytes('M17');
    const after = join(folder, 'after-the-cut');
    vi.spyOn(Database.prototype, 'eraseDeleted').mockImplementation(() => {
      mkdirSync(after);
      for (const name of readdirSync(folder)) {
        if (name.startsWith(vaultFileName)) cpSync(join(folder, name), join(after, name));
      }
      return fail('storage.io', 'no power');
    });
    must(vault.withdraw('M17', clock.nowMs()));
    vi.restoreAllMocks();
    expect(findIn(after, first)).not.toEqual([]);
    const next = open({ plainFile: true, dir: after });
    expect(findIn(after, first)).toEqual([]);
    expect(names(next)).toHaveLength(39);
    expect(kinds(next, 'M17')[0]).toBe('withdrawn');
    // Where the program went on, it is made up for at the next look for old faces.
    expect(findIn(folder, first)).not.toEqual([]);
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(findIn(folder, first)).toEqual([]);
  });
});

describe('expiry', () => {
  test('takes who has not come for 90 days, and leaves nothing of them in the files', async () => {
    const vault = open({ plainFile: true });
    put(vault, 0);
    put(vault, 1);
    const [first, other] = [encryptedBytes('M0'), encryptedBytes('M1')];
    await clock.advance(60 * dayMs);
    must(vault.touch('M1', clock.nowMs()));
    await clock.advance(30 * dayMs - 1);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    await clock.advance(1);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(1));
    expect(names(vault)).toEqual(['M1']);
    expect(findIn(folder, first)).toEqual([]);
    expect(findIn(folder, other)).toEqual(everything);
    expect(kinds(vault, 'M0')).toEqual(['expired', 'enrolled']);
    expect(kinds(vault, 'M1')).toEqual(['used', 'enrolled']);
  });

  test.each<[string, () => number | null]>([
    [
      'the cabinet’s clock is ten years ahead',
      () => (clock.jumpWall(3650 * dayMs), clock.nowMs() - 3650 * dayMs),
    ],
    ['the operator’s is', () => clock.nowMs() + 3650 * dayMs],
    ['the operator has not told the time', () => (clock.jumpWall(3650 * dayMs), null)],
    ['the operator tells no time', () => Number.NaN],
  ])('deletes nobody when %s', (_, operatorNowMs) => {
    const vault = open();
    put(vault, 0);
    const result = vault.expire(operatorNowMs(), expiryDays);
    expect(result).toMatchObject({ ok: false, error: { code: 'vault.clock_doubtful' } });
    expect(names(vault)).toEqual(['M0']);
  });

  test('a use in a time that is not yet neither keeps a face for ever nor ends it', async () => {
    const vault = open();
    put(vault, 0);
    must(vault.touch('M0', clock.nowMs() + 3650 * dayMs));
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    await clock.advance(89 * dayMs);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    await clock.advance(dayMs);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(1));
  });

  test('a face that was enrolled by a cabinet whose clock was years back stays', () => {
    const vault = open();
    const trueMs = clock.nowMs();
    clock.jumpWall(-400 * dayMs);
    keepFace(vault, 0, trueMs);
    clock.jumpWall(400 * dayMs);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    expect(must(vault.records('M0', 1)).newest[0]?.atMs).toBe(trueMs);
  });

  test('clocks that differ for good keep nobody: after a week the operator’s counts', () => {
    const vault = open();
    put(vault, 0);
    let operatorMs = clock.nowMs();
    clock.jumpWall(2 * dayMs);
    const passDay = () => {
      clock.jumpWall(dayMs);
      operatorMs += dayMs;
      return vault.expire(operatorMs, expiryDays);
    };
    for (let day = 0; day < 7; day++)
      expect(passDay()).toMatchObject({ error: { code: 'vault.clock_doubtful' } });
    for (let day = 7; day < expiryDays - 1; day++) expect(passDay()).toEqual(ok(0));
    expect(passDay()).toEqual(ok(1));
    // They agree again, and differ anew: a week once more.
    clock.jumpWall(-2 * dayMs);
    expect(passDay()).toEqual(ok(0));
    clock.jumpWall(2 * dayMs);
    expect(passDay()).toMatchObject({ error: { code: 'vault.clock_doubtful' } });
  });

  test('an operator whose clock is years ahead for less than a week deletes nobody', () => {
    const vault = open();
    put(vault, 0);
    for (let hour = 0; hour < 6 * 24; hour++) {
      clock.jumpWall(3_600_000);
      vault.expire(clock.nowMs() + 3650 * dayMs, expiryDays);
    }
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    expect(names(vault)).toEqual(['M0']);
  });

  test('many go a part at a time, and none is left', () => {
    const vault = open();
    for (let index = 0; index < expireMax + 3; index++) put(vault, index);
    clock.jumpWall(expiryDays * dayMs);
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(expireMax));
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(3));
    expect(names(vault)).toEqual([]);
  });

  test('a clock that was back when a face was used takes nothing away', () => {
    const vault = open();
    put(vault, 0);
    must(vault.touch('M0', 0));
    expect(vault.expire(clock.nowMs(), expiryDays)).toEqual(ok(0));
    expect(must(vault.info('M0'))?.enrolledAtMs).toBe(clock.nowMs());
  });
});

describe('the processing record', () => {
  test('outlives the face, names versions, and holds nothing of the face', async () => {
    const vault = open();
    must(vault.record('M0', { kind: 'consented', consentVersion: 'v1', atMs: clock.nowMs() }));
    put(vault, 0);
    await clock.advance(1000);
    must(vault.touch('M0', clock.nowMs()));
    must(vault.withdraw('M0', clock.nowMs()));
    const { count, newest } = must(vault.records('M0', 2));
    expect(count).toBe(4);
    expect(newest).toEqual([
      { kind: 'withdrawn', atMs: clock.nowMs(), consentVersion: null },
      { kind: 'used', atMs: clock.nowMs(), consentVersion: null },
    ]);
    expect(must(vault.records('M0', 9)).newest.at(-1)).toMatchObject({
      kind: 'consented',
      consentVersion: 'v1',
    });
    expect(must(vault.records('M1', 9))).toEqual({ count: 0, newest: [] });
    expect(vault.touch('M0', 1)).toMatchObject({ ok: false, error: { code: 'vault.not_enrolled' } });
    expect(kinds(vault, 'M0')).toHaveLength(4);
  });

  test('goes after three years, not before, and not because of a clock that was wrong once', async () => {
    const vault = open();
    put(vault, 0);
    must(vault.withdraw('M0', clock.nowMs()));
    put(vault, 1);
    must(vault.touch('M1', clock.nowMs() + 3650 * dayMs));
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(kinds(vault, 'M0')).toHaveLength(2);
    await clock.advance(1_095 * dayMs);
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(kinds(vault, 'M0')).toHaveLength(2);
    await clock.advance(dayMs);
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(kinds(vault, 'M0')).toEqual([]);
    // The count of people does not forget them.
    expect(must(vault.count())).toMatchObject({ ever: 2 });
  });

  test('is changed by nobody, and deleted by nobody before its time', () => {
    const vault = open({ plainFile: true });
    put(vault, 0);
    must(vault.close());
    const db = raw(null);
    for (const sql of ['UPDATE face_record SET at_ms = 0', 'DELETE FROM face_record']) {
      expect(() => db.transaction(() => (db.prepare(sql).run(), ok()))).toThrow(/face_record/);
    }
  });
});

describe('how many people', () => {
  test('now, and ever: who comes back is not another person', () => {
    const vault = open();
    for (const index of [0, 1, 2]) put(vault, index);
    must(vault.withdraw('M0', clock.nowMs()));
    put(vault, 0);
    put(vault, 1);
    must(vault.withdraw('M2', clock.nowMs()));
    expect(must(vault.count())).toEqual({ enrolled: 2, ever: 3, level: 'fine', damaged: 0 });
  });

  test('and of their consents: to which text, and how many have ended', () => {
    const vault = open();
    for (const index of [0, 1, 2]) put(vault, index);
    const present = must(vault.info('M0'))?.consentVersion ?? '';
    expect(must(vault.consents(present))).toEqual({ present: 3, earlier: 0, ended: 0 });
    must(vault.withdraw('M0', clock.nowMs()));
    expect(must(vault.consents(present))).toEqual({ present: 2, earlier: 0, ended: 1 });
    expect(must(vault.consents('another text'))).toEqual({ present: 0, earlier: 2, ended: 1 });
  });

  test('emits a change at each enrolment and deletion, once on the disk, without reading the faces', async () => {
    const vault = open({ plainFile: true });
    const counts: number[] = [];
    const stop = vault.onChange(() => counts.push(must(vault.enrolledCount())));
    put(vault, 0);
    put(vault, 1);
    must(vault.withdraw('M0', clock.nowMs()));
    must(vault.touch('M1', clock.nowMs()));
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(counts).toEqual([1, 2, 1]);
    put(vault, 1);
    expect(counts).toEqual([1, 2, 1, 1]);
    await clock.advance(expiryDays * dayMs);
    must(vault.expire(clock.nowMs(), expiryDays));
    expect(counts).toEqual([1, 2, 1, 1, 0]);
    stop();
    put(vault, 2);
    expect(counts).toHaveLength(5);
    must(vault.close());
    // Rows that cannot be read as faces are people all the same.
    const db = raw(null);
    must(db.transaction(() => (db.prepare("UPDATE face SET template = x'00'").run(), ok())));
    must(db.close());
    expect(must(open({ plainFile: true }).enrolledCount())).toBe(1);
    expect(logged.filter(({ event }) => event === 'vault.rows_damaged')).toEqual([]);
  });

  test('alarm at 80,000, full at 100,000', () => {
    const levels = [0, 79_999, 80_000, 99_999, 100_000, 1e9].map((count) => capacityLevel(count));
    expect(levels).toEqual(['fine', 'fine', 'alarm', 'alarm', 'full', 'full']);
  });

  test('a full vault takes nobody new, but still a member again', () => {
    const vault = open({ plainFile: true });
    put(vault, 0);
    must(vault.close());
    const db = raw(null);
    must(
      db.transaction(() => {
        db.prepare(
          `INSERT INTO face (member_id, model, wrapped_key, template, consent_version, enrolled_ms)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
           SELECT 'X' || i, 'fr-feature-512', x'', x'', 'v1', 0 FROM n`,
        ).run();
        return ok();
      }),
    );
    must(db.close());
    const full = open({ plainFile: true });
    expect(must(full.count())).toMatchObject({ enrolled: 100_000, level: 'full', damaged: 99_999 });
    const refused = full.put({
      template: templateOf(1),
      phoneDigits: null,
      consentVersion: 'v1',
      atMs: clock.nowMs(),
    });
    expect(refused).toMatchObject({ ok: false, error: { code: 'vault.full' } });
    expect(kinds(full, 'M1')).toEqual([]);
    put(full, 0);
    expect(names(full)).toEqual(['M0']);
  });
});

describe('a file from before the operator was asked about faces', () => {
  test('has its people still, without a number, and says so when one is deleted', () => {
    const vault = open({ plainFile: true });
    put(vault, 0);
    must(vault.close());
    const db = raw(null);
    const [row] = must(db.read(() => db.prepare('SELECT * FROM face').all()));
    must(db.close());
    const path = join(folder, 'older', vaultFileName);
    mkdirSync(join(folder, 'older'));
    const older = must(
      openDatabase({
        path,
        keyHex: null,
        clock,
        migrations: vaultMigrations.slice(0, 1),
        secureDelete: true,
      }),
    );
    const bytes = (name: string) => new Uint8Array(row?.[name] as ArrayBuffer);
    must(
      older.transaction(() => {
        older
          .prepare(
            `INSERT INTO face (member_id, model, wrapped_key, template, consent_version, enrolled_ms)
             VALUES (?, ?, ?, ?, ?, ?)`,
          )
          .run('M0', 'fr-feature-512', bytes('wrapped_key'), bytes('template'), 'v1', 1);
        return ok();
      }),
    );
    must(older.close());
    const opened = must(FaceVault.open({ path, vaultKeyHex, clock, logger, plainFile: true }));
    expect(names(opened)).toEqual(['M0']);
    expect(opened.enrolmentOf('M0')).toBeNull();
    must(opened.withdraw('M0', clock.nowMs()));
    expect(must(opened.withdrawals.next(clock.nowMs()))).toMatchObject({ memberId: 'M0', enrolmentId: null });
    must(opened.close());
  });
});

test('all faces go at once, are on record and told to the operator, and nothing of them stays in the files', () => {
  const vault = open();
  for (let i = 0; i < expireMax + 3; i++) put(vault, i);
  const memberId = names(vault)[0] ?? '';
  expect(must(vault.withdrawAll(clock.nowMs()))).toBe(expireMax + 3);
  expect(must(vault.enrolledCount())).toBe(0);
  expect(names(vault)).toEqual([]);
  expect(kinds(vault, memberId)[0]).toBe('withdrawn');
  expect(must(vault.withdrawals.next(clock.nowMs()))).not.toBeNull();
  expect(must(vault.withdrawAll(clock.nowMs()))).toBe(0);
  must(vault.close());
  expect(names(open())).toEqual([]);
});

test('of faces that are deleted by parts, those that are gone are known no more, though the next part fails', () => {
  const vault = open();
  for (let i = 0; i < expireMax + 3; i++) put(vault, i);
  expect(names(vault).length).toBe(expireMax + 3);
  let toldCount = 0;
  // It is told of the first part, and the second one fails.
  vault.onChange(() => {
    toldCount++;
    vi.spyOn(Database.prototype, 'transaction').mockReturnValueOnce(fail('storage.io', 'no space'));
  });
  expect(vault.withdrawAll(clock.nowMs()).ok).toBe(false);
  vi.restoreAllMocks();
  expect(must(vault.enrolledCount())).toBe(3);
  expect(names(vault).length).toBe(3);
  expect(toldCount).toBe(1);
});
