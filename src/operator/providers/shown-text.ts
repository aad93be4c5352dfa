const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/**
 * The beginning of a text, without what a line cannot show. Counted in UTF-16 units, the strictest count there is, and never
 * cut within what a reader sees as one character.
 */
export function cut(text: string, lengthMax: number): string {
  const line = text
    .replaceAll(/\p{Surrogate}/gu, '')
    .replaceAll(/[\s\p{Control}]+/gu, ' ')
    .trim();
  if (line.length <= lengthMax) return line;
  let kept = '';
  for (const { segment } of graphemes.segment(line)) {
    if (kept.length + segment.length > lengthMax) break;
    kept += segment;
  }
  return kept.trim();
}
