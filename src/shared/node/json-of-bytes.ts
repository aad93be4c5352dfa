/**
 * The JSON of a file that people edit: in UTF-8, with or without the byte order mark that editors on Windows put in front. Throws a
 * SyntaxError that says what is wrong for whoever wrote it; another encoding, read as if it were this one, would be garbage that
 * looks right to every program after it.
 */
export function jsonOfBytes(bytes: Uint8Array, name: string): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(`${name} is not in UTF-8 (but in GBK or UTF-16?): save it as UTF-8`);
  }
  return JSON.parse(text);
}
