import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssertionError } from '../../shared/assert.ts';
import { systemClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import { Database, openDatabase } from './database.ts';
import { migrations } from './migrations/index.ts';
import { quickCheckMaxBytes } from './probe.ts';
import { filesOf, makeScratchFolder, testKeyHex } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';

let folder: string;
let removeFolder: () => void;
let path: string;

beforeEach(() => {
  const scratch = makeScratchFolder();
  folder = scratch.path;
  removeFolder = scratch.remove;
  path = join(folder, 'kaimen.db');
});
afterEach(() => {
  removeFolder();
});

const put = (db: Database, key: string, value: string) =>
  db.transaction(() => {
    db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(key, value);
    return ok();
  });
const keys = (db: Database) => {
  const read = db.read(() => db.prepare('SELECT key FROM meta ORDER BY key').all());
  if (!read.ok) throw new Error(read.error.message);
  return read.value.map((row) => row['key']);
};
/** Makes it when it is not there. */
const mustOpen = (at: string) => unwrap(openDatabase({ path: at, keyHex: testKeyHex, clock: systemClock }));
const openAgain = (keyHex = testKeyHex) => openDatabase({ path, keyHex, clock: systemClock });

describe('encryption', () => {
  test('what is written cannot be read in any of the files', () => {
    const db = mustOpen(path);
    const secret = '李雷-KNOWN-TEXT-6901234567892';
    for (let i = 0; i < 50; i++) put(db, `${secret}-${i}`, secret.repeat(20));
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    // With the journal still there, and after it went into the main file.
    expect(files.length).toBeGreaterThan(1);
    expect(files.some((bytes) => bytes.includes('KNOWN-TEXT'))).toBe(false);
    expect(files.some((bytes) => bytes.includes('SQLite format 3'))).toBe(false);
    db.close();
    const main = readFileSync(path);
    expect(main.includes('KNOWN-TEXT')).toBe(false);
    expect(main.includes('CREATE TABLE')).toBe(false);
    expect(main.length).toBeGreaterThan(50 * secret.length * 20);
    expect(keys(mustOpen(path))).toHaveLength(50);
  });

  test('only its owner may read the file', () => {
    mustOpen(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

test('durable by default: the journal is synced at every commit, rules hold on every path', () => {
  const db = mustOpen(path);
  const pragma = (name: string) =>
    db.read(() => Object.values(db.prepare(`PRAGMA ${name}`).first() ?? {})[0]);
  expect(pragma('journal_mode')).toEqual({ ok: true, value: 'wal' });
  // 2 = FULL (sqlite.org/pragma.html#pragma_synchronous).
  expect(pragma('synchronous')).toEqual({ ok: true, value: 2 });
  expect(pragma('foreign_keys')).toEqual({ ok: true, value: 1 });
  expect(pragma('recursive_triggers')).toEqual({ ok: true, value: 1 });
});

describe('a file that is not right is refused and stays as it is', () => {
  /** Makes a good database, harms it, and looks that the refused open changed nothing. */
  function refuse(harm: () => void, expected: string, keyHex = testKeyHex): void {
    const db = mustOpen(path);
    for (let i = 0; i < 200; i++) put(db, `k${i}`, 'v'.repeat(200));
    db.close();
    harm();
    const before = filesOf(folder);
    for (let attempt = 0; attempt < 2; attempt++) {
      const opened = openAgain(keyHex);
      expect(opened.ok ? 'opened' : opened.error.code).toBe(expected);
    }
    // An empty journal may appear beside it; the data files are the same bytes.
    const after = Object.fromEntries(
      Object.entries(filesOf(folder)).filter(([name, bytes]) => name in before || bytes !== ''),
    );
    expect(after).toEqual(before);
  }

  test('wrong key', () => refuse(() => undefined, 'storage.corrupt', 'b2'.repeat(32)));
  for (const keptBytes of [0, 1, 1000, 4096, 8192, 16384]) {
    test(`cut to ${keptBytes} bytes`, () =>
      refuse(() => {
        truncateSync(path, keptBytes);
      }, 'storage.corrupt'));
  }
  test('its last page cut in half', () =>
    refuse(() => {
      truncateSync(path, statSync(path).size - 2048);
    }, 'storage.corrupt'));
  test('garbage', () =>
    refuse(() => {
      writeFileSync(path, Buffer.alloc(64 * 1024, 0x5a));
    }, 'storage.corrupt'));
  test('a page overwritten in the middle', () =>
    refuse(() => {
      const bytes = readFileSync(path);
      bytes.fill(0x33, 5 * 4096, 6 * 4096);
      writeFileSync(path, bytes);
    }, 'storage.corrupt'));
  test('an unencrypted SQLite file', () =>
    refuse(() => {
      writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8176)]));
    }, 'storage.corrupt'));
  // What SQLite says of a head that is damaged in this place sounds like a mistake in our SQL: "unsupported file format".
  test('a byte of its head, where that says how it is laid out', () =>
    refuse(() => {
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(40) ^ 0xff, 40);
      writeFileSync(path, bytes);
    }, 'storage.corrupt'));
  test('one byte of its head, whichever: it is refused or opened, and never ends the program', () => {
    mustOpen(path).close();
    const whole = readFileSync(path);
    for (let at = 0; at < 100; at += 3) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      writeFileSync(path, bytes);
      const opened = openAgain();
      if (opened.ok) opened.value.close();
    }
  });
  test('gone, but its journal is there', () =>
    refuse(() => {
      writeFileSync(`${path}-wal`, readFileSync(path));
      removeMain();
    }, 'storage.corrupt'));

  function removeMain(): void {
    spawnSync('rm', [path]);
  }

  test('a journal that was not written back yet survives a refusal', () => {
    const writer = mustOpen(path);
    put(writer, 'in the journal only', '1');
    const before = filesOf(folder);
    expect(Object.keys(before)).toContain('kaimen.db-wal');
    const opened = openAgain('b2'.repeat(32));
    expect(opened.ok ? 'opened' : opened.error.code).toBe('storage.corrupt');
    expect(filesOf(folder)).toEqual(before);
    expect(keys(mustOpen(path))).toEqual(['in the journal only']);
  });

  test('written by a newer version', () => {
    const db = mustOpen(path);
    put(db, 'k', 'v');
    db.close();
    const newer = {
      version: migrations.length + 1,
      name: 'from-the-future',
      sql: 'CREATE TABLE future (x INTEGER) STRICT',
    };
    const first = openDatabase({
      path,
      keyHex: testKeyHex,
      clock: systemClock,
      migrations: [...migrations.map(({ version }) => ({ version, name: 'known', sql: '' })), newer],
    });
    expect(first.ok).toBe(true);
    if (first.ok) first.value.close();
    const before = filesOf(folder);
    const opened = openAgain();
    expect(opened.ok ? 'opened' : opened.error.code).toBe('storage.newer');
    expect(filesOf(folder)).toEqual(before);
  });

  describe('by a newer version that says who still works on it', () => {
    const known = migrations.map(({ version }) => ({ version, name: 'known', sql: '' }));
    const step = (past: number, sql: string, readBy?: number) => ({
      version: migrations.length + past,
      name: `step-${past}`,
      sql,
      ...(readBy === undefined ? {} : { readBy }),
    });
    const added = step(1, 'CREATE TABLE added (x INTEGER) STRICT', migrations.length);
    const bring = (...steps: ReturnType<typeof step>[]) => {
      const opened = openDatabase({
        ...{ path, keyHex: testKeyHex, clock: systemClock },
        migrations: [...known, ...steps],
      });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    };

    test('this one goes on with what both wrote, and the newer one after it', () => {
      put(mustOpen(path), 'from before', '1');
      const newer = bring(added);
      put(newer, 'from the newer one', '2');
      newer.close();
      // As after an update that was left: the version before is started again.
      const back = mustOpen(path);
      put(back, 'from the one that is back', '3');
      expect(keys(back)).toEqual(['from before', 'from the newer one', 'from the one that is back']);
      back.close();
      const again = bring(added);
      expect(keys(again)).toHaveLength(3);
      again.close();
    });

    test('one that takes away what this one needs is refused, also when a later step only adds', () => {
      mustOpen(path).close();
      const gone = step(2, 'DROP TABLE added', migrations.length + 1);
      bring(added, gone, step(3, 'CREATE TABLE more (x INTEGER) STRICT', migrations.length)).close();
      const opened = openAgain();
      expect(opened.ok ? 'opened' : opened.error.code).toBe('storage.newer');
    });

    test('a step cannot say that an app works on it that knows more than there is', () => {
      expect(() => bring(step(1, '', migrations.length + 2))).toThrow('readBy');
    });
  });

  test('a folder, and a folder that is not there', () => {
    mkdirSync(path);
    expect(openAgain()).toMatchObject({ ok: false, error: { code: 'storage.corrupt' } });
    const nowhere = join(folder, 'none', 'kaimen.db');
    expect(openDatabase({ path: nowhere, keyHex: testKeyHex, clock: systemClock })).toMatchObject({
      ok: false,
      error: { code: 'storage.io' },
    });
  });

  test('a path with characters that mean something in a URI', () => {
    const odd = join(folder, 'a b?c#d%20汉.db');
    put(mustOpen(odd), 'k', 'v');
    expect(keys(mustOpen(odd))).toEqual(['k']);
  });
});

describe('making a new one', () => {
  test('an interrupted first start leaves nothing that could be taken for a database', () => {
    writeFileSync(`${path}.creating`, 'half');
    put(mustOpen(path), 'k', 'v');
    expect(readdirSync(folder)).not.toContain('kaimen.db.creating');
    expect(keys(mustOpen(path))).toEqual(['k']);
  });
});

describe('transactions', () => {
  test('an err undoes everything', () => {
    const db = mustOpen(path);
    const done = db.transaction(() => {
      put(db, 'a', '1');
      return fail('test.no', 'changed my mind');
    });
    expect(done).toMatchObject({ ok: false, error: { code: 'test.no' } });
    expect(keys(db)).toEqual([]);
  });

  test('nested calls join: one end for all, an err inside undoes only itself', () => {
    const db = mustOpen(path);
    const done = db.transaction(() => {
      put(db, 'a', '1');
      const inner = db.transaction(() => {
        put(db, 'b', '1');
        return fail('test.no', 'not this part');
      });
      expect(inner.ok).toBe(false);
      put(db, 'c', '1');
      return ok('done');
    });
    expect(done).toEqual({ ok: true, value: 'done' });
    expect(keys(db)).toEqual(['a', 'c']);
  });

  test('a bug (throw) undoes everything, is not hidden, and the database goes on', () => {
    const db = mustOpen(path);
    const twice = () =>
      db.transaction(() => {
        put(db, 'a', '1');
        return put(db, 'a', '2');
      });
    expect(twice).toThrow(/UNIQUE/);
    expect(keys(db)).toEqual([]);
    expect(put(db, 'a', '3').ok).toBe(true);
  });

  test('a statement needs a transaction or a read around it', () => {
    const db = mustOpen(path);
    expect(() => db.prepare('SELECT 1').all()).toThrow(AssertionError);
  });

  test('a closed database says so', () => {
    const db = mustOpen(path);
    expect(db.close().ok).toBe(true);
    expect(db.close().ok).toBe(true);
    expect(put(db, 'a', '1')).toMatchObject({ ok: false, error: { code: 'storage.io' } });
    expect(db.read(() => 1)).toMatchObject({ ok: false, error: { code: 'storage.io' } });
  });

  test('close leaves one complete file', () => {
    const db = mustOpen(path);
    put(db, 'a', '1');
    db.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });

  test('somebody else holds the file: refused, and used again afterwards', () => {
    const db = mustOpen(path);
    const other = mustOpen(path);
    other.transaction(() => {
      expect(put(db, 'a', '1')).toMatchObject({ ok: false, error: { code: 'storage.io' } });
      return ok();
    });
    expect(put(db, 'a', '1').ok).toBe(true);
  });
});

describe('what libsql would do wrong with a value is refused before', () => {
  test.each([
    [true, /whole number|boolean/],
    [1.5, /whole number/],
    [NaN, /whole number/],
    [undefined, /whole number/],
    [{}, /whole number/],
    ['a\0b', /U\+0000/],
  ])('%s', (value, message) => {
    const db = mustOpen(path);
    expect(() =>
      db.transaction(() => {
        db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run('k', value as string);
        return ok();
      }),
    ).toThrow(message);
  });

  test('too few values', () => {
    const db = mustOpen(path);
    expect(() => db.read(() => db.prepare('SELECT ? AS a, ? AS b').all(1))).toThrow(/number of parameters/);
  });

  test('times and texts come back as they went in', () => {
    const db = mustOpen(path);
    const row = db.read(() =>
      db.prepare('SELECT ? AS ms, typeof(?) AS type, ? AS text').first(1_767_225_600_123, 5, '汉字😀'),
    );
    expect(row).toEqual({ ok: true, value: { ms: 1_767_225_600_123, type: 'integer', text: '汉字😀' } });
  });
});

test('bytes come back as they went in, also a part of a larger piece', () => {
  const db = mustOpen(path);
  const bytes = Buffer.from([9, 0, 1, 255, 9]).subarray(1, 4);
  const row = db.read(() => db.prepare('SELECT ? AS bytes, typeof(?) AS type').first(bytes, bytes));
  expect(row).toEqual({ ok: true, value: { bytes: Uint8Array.of(0, 1, 255).buffer, type: 'blob' } });
});

describe('a file that is too large to be checked at open', () => {
  const large = (): { path: string; open: () => ReturnType<typeof openDatabase> } => {
    const other = join(folder, 'other.db');
    const migrations = [{ version: 1, name: 'other', sql: 'CREATE TABLE big (x BLOB)' }];
    const open = () => openDatabase({ path: other, keyHex: testKeyHex, clock: systemClock, migrations });
    const first = open();
    if (!first.ok) throw new Error(first.error.message);
    first.value.transaction(() => {
      first.value.prepare('INSERT INTO big VALUES (zeroblob(?))').run(quickCheckMaxBytes);
      return ok();
    });
    first.value.close();
    expect(statSync(other).size).toBeGreaterThan(quickCheckMaxBytes);
    return { path: other, open };
  };
  test('opens, with tables of its own', () => {
    expect(large().open().ok).toBe(true);
  });
  test('whose end is missing is damaged, and stays as it is', () => {
    const file = large();
    truncateSync(file.path, statSync(file.path).size - 4096);
    const before = statSync(file.path).size;
    expect(file.open()).toMatchObject({ ok: false, error: { code: 'storage.corrupt' } });
    expect(statSync(file.path).size).toBe(before);
  });
});

describe('the end of the program, the disk or the power', () => {
  const writer = join(import.meta.dirname, '../../testkit/main/storage/writer.ts');

  test('SIGKILL at any moment: every commit that was reported is there, and no half of one', async () => {
    for (let round = 0; round < 4; round++) {
      const roundPath = join(folder, `round-${round}.db`);
      const told = await new Promise<number>((resolve) => {
        const child = spawn(process.execPath, [writer, roundPath]);
        let text = '';
        let killer: NodeJS.Timeout | undefined;
        child.stdout.on('data', (bytes: Buffer) => {
          text += bytes.toString();
          // Some commits, however slow the disk is, and then at any moment.
          if (text.split('\n').length > 3)
            killer ??= setTimeout(() => child.kill('SIGKILL'), 20 + round * 35);
        });
        child.on('close', () => {
          const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
          resolve(Number(whole.at(-1)));
        });
      });
      expect(told).toBeGreaterThan(0);
      const found = new Set(keys(mustOpen(roundPath)));
      for (let i = 0; i <= told; i++) expect(found.has(`a${i}`), `record ${i} of ${told}`).toBe(true);
      for (const key of found) {
        const twin = String(key).replace(/^[ab]/, (letter) => (letter === 'a' ? 'b' : 'a'));
        expect(found.has(twin)).toBe(true);
      }
    }
  });

  test('a disk that takes no more: storage.io, what was committed stays', () => {
    // A limit on the size of files stands for the full disk (SQLite sees EFBIG as an I/O error).
    const command = `ulimit -f 600; exec "$0" "$1" "$2" 5000`;
    const run = spawnSync('sh', ['-c', command, process.execPath, writer, path], { encoding: 'utf8' });
    const lines = run.stdout.trim().split('\n');
    const committed = lines.length - 1;
    expect(run.status).toBe(4);
    expect(committed).toBeGreaterThan(3);
    expect(lines.at(-1)).toMatch(/^failed storage\.io /);
    expect(keys(mustOpen(path))).toHaveLength(2 * committed);
  });

  test('no room for even a new file: storage.io and no half file under the real name', () => {
    const command = `ulimit -f 8; exec "$0" "$1" "$2"`;
    const run = spawnSync('sh', ['-c', command, process.execPath, writer, path], { encoding: 'utf8' });
    expect(run.stdout).toBe('open storage.io\n');
    expect(readdirSync(folder)).not.toContain('kaimen.db');
    expect(mustOpen(path)).toBeDefined();
  });
});

test('one write error of the disk at a commit: said once, and nothing more is done on that connection', () => {
  const asked: string[] = [];
  const connection = {
    inTransaction: false,
    prepare: () => {
      throw new Error('not asked for');
    },
    exec: (sql: string) => {
      asked.push(sql);
      if (sql === 'COMMIT') throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    },
    close: () => undefined,
  };
  let brokenCount = 0;
  const broken = new Database(connection, undefined, () => {
    brokenCount++;
  });
  expect(broken.isBroken).toBe(false);
  for (let i = 0; i < 3; i++)
    expect(broken.transaction(() => ok())).toMatchObject({ ok: false, error: { code: 'storage.io' } });
  expect([broken.isBroken, brokenCount, asked]).toEqual([true, 1, ['BEGIN IMMEDIATE', 'COMMIT']]);
});

test('what follows in memory is undone with what was written, and only then', () => {
  const db = mustOpen(path);
  const undone: string[] = [];
  const write = (key: string, isKept: boolean) =>
    db.transaction(() => {
      put(db, key, '');
      db.ifUndone(() => undone.push(key));
      return isKept ? ok() : fail('no', key);
    });
  db.ifUndone(() => undone.push('outside'));
  expect(write('a', true).ok).toBe(true);
  expect(write('b', false).ok).toBe(false);
  expect(undone).toEqual(['b']);
  db.transaction(() => {
    write('c', true);
    write('d', false);
    write('e', true);
    return ok();
  });
  expect(undone).toEqual(['b', 'd']);
  db.transaction(() => {
    write('f', true);
    write('g', true);
    return fail('no', 'all of it');
  });
  expect(undone).toEqual(['b', 'd', 'g', 'f']);
  const bug = () =>
    db.transaction(() => {
      write('h', true);
      throw new AssertionError('bug');
    });
  expect(bug).toThrow('bug');
  expect(undone).toEqual(['b', 'd', 'g', 'f', 'h']);
  expect(keys(db)).toEqual(expect.arrayContaining(['a', 'c', 'e']));
  expect(write('i', true).ok).toBe(true);
  expect(undone).toHaveLength(5);
});
