import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

/**
 * What the compiler says about one file (its path from the project's root) when another one (`changed`, its whole path)
 * had another text. `project` names a configuration in build/tsconfig.
 */
export function errorsWith(
  changed: string,
  change: (text: string) => string,
  file: string,
  project: string,
): string[] {
  const text = change(readFileSync(changed, 'utf8'));
  const config = ts.readConfigFile(resolve(root, `build/tsconfig/${project}.json`), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, resolve(root, 'build/tsconfig'));
  const host = ts.createCompilerHost(options);
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) =>
    resolve(name) === changed ? ts.createSourceFile(name, text, target) : readFile(name, target);
  const program = ts.createProgram([resolve(root, file)], options, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(resolve(root, file)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
