import type { MetaKey, MetaStore } from '../../../main/storage/meta-store.ts';
import { ok } from '../../../shared/result.ts';

/** A `MetaStore` in memory, for tests without a database. */
export function memoryMeta(): Pick<MetaStore, 'get' | 'set'> {
  const values = new Map<MetaKey, string>();
  return {
    get: (key) => ok(values.get(key) ?? null),
    set: (key, value) => {
      values.set(key, value);
      return ok();
    },
  };
}
