import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeVisitId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { policyOf } from '../../testkit/main/operator/offline-policy.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from './database.ts';
import { OfflineStore, deniedMax, usedCodesMax } from './offline-store.ts';

let db: Database;
let path: string;
let store: OfflineStore;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  db = mustOpen(path);
  store = new OfflineStore(db);
});
afterEach(() => {
  db.close();
  removeFolder();
});
const restart = () => {
  db.close();
  db = mustOpen(path);
  store = new OfflineStore(db);
};
const countOf = (table: string) =>
  Number(unwrap(db.read(() => db.prepare(`SELECT COUNT(*) AS n FROM ${table} LIMIT 1`).first()))?.['n']);
const visit = (n: number) => makeVisitId(n, new Uint8Array(10));
const policy = policyOf({ version: 2 });

test('the policy comes back after a restart; one that cannot be read counts as none, and none is none', () => {
  expect(store.policy()).toEqual(ok(null));
  unwrap(store.keepPolicy({ etag: '"2"', policy }));
  restart();
  expect(store.policy()).toEqual(ok({ etag: '"2"', policy }));
  db.transaction(() => {
    db.prepare('UPDATE offline_policy SET policy_json = ?').run('{"version":2}');
    return ok();
  });
  expect(store.policy()).toEqual(ok(null));
  unwrap(store.keepPolicy({ etag: null, policy }));
  unwrap(store.forgetPolicy());
  expect(store.policy()).toEqual(ok(null));
});

test('a file takes the same version again, and none that is older', () => {
  unwrap(store.keepPolicy({ etag: null, policy }));
  unwrap(store.keepPolicy({ etag: '"b"', policy }));
  expect(() => store.keepPolicy({ etag: null, policy: policyOf({ version: 1 }) })).toThrow(/older one/);
  expect(unwrap(store.policy())?.etag).toBe('"b"');
});

test('whoever was refused stays so over restarts, until a yes or a policy of later than that', () => {
  const atMs = policy.issuedAtMs;
  unwrap(store.keepPolicy({ etag: null, policy }));
  unwrap(store.deny('M1', atMs + 1));
  unwrap(store.deny('M2', atMs + 1));
  unwrap(store.deny('M3', atMs - 1));
  // What was said later counts.
  unwrap(store.deny('M1', atMs - 5));
  restart();
  unwrap(store.allow('M2'));
  unwrap(store.keepPolicy({ etag: null, policy }));
  expect(['M1', 'M2', 'M3'].map((id) => unwrap(store.isDenied(id)))).toEqual([true, false, false]);
  unwrap(store.keepPolicy({ etag: null, policy: policyOf({ version: 3, issuedAtMs: atMs + 1 }) }));
  expect(unwrap(store.isDenied('M1'))).toBe(false);
});

test('a code is used once, by the first visit; over a restart, too', () => {
  const code = { nonce: 'n1', expiresAtMs: 1_000 };
  expect(store.codeUsedBy('n1')).toEqual(ok(null));
  unwrap(store.useCode(code, visit(1), 0));
  unwrap(store.useCode(code, visit(2), 0));
  restart();
  expect(store.codeUsedBy('n1')).toEqual(ok(visit(1)));
  unwrap(store.useCode({ nonce: 'n2', expiresAtMs: 5_000 }, visit(3), 1_001));
  expect(store.codeUsedBy('n1')).toEqual(ok(null));
});

test('neither list grows without bound: the latest stay', () => {
  const numbers = (max: number) =>
    `WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < ${max + 3}) SELECT`;
  db.transaction(() => {
    db.prepare(`INSERT INTO offline_denied ${numbers(deniedMax)} 'M' || n, n FROM c`).run();
    db.prepare(`INSERT INTO used_code ${numbers(usedCodesMax)} 'n' || n, 'V', n FROM c`).run();
    return ok();
  });
  unwrap(store.deny(`M${deniedMax + 4}`, deniedMax + 4));
  unwrap(store.useCode({ nonce: `n${usedCodesMax + 4}`, expiresAtMs: usedCodesMax + 4 }, visit(1), 0));
  expect([countOf('offline_denied'), countOf('used_code')]).toEqual([deniedMax, usedCodesMax]);
  expect([unwrap(store.isDenied('M4')), unwrap(store.isDenied('M5'))]).toEqual([false, true]);
  expect(unwrap(store.codeUsedBy(`n${usedCodesMax + 4}`))).not.toBeNull();
});
