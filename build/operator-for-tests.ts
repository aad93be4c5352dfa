/**
 * Bundles src/operator/index.ts as it is, with the development API, into the folder that is its argument: a program that tests
 * start some two hundred times. It loads in a quarter of the time that the sources take, and reads the same files.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleOperator } from './operator-bundle.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const sources = join(project, 'src/');
const to = process.argv[2];
if (to === undefined) throw new Error('usage: node build/operator-for-tests.ts <folder>');
const modules = await bundleOperator({
  to,
  programs: { operator: 'src/operator/index.ts' },
  sourcemap: false,
  plugin: {
    name: 'where-the-source-is',
    enforce: 'pre',
    transform: (code, id) =>
      id.startsWith(sources)
        ? { code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)), map: null }
        : null,
  },
});
const known = ['operator', 'shared', 'core'].map((dir) => join(sources, dir, '/'));
const others = modules.filter((id) => id.startsWith(sources) && !known.some((dir) => id.startsWith(dir)));
if (others.length > 0)
  throw new Error(`src/testkit/operator/operator-program.ts does not look at ${others.join(', ')}`);
// Else Node parses it twice, to find out.
writeFileSync(join(to, 'package.json'), '{ "type": "module" }\n');
