/**
 * The operator's API as OpenAPI 3.1, from its route table: `node build/checks/openapi.ts` says whether docs/openapi.json
 * is what the table says now; with `--write` it writes it (`npm run openapi`).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../../src/operator/http/openapi.ts';
import { readText, report, root } from './project.ts';

const file = 'docs/openapi.json';

const options = { ...(await resolveConfig(join(root, file))), parser: 'json' };
const text = await format(JSON.stringify(openApiDocument()), options);
if (process.argv.includes('--write')) writeFileSync(join(root, file), text);
report(
  'openapi',
  readText(file) === text ? [] : [`${file}:1 is not what the route table says: npm run openapi`],
);
