import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberCodeMaxLength } from '../../shared/model/member.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { makeMemberCodeKeys } from './member-code-keys.ts';
import { makeMemberCode, readMemberCode } from './member-code.ts';

const keys = makeMemberCodeKeys();
const memberId = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const expires = fc.integer({ min: 1, max: 2 ** 40 });

describe('member codes', () => {
  it('are read as they were made, and never longer than allowed', () => {
    fc.assert(
      fc.property(memberId, expires, (id, atS) => {
        const text = makeMemberCode(keys, systemRandom, id, atS);
        expect(text.length).toBeLessThanOrEqual(memberCodeMaxLength);
        const read = readMemberCode(keys, text);
        expect(read).toMatchObject({ ok: true, value: { memberId: id, expiresAtMs: atS * 1000 } });
      }),
      { numRuns: 100 },
    );
  });

  it('are refused after any change of any character', () => {
    const text = makeMemberCode(keys, systemRandom, 'M1001', 1_800_000_000);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...characters.split('')), (at, character) => {
        fc.pre(text[at] !== character);
        const read = readMemberCode(keys, text.slice(0, at) + character + text.slice(at + 1));
        expect(read.ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('have one spelling: the spare bits of the last character count', () => {
    const text = makeMemberCode(keys, systemRandom, 'M1001', 1_800_000_000);
    const last = text.slice(-1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sameBytes = alphabet[alphabet.indexOf(last) + 1] ?? '';
    expect(Buffer.from(text.slice(-86), 'base64url')).toEqual(
      Buffer.from(text.slice(-86, -1) + sameBytes, 'base64url'),
    );
    expect(readMemberCode(keys, text.slice(0, -1) + sameBytes)).toMatchObject({
      error: { code: 'account.code_malformed' },
    });
  });

  it('are of one operator', () => {
    const text = makeMemberCode(makeMemberCodeKeys(), systemRandom, 'M1001', 1_800_000_000);
    expect(readMemberCode(keys, text)).toMatchObject({ error: { code: 'account.code_unknown' } });
  });

  it('never throw on anything', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.stringMatching(/^KM1\.[\w.-]{0,190}$/)),
        (text) => {
          expect(readMemberCode(keys, text).ok).toBe(false);
        },
      ),
    );
  });
});
