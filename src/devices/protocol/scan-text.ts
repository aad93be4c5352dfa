import { byteAt } from './codec.ts';

/** The text of a scan: UTF-8 where the bytes are that, else Latin-1; CR, LF and NUL at the end are taken off. */
export function scanText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && [0x00, 0x0a, 0x0d].includes(byteAt(bytes, end - 1))) end--;
  const body = bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return Array.from(body, (byte) => String.fromCharCode(byte)).join('');
  }
}
