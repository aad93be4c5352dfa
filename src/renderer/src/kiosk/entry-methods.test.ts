import { describe, expect, it } from 'vitest';
import { accountEntryMethod, isCodeOffered } from './entry-methods.ts';

describe('what gets somebody into the account', () => {
  it.each([
    { online: true, faceOff: null, method: 'code' },
    { online: true, faceOff: 'vault', method: 'code' },
    { online: false, faceOff: null, method: 'face' },
    { online: false, faceOff: 'off', method: null },
    { online: false, faceOff: 'vault', method: null },
  ] as const)('online $online, faces off $faceOff: $method', ({ method, ...snapshot }) => {
    expect(accountEntryMethod(snapshot)).toBe(method);
  });
});

describe('the code beside the face', () => {
  it('is always offered for the door, for the account only with a network', () => {
    expect(isCodeOffered('visit', false)).toBe(true);
    expect(isCodeOffered('account', true)).toBe(true);
    expect(isCodeOffered('account', false)).toBe(false);
  });
});
