import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId } from '../../shared/ids.ts';
import { fail } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { DisputeDrafts, draftsMax } from './dispute-drafts.ts';

const chargeOf = (number: number) => makeChargeId(number, new Uint8Array(10));
let db: Database;
let remove: () => void;
let meta: MetaStore;

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'), new FakeClock());
  meta = new MetaStore(db);
});
afterEach(() => {
  db.close();
  remove();
});

/** As after a start. */
const read = () => new DisputeDrafts(meta, silentLogger);

test('one for each charge, over a restart; nothing marked is none', () => {
  const drafts = read();
  drafts.put(chargeOf(1), ['cola']);
  drafts.put(chargeOf(2), ['tea']);
  drafts.put(chargeOf(1), ['cola', 'chips']);
  expect(read().skusOf(chargeOf(1))).toEqual(['cola', 'chips']);
  read().put(chargeOf(1), []);
  expect(read().skusOf(chargeOf(1))).toEqual([]);
  expect(read().skusOf(chargeOf(2))).toEqual(['tea']);
});

test('are bounded: the oldest goes', () => {
  for (let number = 1; number <= draftsMax + 1; number++) read().put(chargeOf(number), ['cola']);
  expect(read().skusOf(chargeOf(1))).toEqual([]);
  expect(read().skusOf(chargeOf(2))).toEqual(['cola']);
  expect(read().skusOf(chargeOf(draftsMax + 1))).toEqual(['cola']);
});

test('the same once more writes nothing', () => {
  let writes = 0;
  const drafts = new DisputeDrafts(
    {
      get: () => meta.get('dispute_drafts'),
      set: (key, value) => {
        writes++;
        return meta.set(key, value);
      },
    },
    silentLogger,
  );
  for (let i = 0; i < 3; i++) drafts.put(chargeOf(1), ['cola']);
  drafts.put(chargeOf(2), []);
  expect(writes).toBe(1);
});

test.each(['{', '[{"chargeId":"x","skus":["cola"]}]', '{"a":1}'])('damaged, %s: there are none', (stored) => {
  meta.set('dispute_drafts', stored);
  expect(read().skusOf(chargeOf(1))).toEqual([]);
  read().put(chargeOf(1), ['cola']);
  expect(read().skusOf(chargeOf(1))).toEqual(['cola']);
});

test('a disk that refuses: it lasts as long as the program', () => {
  const refused = fail('storage.io', 'full');
  const drafts = new DisputeDrafts({ get: () => refused, set: () => refused }, silentLogger);
  drafts.put(chargeOf(1), ['cola']);
  expect(drafts.skusOf(chargeOf(1))).toEqual(['cola']);
});
