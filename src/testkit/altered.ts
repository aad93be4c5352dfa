/**
 * The text with another first character, which is never the one that it had: a signature or a cipher text in base64 is
 * then another one, whatever was drawn. (The last character may carry spare bits only.)
 */
export function altered(text: string): string {
  return `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
}
