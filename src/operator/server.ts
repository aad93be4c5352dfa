/**
 * The operator as it is packed (build/package-operator.ts): `node server.js`. It is in production unless NODE_ENV says
 * otherwise, so that a setting that is forgotten refuses to start instead of taking money into a database in memory. The
 * development API is not in the package; the pages for browsers lie beside this file.
 */
import { join } from 'node:path';

// Nothing, or a word that nobody knows, says nothing otherwise.
if (!['development', 'test'].includes(process.env['NODE_ENV'] ?? '')) process.env['NODE_ENV'] = 'production';
process.env['PAGES_DIR'] ??= join(import.meta.dirname, 'pages');
if (process.argv.includes('--dev')) {
  process.stderr.write('--dev: this package has no development API\n');
  process.exit(2);
}
await import('./index.ts');
