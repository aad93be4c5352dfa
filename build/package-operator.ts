/**
 * `npm run package:operator [-- --to=<folder>]`: makes one folder (artifacts/operator) in which the operator service starts
 * with `node server.js` on Node 24, with nothing else installed. The code is bundled; the embedded database stays a package
 * beside it, for it reads its own files. The pages for browsers are built into `pages`. The development API, sample members and the sample catalogue are not in it.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Rolldown } from 'vite';
import { build } from 'vite';
import { bundleOperator, embeddedPackage } from './operator-bundle.ts';
import { webPage } from './vite.web.config.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What is started with `node <name>.js`. */
const programs = {
  server: 'src/operator/server.ts',
  cabinet: 'src/operator/cli/cabinet-cli.ts',
  member: 'src/operator/cli/member-cli.ts',
  catalog: 'src/operator/cli/catalog-cli.ts',
  console: 'src/operator/cli/console-cli.ts',
  update: 'src/operator/cli/update-cli.ts',
  wallet: 'src/operator/cli/wallet-cli.ts',
};
/** Of the embedded database only what runs, without the extensions and their archives. */
const embeddedFiles = /^(?:package\.json|LICENSE|dist\/(?:fs\/)?[^/]+\.(?:js|wasm|data))$/;
/** Loaded for `--dev` alone, which server.ts refuses. */
const developmentOnly = join(project, 'src/operator/http/development.ts');

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}
const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;

/** Bundles the programs, and gives the folders of the packages that came in. */
async function bundle(to: string): Promise<ReadonlySet<string>> {
  const modules = await bundleOperator({
    to,
    programs,
    sourcemap: true,
    plugin: {
      name: 'for-the-package',
      enforce: 'pre',
      resolveId(id, importer) {
        const isIt = importer !== undefined && resolve(dirname(importer), id) === developmentOnly;
        return isIt ? { id: './not-in-this-package.js', external: true } : null;
      },
    },
  });
  return new Set([...modules.flatMap(packageOf), join(project, 'node_modules', embeddedPackage)]);
}

/** The folder of the package that a bundled module is of; of our own modules, and what the bundler adds, none. */
function packageOf(module: string): string[] {
  const path = module.replace(/^\0/, '').split('?')[0] ?? '';
  if (!path.includes('/node_modules/')) return [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    // Some have further files of this name inside, which say no more than how their modules are read.
    const isRoot = /\/node_modules\/(?:@[^/]+\/)?[^/]+$/.test(folder);
    if (isRoot && existsSync(join(folder, 'package.json'))) return [folder];
    if (folder === dirname(folder)) return [];
  }
}

/** Name, version, licence and its text, of each package in it, and of ours. */
function writeLicences(to: string, folders: ReadonlySet<string>): void {
  const texts = [...folders].map((folder) => {
    const { name, version, license } = readPackage(folder);
    if (license === undefined) throw new Error(`${name} ${version} does not say under which licence it is`);
    const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return `${name} ${version}: ${license}\n\n${text.join('\n\n')}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n`;
  writeFileSync(join(to, 'THIRD-PARTY-LICENSES.txt'), [...new Set(texts)].sort().join(line));
  cpSync(join(project, 'LICENSE'), join(to, 'LICENSE'));
}

/** A page that the service shows to browsers, beside server.js; gives the folders of its packages. */
async function buildPage(to: string, name: string): Promise<ReadonlySet<string>> {
  const page = webPage(name);
  const outDir = join(to, 'pages', name);
  const built = await build({
    ...page,
    configFile: false,
    logLevel: 'warn',
    build: { ...page.build, outDir },
  });
  const { output } = built as Rolldown.RolldownOutput;
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
  const typeface = join(project, 'node_modules/@fontsource-variable/noto-sans-sc');
  return new Set([...modules.flatMap(packageOf), typeface]);
}

function copyEmbedded(to: string): void {
  const from = join(project, 'node_modules', embeddedPackage);
  cpSync(from, join(to, 'node_modules', embeddedPackage), {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = relative(from, path);
      return ['', 'dist', join('dist', 'fs')].includes(inside) || embeddedFiles.test(inside);
    },
  });
}

/** Which commit it is made from; in an archive without history nobody knows. */
function commitOf(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: project,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return null;
  }
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files.reduce(
    (sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath, file.name)).size : 0),
    0,
  );
}

const { values } = parseArgs({ options: { to: { type: 'string', default: 'artifacts/operator' } } });
const to = resolve(project, values.to);
rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const packages = new Set(await bundle(to));
for (const page of ['console', 'phone']) for (const folder of await buildPage(to, page)) packages.add(folder);
copyEmbedded(to);
writeLicences(to, packages);
const { version, license } = readPackage(project);
const described = {
  name: 'kaimen-operator',
  version,
  license,
  commit: commitOf(),
  private: true,
  type: 'module',
};
writeFileSync(
  join(to, 'package.json'),
  `${JSON.stringify({ ...described, engines: { node: '>=24' } }, null, 2)}\n`,
);
cpSync(join(project, 'build/operator'), join(to, 'deploy'), { recursive: true });
cpSync(join(project, 'docs/operator.md'), join(to, 'README.md'));
process.stdout.write(
  `${to}: kaimen-operator ${version}, ${(bytesOf(to) / 1e6).toFixed(1)} MB, ${packages.size} packages\n`,
);
