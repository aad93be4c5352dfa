import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeSgtin96, normalGtin } from '../../shared/epc.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
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
  const withPcWord = tags.find((t) => hasPcWord(t.epc));
  if (withPcWord !== undefined) {
    const { epc } = withPcWord;
    const message = `${name}: tag ${epc} begins with its PC word ${epc.slice(0, 4)}: write ${epc.slice(4)}`;
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
 * Whether the number is that of a tag's memory from its PC word on, as some tools show it, and so never what a reader
 * reports: five bits say how many words follow, then user memory, XPC and numbering bits, and for an EPC (not an ISO
 * number) eight zeros (Tag Data Standard, chapter on memory contents; Gen2, protocol control).
 */
function hasPcWord(epc: string): boolean {
  const first = parseInt(epc.slice(0, 4), 16);
  const words = epc.length / 4;
  if (words < 2 || first >> 11 !== words - 1 || (first & 0x01ff) !== 0) return false;
  // An SGTIN-96 with a word of zeros behind it: the header 30 reads as six words as well.
  return !(epc.endsWith('0000') && decodeSgtin96(epc.slice(0, -4)).ok);
}
