import { z } from 'zod';
import { ok } from '../../shared/result.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaKey, MetaStore } from '../storage/meta-store.ts';
import type { Versioned, VersionedSyncOptions } from './versioned-sync.ts';

/** Under one name among the small things of the database. What this version cannot read is none: it is fetched again anyway. */
export function keptInMeta<T extends Versioned>(
  meta: Pick<MetaStore, 'get' | 'set'>,
  name: MetaKey,
  schema: z.ZodType<T>,
): VersionedSyncOptions<T>['store'] {
  const keptSchema = z.object({ etag: z.string().nullable(), value: schema });
  return {
    load: () => {
      const text = meta.get(name);
      return text.ok ? ok(keptSchema.safeParse(fromJson(text.value)).data ?? null) : text;
    },
    keep: (kept) => meta.set(name, JSON.stringify(kept)),
    forget: () => meta.set(name, ''),
  };
}
