import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { ok } from '../../shared/result.ts';
import { CatalogStore } from './catalog-store.ts';
import type { Database } from './database.ts';
import { MetaStore } from './meta-store.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';

let db: Database;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'));
});
afterEach(() => {
  removeFolder();
});

test('one value per key', () => {
  const meta = new MetaStore(db);
  expect(meta.get('enrolled_public_key')).toEqual({ ok: true, value: null });
  meta.set('enrolled_public_key', 'a');
  meta.set('enrolled_public_key', 'b');
  expect(meta.get('enrolled_public_key')).toEqual({ ok: true, value: 'b' });
});

test('the catalogue comes back; one that cannot be read counts as none', () => {
  const store = new CatalogStore(db, new FakeClock());
  expect(store.load()).toEqual({ ok: true, value: null });
  const catalog = catalogSchema.parse({
    version: '1',
    currency: 'CNY',
    products: [{ sku: 'tea', name: { zh: '茶', en: 'Tea' }, priceMinor: 500, weightG: 500, picture: 'tea' }],
    tags: [],
  });
  store.save({ etag: '"1"', catalog });
  expect(store.load()).toEqual({ ok: true, value: { etag: '"1"', catalog } });
  store.save({ etag: null, catalog: { ...catalog, version: '2' } });
  expect(store.load()).toMatchObject({ value: { etag: null, catalog: { version: '2' } } });
  db.transaction(() => {
    db.prepare('UPDATE catalog_cache SET catalog_json = ?').run('{"version":');
    return ok();
  });
  expect(store.load()).toEqual({ ok: true, value: null });
});
