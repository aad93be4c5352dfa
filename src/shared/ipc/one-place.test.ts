import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const table = resolve(root, 'src/shared/ipc/table.schema.ts');
const entry = 'chooseCode: call(nothing, z.null()),';
const tableWithOneMore = readFileSync(table, 'utf8').replace(
  entry,
  `${entry}\n      ping: call(nothing, z.null()),`,
);

/** What the compiler says about one file, with one call more in the IPC table. */
function errorsOf(file: string, project: string): string[] {
  const config = ts.readConfigFile(resolve(root, `build/tsconfig/${project}.json`), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, resolve(root, 'build/tsconfig'));
  const host = ts.createCompilerHost(options);
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) =>
    resolve(name) === table ? ts.createSourceFile(name, tableWithOneMore, target) : readFile(name, target);
  const program = ts.createProgram([resolve(root, file)], options, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(resolve(root, file)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test.each([
  ['main', 'src/main/ipc/kiosk-handlers.ts', 'node'],
  ['the page', 'src/renderer/src/kiosk/context.ts', 'renderer'],
])(
  'a call that is added to the table does not compile in %s until it is handled',
  (_, file, project) => {
    expect(errorsOf(file, project)).toEqual([expect.stringContaining('"visit.ping"')]);
  },
  300_000,
);
