import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder, testKeyHex as keyHex } from '../../testkit/main/storage/scratch.ts';
import { connect } from './connection.ts';
import { openDatabase } from './database.ts';
import { migrations } from './migrations/index.ts';

const clock = new FakeClock();
let path: string;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
});
afterEach(() => {
  remove();
});

const openFileCount = (): number => readdirSync('/proc/self/fd').length;
function makeOfVersion(version: number): void {
  const old = openDatabase({ path, keyHex, clock, migrations: migrations.slice(0, version) });
  if (!old.ok) throw new Error(old.error.message);
  old.value.close();
}
/** Main tries to open its database again without end: what each try keeps open adds up. */
async function expectNothingKept(fails: () => boolean): Promise<void> {
  const before = openFileCount();
  for (let i = 0; i < 10; i++) {
    expect(fails()).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // What the last try has left is given back a moment later.
  expect(openFileCount()).toBeLessThanOrEqual(before + 8);
}

test('a try that fails leaves nothing open: an update that waits for a lock', async () => {
  makeOfVersion(10);
  // A copy is being made.
  const holder = connect(path, keyHex);
  holder.exec('BEGIN IMMEDIATE');
  await expectNothingKept(() => !openDatabase({ path, keyHex, clock }).ok);
  holder.exec('ROLLBACK');
  holder.close();
});

test('nor does a file of a newer program', async () => {
  makeOfVersion(migrations.length);
  const older = migrations.slice(0, -1);
  await expectNothingKept(() => !openDatabase({ path, keyHex, clock, migrations: older }).ok);
});
