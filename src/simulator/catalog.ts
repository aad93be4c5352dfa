import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogSchema } from '../shared/model/catalog.schema.ts';
import type { Catalog } from '../shared/model/catalog.schema.ts';

/** Where the sample catalogue and the pictures of its goods lie. */
export const catalogFolder = fileURLToPath(new URL('../../resources/catalog/', import.meta.url));

/** The goods that the sample cabinet holds. A file that does not fit its schema is a bug of ours: it throws. */
export function loadSampleCatalog(): Catalog {
  return catalogSchema.parse(JSON.parse(readFileSync(`${catalogFolder}sample-catalog.json`, 'utf8')));
}
