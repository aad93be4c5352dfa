import { and, eq, isNull } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { catalogsDraftedMax, catalogsPutMax } from '../limits.ts';
import { catalogPrice, catalogVersion } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { CatalogInForce, listCatalogs } from './catalog-in-force.ts';
import { serveCatalog } from './catalog.ts';

onStorage('the catalogue in force', (harness) => {
  const made = (version: string, of: object = {}) => {
    const served = serveCatalog({ ...sampleCatalog, version, ...of }, version);
    assert(served.ok, 'it is one');
    return served.value;
  };
  /** An instance that is started with this file. */
  const started = async (version: string, of: object = {}): Promise<CatalogInForce> => {
    const { db, clock } = harness();
    const file = made(version, of);
    const inForce = new CatalogInForce({ db, clock, logger: silentLogger, file, isTimeSure: () => true });
    const begun = await inForce.begin();
    assert(begun.ok, JSON.stringify(begun));
    return inForce;
  };
  const draft = async (by: CatalogInForce, version: string, of: object = {}) =>
    harness().db.transaction(async (tx) => by.draft(tx, made(version, of), 'anna'));
  const put = async (by: CatalogInForce, version: string, of: object = {}): Promise<void> => {
    const number = await draft(by, version, of);
    assert(number.ok, 'it is kept');
    const done = await harness().db.transaction(async (tx) => by.put(tx, number.value));
    assert(done.ok, 'it is put in force');
    await by.refresh();
  };

  it('is the file’s at first, the console’s from then on, and a new file’s once', async () => {
    const first = await started('file-1');
    expect(first.catalog.version).toBe('file-1');
    await put(first, 'console-1');
    expect(first.catalog.version).toBe('console-1');
    expect((await started('file-1')).catalog.version).toBe('console-1');
    expect((await started('file-2')).catalog.version).toBe('file-2');
    await put(first, 'console-2');
    for (const file of ['file-1', 'file-2']) expect((await started(file)).catalog.version).toBe('console-2');
  });

  it('keeps its prices though another instance starts while it is put in force', async () => {
    const first = await started('file-1');
    const { db, clock } = harness();
    const dearer = sampleCatalog.products.map((one) => ({ ...one, priceMinor: one.priceMinor + 50 }));
    // As soon as what the start does lets anybody in between.
    let begun = 0;
    const busy = new Proxy(db, {
      get: (target, key): unknown => {
        if (key !== 'transaction') return Reflect.get(target, key);
        return async (work: (tx: Db) => Promise<unknown>) => {
          if (begun++ === 1) await put(first, 'console-1', { products: dearer });
          return db.transaction(work);
        };
      },
    });
    const file = made('file-1');
    const options = { db: busy, clock, logger: silentLogger, file, isTimeSure: () => true };
    expect(await new CatalogInForce(options).begin()).toMatchObject({ ok: true });
    if (first.catalog.version === 'file-1') await put(first, 'console-1', { products: dearer });
    const [{ sku, priceMinor }] = dearer as [(typeof dearer)[number]];
    const isServed = and(eq(catalogPrice.sku, sku), isNull(catalogPrice.untilMs));
    const served = await db.select().from(catalogPrice).where(isServed);
    expect(served.map((row) => row.unitPriceMinor)).toEqual([priceMinor]);
  });

  it('is what the database says, also once that was put back to a backup', async () => {
    const inForce = await started('file-1');
    await put(inForce, 'console-1');
    await put(inForce, 'console-2');
    await harness().db.delete(catalogVersion).where(eq(catalogVersion.version, 'console-2'));
    await inForce.refresh();
    expect(inForce.catalog.version).toBe('console-1');
    await put(inForce, 'console-3');
    expect(inForce.catalog.version).toBe('console-3');
  });

  it('stays what it is while the time is not sure: no price of before would ever end', async () => {
    const { db, clock } = harness();
    const file = made('file-1');
    let isSure = true;
    const options = { db, clock, logger: silentLogger, file, isTimeSure: () => isSure };
    const inForce = new CatalogInForce(options);
    expect(await inForce.begin()).toMatchObject({ ok: true });
    const number = await draft(inForce, 'console-1');
    assert(number.ok, 'it is kept');
    const done = () => db.transaction(async (tx) => inForce.put(tx, number.value));
    isSure = false;
    expect(await done()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    isSure = true;
    expect(await done()).toMatchObject({ ok: true });
  });

  it('goes back to one that was in force', async () => {
    const inForce = await started('file-1');
    await put(inForce, 'console-1');
    const { db } = harness();
    const rows = await db.select().from(catalogVersion);
    const number = rows.find(({ version }) => version === 'file-1')?.number;
    assert(number !== undefined, 'the file is kept');
    await db.transaction(async (tx) => inForce.put(tx, number));
    await inForce.refresh();
    expect(inForce.catalog.version).toBe('file-1');
    expect(inForce.etag).toBe(made('file-1').etag);
  });

  it('is kept with a bound, and no file is forgotten', async () => {
    const inForce = await started('file-1');
    for (let at = 0; at <= catalogsDraftedMax; at++) await draft(inForce, `draft-${at}`);
    const drafts = await harness().db.select().from(catalogVersion).where(isNull(catalogVersion.putOrder));
    expect(drafts).toHaveLength(catalogsDraftedMax);
    for (let at = 0; at <= catalogsPutMax; at++) await put(inForce, `console-${at}`);
    const rows = await harness().db.select().from(catalogVersion);
    expect(rows.filter(({ fromFile, putOrder }) => !fromFile && putOrder !== null)).toHaveLength(
      catalogsPutMax,
    );
    expect((await started('file-1')).catalog.version).toBe(`console-${catalogsPutMax}`);
  });

  it('is listed behind what was made and is not in force, however many were', async () => {
    const inForce = await started('file-1');
    for (let at = 0; at < catalogsPutMax; at++) await put(inForce, `console-${at}`);
    await draft(inForce, 'made-last');
    const listed = await listCatalogs(harness().db);
    expect(listed.map(({ version }) => version).slice(0, 2)).toEqual([
      'made-last',
      `console-${catalogsPutMax - 1}`,
    ]);
  });

  it('is in the currency of this service', async () => {
    const inForce = await started('file-1');
    const euros = await draft(inForce, 'euros', { currency: 'EUR' });
    assert(euros.ok, 'it is kept');
    const done = await harness().db.transaction(async (tx) => inForce.put(tx, euros.value));
    expect(done).toMatchObject({ ok: false, error: { code: 'conflict' } });
  });

  it('that this program does not take ends the start, and what is served stays', async () => {
    const inForce = await started('file-1');
    const { db, clock } = harness();
    await db.insert(catalogVersion).values({
      ...{ version: 'broken', etag: '"x"', body: '{"version":"broken"}', fromFile: false },
      ...{ madeBy: 'anna', madeAtMs: clock.nowMs(), putOrder: 99 },
    });
    await inForce.refresh();
    expect(inForce.catalog.version).toBe('file-1');
    const file = made('file-1');
    const next = new CatalogInForce({ db, clock, logger: silentLogger, file, isTimeSure: () => true });
    expect(await next.begin()).toMatchObject({ ok: false, error: { code: 'catalog_wrong' } });
  });
});
