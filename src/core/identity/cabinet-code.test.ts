import fc from 'fast-check';
import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { cabinetCodeMaxLength, shopperUrlMaxLength } from '../../shared/model/cabinet-code.ts';
import { base32, fromBase32 } from './base32.ts';
import { cabinetCodeText, cabinetCodeToSign, makeShowing, readCabinetCode } from './cabinet-code.ts';

const signatures = fc.uint8Array({ minLength: 64, maxLength: 64 });
const codes = fc.record({
  cabinetId: fc.stringMatching(/^[A-Z0-9-]{1,32}$/),
  expiresAtS: fc.integer({ min: 1, max: 2 ** 40 }),
  showing: fc.uint8Array({ minLength: 5, maxLength: 5 }).map(makeShowing),
});
const url = 'HTTPS://KAIMEN.EXAMPLE/';
const sample = { cabinetId: 'A-0217', expiresAtS: 1_795_476_120, showing: 'MFRGGZDF' };
const textOf = (signature = new Uint8Array(64).fill(0xa5)): string =>
  cabinetCodeText(url, cabinetCodeToSign(sample), signature);

describe('base 32', () => {
  it('spells as RFC 4648, section 10, does (without padding)', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const vectors = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB' };
    for (const [plain, spelled] of Object.entries(vectors)) expect(base32(bytes(plain))).toBe(spelled);
  });
  it('gives back what was given, and takes no other spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase32(base32(bytes))).toEqual(bytes);
      }),
    );
    for (const text of ['MZ', 'MY======', 'my', 'A', '0', 'MZXW6Y T']) expect(fromBase32(text)).toBeNull();
  });
});

describe('a cabinet code', () => {
  it('is read as it was made, whatever the address before it', () => {
    const urls = fc.constantFrom('', url, 'https://m.example/d?c=', 'https://KC1.example/KC1.x/');
    fc.assert(
      fc.property(urls, codes, signatures, (base, code, signature) => {
        const signed = cabinetCodeToSign(code);
        expect(readCabinetCode(cabinetCodeText(base, signed, signature))).toEqual({
          ok: true,
          value: { ...code, signed, signature },
        });
      }),
    );
  });
  it('is read with the prefix in the number of its cabinet or in its moment', () => {
    const KC1 = Number.parseInt('KC1', 36);
    const prefixed = [
      { ...sample, cabinetId: 'KC1' },
      { ...sample, cabinetId: 'HALL-KC1' },
      { ...sample, expiresAtS: KC1 },
      { ...sample, expiresAtS: 36 ** 5 * 11 + KC1 },
      { cabinetId: 'KC1', expiresAtS: KC1, showing: 'AAAAAKC1'.replace('1', '2') },
    ];
    for (const code of prefixed) {
      const text = cabinetCodeText(url, cabinetCodeToSign(code), new Uint8Array(64));
      expect(readCabinetCode(text)).toMatchObject({ ok: true, value: code });
    }
  });
  it('is another one, or none, after a change of any character', () => {
    const text = textOf();
    const before = readCabinetCode(text);
    fc.assert(
      fc.property(
        fc.integer({ min: url.length, max: text.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, character) => {
          fc.pre(text[at] !== character);
          const after = readCabinetCode(text.slice(0, at) + character + text.slice(at + 1));
          if (after.ok) expect(after).not.toEqual(before);
        },
      ),
      { numRuns: 500 },
    );
  });
  it('never throws on anything', () => {
    const near = fc.stringMatching(/^[A-Z:/]{0,9}KC1\.[A-Z0-9.-]{0,150}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), near), (text) => {
        expect(typeof readCabinetCode(text).ok).toBe('boolean');
      }),
    );
    expect(readCabinetCode(`${'x'.repeat(cabinetCodeMaxLength)}${textOf()}`).ok).toBe(false);
  });
  it('fits the bound with the longest address and the longest cabinet id', () => {
    const signed = cabinetCodeToSign({ ...sample, cabinetId: 'C'.repeat(32) });
    const text = cabinetCodeText('x'.repeat(shopperUrlMaxLength), signed, new Uint8Array(64));
    expect(text.length).toBeLessThanOrEqual(cabinetCodeMaxLength);
  });
  it('makes a small QR code: version 7 (45 squares) with medium error correction, in capitals', () => {
    expect(encode(textOf(), { ecc: 'M' }).version).toBeLessThanOrEqual(7);
    expect(encode(textOf().replace(url, url.toLowerCase()), { ecc: 'M' }).version).toBeGreaterThan(7);
  });
});
