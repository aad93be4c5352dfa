import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Catalog } from '../shared/model/catalog.ts';
import { catalogSchema } from '../shared/model/catalog.ts';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { parseJson, parseWith } from './json.ts';

/** A catalogue as it is served. */
export interface ServedCatalog {
  readonly catalog: Catalog;
  readonly text: string;
  readonly etag: string;
}

export type CatalogFailure = Failure<'catalog_unreadable' | 'catalog_wrong'>;

/** Reads and checks the catalogue file. Beyond the schema: each SKU and EPC once, and each tag on a product that exists. */
export function loadCatalog(file: string): Result<ServedCatalog, CatalogFailure> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return fail('catalog_unreadable', `${file}: ${String(error)}`);
  }
  const json = parseJson(bytes);
  if (!json.ok) return fail('catalog_wrong', `${file}: ${json.error.message}`);
  return serveCatalog(json.value, file);
}

export function serveCatalog(json: unknown, name: string): Result<ServedCatalog, CatalogFailure> {
  const parsed = parseWith(catalogSchema, json);
  if (!parsed.ok) return fail('catalog_wrong', `${name}: ${parsed.error.message}`);
  const { products, tags } = parsed.value;
  const skus = new Set(products.map((p) => p.sku));
  if (skus.size !== products.length) return fail('catalog_wrong', `${name}: a SKU stands twice`);
  if (new Set(tags.map((t) => t.epc)).size !== tags.length)
    return fail('catalog_wrong', `${name}: an EPC stands twice`);
  const stray = tags.find((t) => !skus.has(t.sku));
  if (stray !== undefined) return fail('catalog_wrong', `${name}: tag ${stray.epc} is on no product`);
  const text = JSON.stringify(parsed.value);
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  return ok({ catalog: parsed.value, text, etag });
}
