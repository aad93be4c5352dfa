import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { build } from 'vite';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Stays a package: its own files are looked for beside it. */
export const embeddedPackage = '@electric-sql/pglite';

/**
 * Node reads CommonJS without strict mode, in which this line does nothing: that class has a getter of the name alone. A bundle
 * is a module, always strict, and there it throws.
 */
const sloppy = {
  module: 'wechatpay-axios-plugin/index.js',
  line: 'module.exports.default = module.exports;',
};

function withoutSloppyLine(code: string, id: string): { code: string; map: null } | null {
  if (!id.endsWith(sloppy.module)) return null;
  if (!code.includes(sloppy.line)) throw new Error(`${sloppy.module} has changed: is it strict now?`);
  // No map: all else stands where it stood.
  return { code: code.replace(sloppy.line, ''), map: null };
}

export interface OperatorBundle {
  readonly to: string;
  /** What is started with `node <name>.js`, by that name. */
  readonly programs: Readonly<Record<string, string>>;
  readonly sourcemap: boolean;
  readonly plugin: Plugin;
}

/** Programs of the operator and all that they import, in a few files; gives the modules that came in. */
export async function bundleOperator({ to, programs, sourcemap, plugin }: OperatorBundle): Promise<string[]> {
  const built = await build({
    configFile: false,
    root: project,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: [embeddedPackage], target: 'node' },
    plugins: [plugin, { name: 'sloppy', enforce: 'pre', transform: withoutSloppyLine }],
    build: {
      ssr: true,
      target: 'node24',
      outDir: to,
      emptyOutDir: true,
      sourcemap,
      minify: false,
      rolldownOptions: {
        input: programs,
        // Both are optional, and looked for by name: neither is here, and who asks goes on without.
        external: ['pg-native', 'pg-cloudflare'],
        output: { entryFileNames: '[name].js', chunkFileNames: 'lib/[name]-[hash].js' },
      },
    },
  });
  const { output } = built as Rolldown.RolldownOutput;
  return output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
}
