import { expect, it } from 'vitest';
import { memberName } from './member-name.ts';

it('two people of one name are told apart by their phones, once', () => {
  const named = (display: string, phoneLastDigits: string | null): string =>
    memberName({ display, memberId: 'M1', phoneLastDigits });
  expect(named('王*', '0217')).toBe('王* …0217');
  expect(named('王*', '0218')).not.toBe(named('王*', '0217'));
  expect(named('138****0217', '0217')).toBe('138****0217');
  expect(named('王*', null)).toBe('王*');
  expect(named('', '0217')).toBe('M1 …0217');
});
