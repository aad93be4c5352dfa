import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { unsealedLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { ChargeChain } from '../charges/charge-chain.ts';
import { ChargeLog } from '../charges/charge-log.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { loadSecrets, readSecrets } from '../platform/secrets.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import { migrations } from '../storage/migrations/index.ts';
import { audit } from './audit-cli.ts';

const noKeyring = { isEncryptionAvailable: () => false, encryptString: unused, decryptString: unused };
function unused(): never {
  throw new Error('no keyring here');
}
const clock = new FakeClock();
let folder: string;
let path: string;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, remove] = [scratch.path, scratch.remove];
  path = join(folder, 'kaimen.db');
});
afterEach(() => {
  remove();
});

/** As the kiosk opens it, with the keys that it makes; `until`: as a version of the program before did. */
function open(until = migrations.length): { db: Database; store: ChargeStore } {
  const { databaseKeyHex, chainKey } = assertOk(loadSecrets({ dir: folder, safeStorage: noKeyring }));
  const steps = migrations.slice(0, until);
  const db = assertOk(openDatabase({ path, keyHex: databaseKeyHex, clock, migrations: steps }));
  const log = until < 6 ? unsealedLog(db) : new ChargeLog(new ChargeChain(db, chainKey));
  return { db, store: new ChargeStore(db, log, clock, clock) };
}
function sell(store: ChargeStore, number: number): void {
  const { chargeId, body } = sale(number, 1250, clock.nowMs());
  assertOk(store.open({ ...body, memberDisplay: '王*' }));
  assertOk(store.finalise(chargeId, body));
}
/** What somebody does who has taken the database's key out of the file. */
function harm(...statements: string[]): void {
  const { db } = open();
  assertOk(
    db.transaction(() => {
      const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
      for (const { name } of triggers) db.prepare(`DROP TRIGGER ${String(name)}`).run();
      for (const text of statements) db.prepare(text).run();
      return ok();
    }),
  );
  db.close();
}

test('a whole record: says how much it is, and 0; nothing is written', () => {
  const { db, store } = open();
  sell(store, 1);
  sell(store, 2);
  db.close();
  const before = readFileSync(path);
  expect(audit([folder])).toEqual({
    exitCode: 0,
    lines: [
      '6 events of 2 charges; 6 of them are sealed with this cabinet’s key.',
      'Nothing is missing, and nothing was changed.',
    ],
  });
  expect(audit([path]).exitCode).toBe(0);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('beside the app that has it open', () => {
  const { db, store } = open();
  sell(store, 1);
  expect(audit([path]).exitCode).toBe(0);
  sell(store, 2);
  expect(audit([path]).lines[0]).toMatch(/^6 events/);
  db.close();
});

test.each<[string, RegExp, string[]]>([
  [
    'the last charge is gone',
    /event 6.*end_missing/,
    ['DELETE FROM charge_event WHERE seq > 3', 'DELETE FROM charge WHERE rowid = 2'],
  ],
  [
    'a sum',
    /charge KM.*body_changed/,
    [`UPDATE charge SET body_json = replace(body_json, '1250', '2250') WHERE rowid = 1`],
  ],
  ['the seals', /event_changed|not_sealed|end_missing/, ['UPDATE charge_event SET seal = NULL']],
])('%s: in words, with where, and 1', (_, words, statements) => {
  const { db, store } = open();
  sell(store, 1);
  sell(store, 2);
  db.close();
  harm(...statements);
  const { exitCode, lines } = audit([folder]);
  expect(exitCode).toBe(1);
  expect(lines.join('\n')).toMatch(words);
});

test('a record from before there were seals: the first seal covers it', () => {
  const old = open(5);
  sell(old.store, 1);
  old.db.close();
  expect(audit([path]).lines[0]).toMatch(/^3 events of 1 charges; 0 of them/);
  const now = open();
  expect(audit([path]).exitCode).toBe(0);
  sell(now.store, 2);
  now.db.close();
  expect(audit([path]).lines[0]).toMatch(/^6 events of 2 charges; 3 of them/);
  harm(
    `UPDATE charge_event SET at_ms = 1, hash = 'x' WHERE seq = 3`,
    `UPDATE charge_event SET prev_hash = 'x' WHERE seq = 4`,
  );
  expect(audit([path]).lines.join('\n')).toMatch(/event 4.*not_sealed/);
});

test('what cannot be looked at: why, and 2', () => {
  expect(audit([])).toMatchObject({ exitCode: 2 });
  expect(audit([join(folder, 'no.db')])).toMatchObject({ exitCode: 2 });
  writeFileSync(path, 'no database');
  expect(audit([path])).toMatchObject({ exitCode: 2 });
  rmSync(path);
  const { db, store } = open();
  sell(store, 1);
  db.close();
  const secrets = join(folder, 'secrets.json');
  copyFileSync(secrets, join(folder, 'kept'));
  rmSync(secrets);
  expect(audit([path])).toMatchObject({ exitCode: 2 });
  writeFileSync(secrets, readFileSync(join(folder, 'kept'), 'utf8').replace('"file"', '"keyring"'));
  expect(audit([path]).lines.join('\n')).toMatch(/keyring/);
  expect(existsSync(`${path}-journal`)).toBe(false);
});

test('the keys are read, never made', () => {
  expect(readSecrets(folder)).toMatchObject({ ok: false, error: { code: 'secrets.io' } });
  expect(existsSync(join(folder, 'secrets.json'))).toBe(false);
});

test('as a program', () => {
  const { db, store } = open();
  sell(store, 1);
  db.close();
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'audit-cli.ts'), folder], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('Nothing is missing');
  expect(run.status).toBe(0);
});
