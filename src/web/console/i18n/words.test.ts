import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Leaf = string | ((...values: string[]) => string);
interface Tree {
  readonly [key: string]: Leaf | Tree;
}

function leaves(tree: Tree, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') all.set(at, value);
    else if (typeof value === 'function') all.set(at, value('7', '7'));
    else for (const [k, v] of leaves(value, at)) all.set(k, v);
  }
  return all;
}
const zhTexts = leaves(zh as unknown as Tree);
const enTexts = leaves(en as unknown as Tree);

describe('the two languages of the console', () => {
  it('have the same keys, none empty', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort());
    for (const [key, text] of [...zhTexts, ...enTexts]) expect(text.trim(), key).not.toBe('');
  });
  it('are not mixed up: Chinese is Chinese, English is not', () => {
    // Names, and what only sets names side by side, are in no language.
    const chinese = [...zhTexts].filter(([key, text]) => key !== 'signedInAs' && !/[a-z]{4}/i.test(text));
    for (const [key, text] of chinese) expect(text, key).toMatch(/\p{Script=Han}/u);
    for (const [key, text] of enTexts) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  });
});

describe('what the operator lists', () => {
  // The page may not import the operator; nor may it know Node's types.
  const nodeFs: string = 'node:fs';
  const codesIn = async (file: string, name: string): Promise<string[]> => {
    const fs = (await import(nodeFs)) as { readFileSync: (url: URL, encoding: 'utf8') => string };
    const text = fs.readFileSync(new URL(`../../../operator/${file}`, import.meta.url), 'utf8');
    const from = text.indexOf(`export const ${name} = [`);
    expect(from, name).toBeGreaterThan(-1);
    const list = text.slice(from, text.indexOf('] as const', from));
    return [...list.matchAll(/^ {2}'(\w+)',$/gm)].map(([, code = '']) => code);
  };
  it('has words for every kind of incident and difference', async () => {
    const incidents = await codesIn('storage/schema.ts', 'incidentKinds');
    const differences = await codesIn('reconciliation/kinds.ts', 'differenceKinds');
    expect(incidents.length).toBeGreaterThan(30);
    expect(differences.length).toBeGreaterThan(10);
    for (const { codes } of [zh, en]) {
      expect(incidents.filter((kind) => codes.incidents[kind] === undefined)).toEqual([]);
      expect(differences.filter((kind) => codes.differences[kind] === undefined)).toEqual([]);
    }
  });
});
