import { describe, expect, it } from 'vitest';
import { reasonCodes, receiptStatuses } from '../../../shared/model/charge.ts';
import { outOfServiceReasons } from '../../../shared/model/visit.ts';
import { placeholdersOf, textsOf } from '../../../testkit/texts-of.ts';
import { en } from './en.ts';
import { translations } from './i18n.ts';
import { zh } from './zh.ts';

const zhTexts = textsOf(zh);
const enTexts = textsOf(en);

describe('the two languages', () => {
  it('have the same keys, none empty', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort());
    for (const [key, text] of [...zhTexts, ...enTexts]) expect(text.trim(), key).not.toBe('');
  });
  it('fill in the same values', () => {
    for (const [key, text] of zhTexts)
      expect(placeholdersOf(enTexts.get(key) ?? ''), key).toEqual(placeholdersOf(text));
  });
  it('are not mixed up: Chinese is Chinese, English is not', () => {
    const ownName = 'bar.otherLanguage';
    for (const [key, text] of zhTexts) if (key !== ownName) expect(text, key).toMatch(/\p{Script=Han}/u);
    for (const [key, text] of enTexts) if (key !== ownName) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  });
  it('quote in English by signs that the font does not draw as wide as a Chinese one', () => {
    for (const [key, text] of enTexts) expect(text, key).not.toMatch(/[‘’“”]/);
  });
  it('never talk like a machine', () => {
    for (const [key, text] of [...zhTexts, ...enTexts]) {
      expect(text, key).not.toMatch(/风控|异常|失败|error|invalid|exception|failed to|null|undefined/i);
    }
  });
});

describe('words by code', () => {
  it.each(['zh', 'en'] as const)('%s has words for every reason, status and outage', (language) => {
    const { t } = translations[language];
    for (const code of reasonCodes) {
      expect(t(`refused.words.${code}.title`)).not.toContain('refused.words');
      expect(t(`refused.words.${code}.remedy`)).not.toContain('refused.words');
      expect(t(`receipt.words.${code}.why`)).not.toContain('receipt.words');
      expect(t(`receipt.words.${code}.next`)).not.toContain('receipt.words');
    }
    for (const status of receiptStatuses) {
      expect(t(`receipt.status.${status}.chip`)).not.toContain('receipt.status');
    }
    for (const reason of outOfServiceReasons) {
      expect(t(`service.words.${reason}.title`)).not.toContain('service.words');
    }
  });
  it('counts in English', () => {
    expect(translations.en.t('shopping.items', { count: 1 })).toBe('1 item');
    expect(translations.en.t('shopping.items', { count: 3 })).toBe('3 items');
    expect(translations.zh.t('shopping.items', { count: 3 })).toBe('共 3 件');
  });
  it('leaves names as they are (React escapes)', () => {
    expect(translations.en.t('unlocking.hello', { member: 'O’<b>' })).toBe('Hello O’<b>');
  });
});
