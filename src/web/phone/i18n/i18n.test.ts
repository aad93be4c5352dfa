import { describe, expect, it } from 'vitest';
import { reasonCodes } from '../../../shared/model/charge.ts';
import { placeholdersOf, textsOf } from '../../../testkit/texts-of.ts';
import { en } from './en.ts';
import { fill, ofReason, saidHere, wordsOf } from './words.ts';
import { zh } from './zh.ts';

const zhTexts = textsOf(zh);
const enTexts = textsOf(en);

describe('the two languages', () => {
  it('have the same keys, none empty, with the same values to fill in', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort());
    for (const [key, text] of zhTexts) {
      expect(text.trim() === '' || enTexts.get(key)?.trim() === '', key).toBe(false);
      expect(placeholdersOf(enTexts.get(key) ?? ''), key).toEqual(placeholdersOf(text));
    }
  });
  it('are not mixed up: Chinese is Chinese, English is not', () => {
    const ofTheOther = /^(otherLanguage|otherLanguageLabel|account\.(english|chinese)|signIn\.or)$/;
    for (const [key, text] of zhTexts)
      if (!ofTheOther.test(key)) expect(text, key).toMatch(/\p{Script=Han}/u);
    for (const [key, text] of enTexts)
      if (!ofTheOther.test(key)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  });
  it('never talk like a machine', () => {
    for (const [key, text] of [...zhTexts, ...enTexts])
      expect(text, key).not.toMatch(/风控|异常|失败|error|invalid|exception|failed to|null|undefined/i);
  });
});

it('has words for every reason, before the door and after', () => {
  for (const words of Object.values(wordsOf))
    for (const code of reasonCodes) {
      expect(ofReason(words.refused, code).remedy).not.toBe('');
      expect(ofReason(words.receipt.words, code).next).not.toBe('');
    }
});

it('says otherwise on the phone only what reasons there are', () => {
  const known = reasonCodes.map((code) => code.slice(code.indexOf('.') + 1));
  expect(known).toEqual(expect.arrayContaining([...Object.keys(zh.nextHere), ...Object.keys(zh.remedyHere)]));
  expect(saidHere(zh.nextHere, 'account.expired_card')).toBe(zh.nextHere.expired_card);
  expect(saidHere(zh.nextHere, null)).toBeUndefined();
});

it('fills in what it is given, and leaves the rest to be found', () => {
  expect(fill('{{a}} and {{b}}', { a: 1 })).toBe('1 and {{b}}');
  expect(fill('{{a}}', { a: '$& <b>' })).toBe('$& <b>');
});
