/** The little of XML that workbooks need: no document is built, nothing is fetched, no entity of its own is known. */

export function attributeOf(tag: string, name: string): string | null {
  const text = new RegExp(`\\s${name}="([^"]{0,500})"`).exec(tag)?.[1];
  return text === undefined ? null : unescaped(text);
}

/** What stands in front of an element's content. */
export function tagOf(element: string): string {
  return element.slice(0, element.indexOf('>') + 1);
}

/** What stands between its first and its last tag. */
export function contentOf(element: string): string {
  return element.slice(element.indexOf('>') + 1, Math.max(element.lastIndexOf('</'), 0));
}

/** Each element of this name, with its tags, one after the other. None of those looked for stand within one another. */
export function elementsOf(xml: string, name: string): string[] {
  const found: string[] = [];
  const begin = new RegExp(`<(?:\\w{1,20}:)?${name}(?=[\\s/>])`, 'g');
  for (let at = begin.exec(xml); at !== null; at = begin.exec(xml)) {
    const opened = xml.indexOf('>', at.index);
    if (opened < 0) break;
    if (xml[opened - 1] === '/') {
      found.push(xml.slice(at.index, opened + 1));
      begin.lastIndex = opened + 1;
      continue;
    }
    const prefix = at[0].slice(1);
    const closed = xml.indexOf(`</${prefix}>`, opened);
    if (closed < 0) break;
    const end = closed + prefix.length + 3;
    found.push(xml.slice(at.index, end));
    begin.lastIndex = end;
  }
  return found;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function unescaped(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[a-z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
