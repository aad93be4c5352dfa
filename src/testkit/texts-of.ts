/** A tree of words, as the pages' `i18n` folders have them. */
export type WordTree = { readonly [key: string]: string | WordTree };

/** Every text of it, by its path with dots. */
export function textsOf(tree: WordTree, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') all.set(at, value);
    else for (const [k, v] of textsOf(value, at)) all.set(k, v);
  }
  return all;
}

/** The names of what is filled in (`{{name}}`), in order. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).sort();
}
