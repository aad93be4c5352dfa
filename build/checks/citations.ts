/**
 * What code and documents refer to and is not there: `node build/checks/citations.ts`. Checked are
 *  - documents named in code or text: `docs/payments.md#caps` is a path from the project's folder and a heading;
 *  - links in documents: `[text](path#heading)` from the document's folder;
 *  - files and folders in back-ticks in documents: from the project's folder (`src/core/visit`), or the end of a file's
 *    path (`visit/limits.ts`);
 *  - decisions: each number once, and each in their list;
 *  - tests named in the last column of a table of docs/faults.md or docs/threat-model.md: the file, and behind a colon the
 *    words of the test's name, several separated by semicolons, what is in brackets aside. With `*`, `{`, `<` or `NNNN` in it, it is a pattern and let pass.
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

/** Every match of `pattern` in `text` with the number of its line. */
function* matches(text: string, pattern: RegExp): Generator<{ line: number; groups: string[] }> {
  for (const match of text.matchAll(pattern)) {
    yield { line: text.slice(0, match.index).split('\n').length, groups: [...match] };
  }
}

/** The same text with what fits `pattern` as blanks, so that lines keep their numbers. */
function without(text: string, pattern: RegExp): string {
  return text.replace(pattern, (found) => found.replace(/\S/g, ' '));
}

function checkTarget(at: string, path: string, anchor: string | undefined): void {
  if (!existsSync(join(root, path))) findings.push(`${at} ${path} is not there`);
  else if (anchor !== undefined && anchors.get(path)?.has(anchor) === false)
    findings.push(`${at} ${path} has no heading #${anchor}`);
}

const link = /\[[^\]]*\]\(([^)#:\s]*)(?:#([\w-]+))?\)/g;

/** Documents that are named in plain words; links are looked at on their own, and an address is not ours. */
function checkNames(file: string, text: string): void {
  const plain = without(without(text, link), /https?:\/\/\S+/g);
  const name = /(?<![\w*./-])([\w./-]+\.md)(?:#([\w-]+))?/g;
  for (const { line, groups } of matches(plain, name)) {
    const [, path = '', anchor] = groups;
    if (!foreign.includes(path) && path !== 'README.md') checkTarget(`${file}:${line}`, path, anchor);
  }
}

function checkLinks(file: string, text: string): void {
  for (const { line, groups } of matches(text, link)) {
    const [, path = '', anchor] = groups;
    const target = path === '' ? file : normalize(join(dirname(file), path));
    checkTarget(`${file}:${line}`, target, anchor);
  }
}

function checkPaths(file: string, text: string): void {
  for (const { line, groups } of matches(text, /`([\w@./-]+)`/g)) {
    const path = (groups[1] ?? '').replace(/\/$/, '');
    if (path.includes('NNNN') || path.endsWith('.md')) continue;
    if (top.test(path)) {
      if (!existsSync(join(root, path))) findings.push(`${file}:${line} ${path} is not there`);
    } else if (/\.(ts|tsx|mjs|sql|css|yml)$/.test(path)) {
      if (!files.some((one) => one === path || one.endsWith(`/${path}`)))
        findings.push(`${file}:${line} no file ends with ${path}`);
    }
  }
}

/** Words as they are in a name, however it is quoted and wherever its line ends. */
const plainWords = (text: string): string => text.replace(/\\?[’']/g, "'").replace(/\s+/g, ' ');
const testFile =
  /`?((?:src|e2e|build)\/[\w./-]+\.(?:test|e2e)\.tsx?)`?(?::((?:(?!`?(?:src|e2e|build)\/)[^|])*))?/g;

/** What proves a row is there: the file, and in it the words by which the row names the test. */
function checkTests(file: string): void {
  for (const [at, row] of readText(file).split('\n').entries()) {
    if (!row.startsWith('|')) continue;
    for (const [, path = '', names = ''] of (row.split('|').at(-2) ?? '').matchAll(testFile)) {
      if (!existsSync(join(root, path))) {
        findings.push(`${file}:${at + 1} ${path} is not there`);
        continue;
      }
      const tests = plainWords(readText(path));
      for (const name of names.replace(/\([^)]*\)/g, '').split(';')) {
        const words = plainWords(name).trim().replace(/,$/, '');
        if (!tests.includes(words)) findings.push(`${file}:${at + 1} ${path} has no test "${words}"`);
      }
    }
  }
}

/** A number is what a decision is called by; two that were written side by side may have taken the same. */
function checkDecisions(): void {
  const folder = 'docs/decisions/';
  const list = readText(`${folder}README.md`);
  const numbers = new Map<string, string>();
  for (const document of documents) {
    const [, name = '', number = ''] = /^docs\/decisions\/((\d{4})-.*)$/.exec(document) ?? [];
    if (number === '') continue;
    const other = numbers.get(number);
    if (other !== undefined) findings.push(`${document} has the number of ${other}`);
    numbers.set(number, document);
    if (!list.includes(`(${name})`)) findings.push(`${document} is not in ${folder}README.md`);
  }
}

checkDecisions();
for (const file of ['docs/faults.md', 'docs/threat-model.md']) checkTests(file);
for (const file of code) checkNames(file, readText(file));
for (const file of documents) {
  const text = readText(file);
  checkNames(file, text);
  checkLinks(file, text);
  checkPaths(file, text);
}
report('citations', findings);
