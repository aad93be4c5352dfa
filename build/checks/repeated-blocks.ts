/**
 * Blocks of code that stand in two places: `node build/checks/repeated-blocks.ts [tokens]`. Compared are the tokens of the
 * language, so that spaces, line breaks and comments do not matter; names and values do. Imports are left out, and so are
 * tables of data (blocks with next to no names of their own).
 */
import ts from 'typescript';
import { projectFiles, readText, report } from './project.ts';

/** A block of at least so many equal tokens is a copy. The largest that stands today has 135: lower this as they go. */
const minTokens = Number(process.argv[2] ?? 140);

type Token = { readonly text: string; readonly line: number; readonly isName: boolean };
type Place = { readonly file: string; readonly start: number };

const tokensOf = new Map<string, Token[]>();

function scan(file: string): Token[] {
  const text = readText(file);
  const variant = file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, false, variant);
  const tokens: Token[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) {
      for (const child of children) visit(child);
    } else if (node.getWidth(source) > 0) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      tokens.push({ text: node.getText(source), line, isName: ts.isIdentifier(node) });
    }
  };
  for (const child of source.getChildren(source)) visit(child);
  return tokens;
}

/** How many tokens from here on are equal. Two places of one file must not overlap. */
function equalTokens(a: Place, b: Place): number {
  const left = tokensOf.get(a.file) ?? [];
  const right = tokensOf.get(b.file) ?? [];
  const most = a.file === b.file ? Math.abs(a.start - b.start) : Infinity;
  let count = 0;
  while (count < most && left[a.start + count] !== undefined) {
    if (left[a.start + count]?.text !== right[b.start + count]?.text) break;
    count++;
  }
  return count;
}

function isCode(place: Place, count: number): boolean {
  const tokens = (tokensOf.get(place.file) ?? []).slice(place.start, place.start + count);
  return tokens.filter((token) => token.isName).length * 5 >= count;
}

function linesOf(place: Place, count: number): string {
  const tokens = tokensOf.get(place.file) ?? [];
  const first = tokens[place.start]?.line ?? 0;
  const last = tokens[place.start + count - 1]?.line ?? first;
  return `${place.file}:${first}-${last}`;
}

const findings: string[] = [];
/** First place of each run of `minTokens` tokens. */
const seen = new Map<string, Place>();
for (const file of projectFiles(['.ts', '.tsx', '.mjs'])) {
  if (file.endsWith('.d.ts')) continue;
  const tokens = scan(file);
  tokensOf.set(file, tokens);
  for (let start = 0; start + minTokens <= tokens.length;) {
    const key = tokens
      .slice(start, start + minTokens)
      .map((token) => token.text)
      .join('\0');
    const here: Place = { file, start };
    const first = seen.get(key);
    const count = first === undefined ? 0 : equalTokens(first, here);
    if (first !== undefined && count >= minTokens && isCode(here, count)) {
      findings.push(`${linesOf(here, count)} repeats ${linesOf(first, count)} (${count} tokens)`);
      start += count;
    } else {
      if (first === undefined) seen.set(key, here);
      start++;
    }
  }
}
report('repeated blocks', findings);
