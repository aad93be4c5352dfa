import { expect, it } from 'vitest';
import { textOf } from './language.ts';

it('keeps a size together', () => {
  expect(textOf({ zh: '可乐 330 毫升', en: 'Cola 330 ml' }, 'en')).toBe('Cola 330\u00a0ml');
  expect(textOf({ zh: '可乐 330 毫升', en: 'Cola 330 ml' }, 'zh')).toBe('可乐 330\u00a0毫升');
  expect(textOf({ zh: '饭团', en: '7 up and more' }, 'en')).toBe('7 up and more');
});
