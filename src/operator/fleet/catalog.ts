import { createHash } from 'node:crypto';
import { tagNumberOf } from '../../core/basket/tag-lookup.ts';
import { beginsWithPc, withoutXpcWords } from '../../shared/epc-control-words.ts';
import { decodeSgtin96, normalGtin } from '../../shared/epc.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { readGuardedFile } from '../guarded-files.ts';
import { parseJson, parseWith } from '../http/json.ts';

/** A catalogue as it is served. */
export interface ServedCatalog {
  readonly catalog: Catalog;
  readonly text: string;
  readonly etag: string;
}

export type CatalogFailure = Failure<'catalog_unreadable' | 'catalog_wrong'>;

/**
 * Reads and checks the catalogue file. Beyond the schema: each SKU, EPC and GTIN once, GTINs with the right check digit, and
 * each tag on a product that exists.
 */
export function loadCatalog(file: string): Result<ServedCatalog, CatalogFailure> {
  const read = readGuardedFile(file, 'public');
  if (!read.ok) return fail('catalog_unreadable', read.error.message);
  const json = parseJson(read.value.bytes);
  if (!json.ok) return fail('catalog_wrong', `${file}: ${json.error.message}`);
  return serveCatalog(json.value, file);
}

export function serveCatalog(json: unknown, name: string): Result<ServedCatalog, CatalogFailure> {
  const parsed = parseWith(catalogSchema, json);
  if (!parsed.ok) return fail('catalog_wrong', `${name}: ${parsed.error.message}`);
  const { products, tags } = parsed.value;
  const skus = new Set(products.map((p) => p.sku));
  if (skus.size !== products.length) return fail('catalog_wrong', `${name}: a SKU stands twice`);
  // Also with zeros behind it: one tag, that a cabinet would find on two products.
  if (new Set(tags.map((t) => tagNumberOf(t.epc))).size !== tags.length)
    return fail('catalog_wrong', `${name}: an EPC stands twice`);
  const stray = tags.find((t) => !skus.has(t.sku));
  if (stray !== undefined) return fail('catalog_wrong', `${name}: tag ${stray.epc} is on no product`);
  for (const { epc } of tags) {
    const words = controlWordsOf(epc);
    if (words === '') continue;
    const message = `${name}: tag ${epc} begins with its PC word ${words}: write ${epc.slice(words.length)}`;
    return fail('catalog_wrong', message);
  }
  const gtins = products.flatMap((p) => (p.gtin === undefined ? [] : [p.gtin]));
  const wrong = gtins.find((gtin) => normalGtin(gtin) === null);
  if (wrong !== undefined) return fail('catalog_wrong', `${name}: ${wrong} is no GTIN`);
  // Tags are known by their GTIN too: one that two products claim would leave both unknown.
  if (new Set(gtins.map(normalGtin)).size !== gtins.length)
    return fail('catalog_wrong', `${name}: a GTIN stands twice`);
  const text = JSON.stringify(parsed.value);
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  return ok({ catalog: parsed.value, text, etag });
}

/**
 * What stands before the EPC in a number written from a tag's memory, as some tools show it (its PC word, XPC words), or empty:
 * no reader reports that. An SGTIN-96 with a word of zeros behind it has none, although its header 30 reads as six words.
 */
export function controlWordsOf(epc: string): string {
  const behindXpc = withoutXpcWords(epc);
  if (behindXpc !== epc) return epc.slice(0, -behindXpc.length);
  const isPadded = epc.endsWith('0000') && decodeSgtin96(epc.slice(0, -4)).ok;
  return beginsWithPc(epc) && !isPadded ? epc.slice(0, 4) : '';
}
