import { expect, test } from 'vitest';
import { valueInEditor } from './settings-draft.ts';

test('the editor begins with what was drafted, also where that is left open', () => {
  const inForce = { supportPhone: '400 820 0000', soundPercent: 40, tooWarmC: null };
  expect(valueInEditor('soundPercent', { soundPercent: 0 }, inForce)).toBe(0);
  expect(valueInEditor('soundPercent', {}, inForce)).toBe(40);
  expect(valueInEditor('supportPhone', { supportPhone: null }, inForce)).toBeNull();
  expect(valueInEditor('tooWarmC', {}, inForce)).toBeNull();
  expect(valueInEditor('of-another-version', {}, inForce)).toBeNull();
});
