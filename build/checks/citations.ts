/**
 * What code and documents refer to and is not there: `node build/checks/citations.ts`. Checked are
 *  - documents named in code or text: `docs/payments.md#caps` is a path from the project's folder and a heading;
 *  - links in documents: `[text](path#heading)` from the document's folder;
 *  - files and folders in back-ticks in documents: from the project's folder (`src/core/visit`), or the end of a file's
 *    path (`visit/limits.ts`). With `*`, `{`, `<` or `NNNN` in it, it is a pattern and let pass.
 */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { projectFiles, readText, report, root } from './project.ts';

/** Documents of other projects that code cites as the source of a fact. */
const foreign = ['status.md', 'calibration.md', 'usbredir/docs/usb-redirection-protocol.md'];
/** Folders whose paths a document writes from the project's folder. */
const top = /^(src|docs|e2e|build|resources)\//;

const documents = projectFiles(['.md']);
const code = projectFiles(['.ts', '.tsx', '.mjs', '.js', '.css', '.html', '.yml', '.sql']);
const files = projectFiles(['']);
const findings: string[] = [];

/** The words after # that a heading of a document is reached by, as GitHub makes them. */
function anchorsOf(document: string): Set<string> {
  const headings = readText(document)
    .replace(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#{1,6}\s+(.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
const anchors = new Map(documents.map((document) => [document, anchorsOf(document)]));

function checkTarget(at: string, path: string, anchor: string | undefined): void {
  if (!existsSync(join(root, path))) findings.push(`${at} ${path} is not there`);
  else if (anchor !== undefined && anchors.get(path)?.has(anchor) === false)
    findings.push(`${at} ${path} has no heading #${anchor}`);
}

function checkNames(file: string, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) {
    // A link in a document is looked at below; an address is not ours.
    const text = line.replace(/\]\([^)]*\)/g, ']').replace(/https?:\/\/\S+/g, '');
    for (const [, path = '', anchor] of text.matchAll(/(?<![\w*./-])([\w./-]+\.md)(?:#([\w-]+))?/g)) {
      if (!foreign.includes(path) && path !== 'README.md') checkTarget(`${file}:${i + 1}`, path, anchor);
    }
  }
}

function checkLinks(file: string, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) {
    for (const [, path = '', anchor] of line.matchAll(/\]\(([^)#:\s]*)(?:#([\w-]+))?\)/g)) {
      const target = path === '' ? file : normalize(join(dirname(file), path));
      checkTarget(`${file}:${i + 1}`, target, anchor);
    }
  }
}

function checkPaths(file: string, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) {
    for (const [, name = ''] of line.matchAll(/`([\w@./-]+)`/g)) {
      const path = name.replace(/\/$/, '');
      if (path.includes('NNNN')) continue;
      if (top.test(path)) {
        if (!existsSync(join(root, path))) findings.push(`${file}:${i + 1} ${path} is not there`);
      } else if (/\.(ts|tsx|mjs|sql|css|yml)$/.test(path)) {
        if (!files.some((one) => one === path || one.endsWith(`/${path}`)))
          findings.push(`${file}:${i + 1} no file ends with ${path}`);
      }
    }
  }
}

for (const file of code) checkNames(file, readText(file).split('\n'));
for (const file of documents) {
  const lines = readText(file).split('\n');
  checkNames(file, lines);
  checkLinks(file, lines);
  checkPaths(file, lines);
}
report('citations', findings);
