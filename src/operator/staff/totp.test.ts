import { describe, expect, it } from 'vitest';
import { base32Of, totpCode, totpStepOf, totpStepOfCode } from './totp.ts';

/** The secret of RFC 6238, appendix B, for SHA-1. */
const secret = Buffer.from('12345678901234567890');

describe('one-time codes', () => {
  // Appendix B has eight digits; six are the last of them.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(totpCode(secret, totpStepOf(seconds * 1_000))).toBe(code);
  });

  it('count a step before and after, and no further', () => {
    const nowMs = 1_234_567_890_000;
    const step = totpStepOf(nowMs);
    const found = [-2, -1, 0, 1, 2].map((by) => totpStepOfCode(secret, totpCode(secret, step + by), nowMs));
    expect(found).toEqual([null, step - 1, step, step + 1, null]);
    expect(totpStepOfCode(secret, '28708', nowMs)).toBeNull();
  });

  it('have a secret that is written as RFC 4648 says', () => {
    const written = ['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32Of(Buffer.from(text)));
    expect(written).toEqual(['MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI']);
  });
});
