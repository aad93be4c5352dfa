import { describe, expect, it } from 'vitest';
import { accountEntryMethod, isCodeOffered, mayOpen } from './entry-methods.ts';

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

describe('the door', () => {
  it.each([
    { online: true, offlineBlock: 'network.offline_no_policy', opens: true },
    { online: true, offlineBlock: null, opens: true },
    { online: false, offlineBlock: null, opens: true },
    { online: false, offlineBlock: 'network.offline_no_policy', opens: false },
    { online: false, offlineBlock: 'network.offline_cabinet_cap', opens: false },
  ] as const)('online $online, $offlineBlock: may open $opens', ({ opens, ...snapshot }) => {
    expect(mayOpen(snapshot)).toBe(opens);
  });
});

describe('the code beside the face', () => {
  it('is always offered for the door, for the account only with a network', () => {
    expect(isCodeOffered('visit', false)).toBe(true);
    expect(isCodeOffered('account', true)).toBe(true);
    expect(isCodeOffered('account', false)).toBe(false);
  });
});
