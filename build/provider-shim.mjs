/**
 * `npm run provider-shim [-- <file>]`: writes a small module through which programs outside call the adapters' functions for
 * signatures and notices (docs/provider-shim.md). It has no logic of its own: it imports the production code as it is, and
 * an older Node, which cannot read TypeScript by itself, is given the types' removal by the project's own compiler.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const urlOf = (...path) => pathToFileURL(join(project, ...path)).href;
const compiler = urlOf('node_modules', 'typescript', 'lib', 'typescript.js');
const production = urlOf('src', 'operator', 'providers', 'provider-shim.ts');

/** Runs in the module loader of an older Node. */
const loader = `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from ${JSON.stringify(compiler)};
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  return { format: 'module', source: ts.transpileModule(source, { compilerOptions }).outputText, shortCircuit: true };
}`;

const text = `// Written by \`npm run provider-shim\`: forwards to production code, and has none of its own.
import { register } from 'node:module';
if (!process.features.typescript) register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(loader)}));
const production = await import(${JSON.stringify(production)});
export const { wechat, alipay, stripe, ShimError } = production;
`;

const [given = join('artifacts', 'provider-shim.mjs'), ...more] = process.argv.slice(2);
if (more.length > 0) {
  console.error('usage: npm run provider-shim [-- <file>]');
  process.exit(2);
}
const file = resolve(project, given);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, text);
console.log(file);
