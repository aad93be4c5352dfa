import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { incident } from '../../operator/storage/schema.ts';
import { storagesUnderTest } from './storages.ts';

const row = { atMs: 1, kind: 'charge_conflict', cabinetId: 'C', detail: '' } as const;

describe.each(storagesUnderTest())('the databases of a process on $name', ({ open }) => {
  it('come without rows, numbers from 1 and methods of their own, whatever was done to them before', async () => {
    for (let i = 0; i < 2; i++) {
      const store = await open();
      const { db } = store.storage;
      expect(await db.insert(incident).values(row).returning({ id: incident.id })).toEqual([{ id: 1 }]);
      db.insert = () => expect.unreachable();
      await store.close();
    }
  });

  it('are not used again once their tables were changed, and that is an error', async () => {
    const changed = await open();
    await changed.storage.db.execute(sql.raw('alter table incident disable trigger all'));
    await changed.storage.db.execute(sql.raw('create table mine (a int)'));
    await expect(changed.close()).rejects.toThrow('opens a database of its own');
    const next = await open();
    await expect(next.storage.db.execute(sql.raw('select * from mine'))).rejects.toThrow();
    await next.close();
  });
});
