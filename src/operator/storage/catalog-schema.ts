import type { PictureType } from '../../shared/model/goods-picture.ts';
import { bigint, boolean, customType, pgTable, text } from 'drizzle-orm/pg-core';

/** Tables of what is sold (fleet/), beside those of schema.ts. Times are wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Catalogues that were made, and which is in force: that with the highest `putOrder` (catalog-in-force.ts). */
export const catalogVersion = pgTable('catalog_version', {
  number: bigint('number', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  version: text('version').notNull(),
  etag: text('etag').notNull(),
  /** The catalogue as it is served, JSON. */
  body: text('body').notNull(),
  fromFile: boolean('from_file').notNull(),
  madeBy: text('made_by').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  /** Null: it never was in force. */
  putOrder: bigint('put_order', { mode: 'number' }),
});

/** Pictures of goods that were sent to the console (goods-pictures.ts). */
export const goodsPicture = pgTable('goods_picture', {
  /** Of its SHA-256: shared/model/goods-picture.ts. */
  name: text('name').primaryKey(),
  type: text('type').$type<PictureType>().notNull(),
  picture: bytes('picture').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
});
