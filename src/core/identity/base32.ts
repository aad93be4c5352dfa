import { assert } from '../../shared/assert.ts';

/** RFC 4648, section 6: all of it is in the alphanumeric mode of QR codes. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Bytes → base 32 without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    bitCount += 8;
    for (; bitCount >= 5; bitCount -= 5) text += alphabet[(bits >> (bitCount - 5)) & 31] ?? '';
    bits &= (1 << bitCount) - 1;
  }
  return bitCount === 0 ? text : text + (alphabet[(bits << (5 - bitCount)) & 31] ?? '');
}

/** The bytes of a text that `base32` makes; null for any other, also for another spelling of the same bytes. */
export function fromBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return null;
    bits = (bits << 5) | value;
    bitCount += 5;
    if (bitCount < 8) continue;
    bitCount -= 8;
    assert(at < bytes.length, 'as many bytes as the characters have bits for');
    bytes[at++] = bits >> bitCount;
    bits &= (1 << bitCount) - 1;
  }
  return base32(bytes) === text ? bytes : null;
}
