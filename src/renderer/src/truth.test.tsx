import { describe, expect, it } from 'vitest';
import { reasonCodes, receiptStatuses, scanAgainHelps } from '../../shared/model/charge.ts';
import type { Language } from './i18n/i18n.ts';
import { drawView, textOf } from './testing/draw.tsx';
import { basketOf, cola, receiptOf, shoppingOf, tea } from './testing/snapshots.ts';

/** What a screen says in one place, another place of it must not deny. */

const countdown = { durationMs: 12_000, elapsedMs: 2_000 };

describe('the big number is what is charged when the door shuts now', () => {
  const lines = [
    { ...cola, confidence: 'certain' as const },
    { ...tea, confidence: 'doubtful' as const },
  ];
  const certainMinor = cola.amountMinor;
  const view = shoppingOf(lines, { basket: basketOf(lines, { totalMinor: certainMinor }) });

  it.each<[Language, string]>([
    ['zh', '另有 ¥5.00 待核对'],
    ['en', '¥5.00 more is being checked'],
  ])('%s: what it lacks stands below it, and is not said to be in it', (language, words) => {
    const text = textOf(drawView(view, language));
    expect(text).toContain(words);
    expect(text).not.toMatch(/其中|of it waits/);
  });

  it('says nothing of a part that is not lacking', () => {
    expect(textOf(drawView(shoppingOf([{ ...cola, confidence: 'certain' }])))).not.toMatch(/另有|待核对/);
  });
});

describe('a confirmation that was taken back', () => {
  it.each<[Language, RegExp]>([
    ['zh', /请再确认/],
    ['en', /confirm again/i],
  ])('%s: nobody is told to confirm again where closing the door is enough', (language, words) => {
    const text = textOf(drawView(shoppingOf([{ ...cola, confidence: 'certain' }]), language));
    expect(text).not.toMatch(words);
  });
});

describe('refused: the big green button is what helps', () => {
  it.each([...reasonCodes])('%s', (reason) => {
    const html = drawView({ screen: 'refused', purpose: 'visit', reason, countdown });
    const primary = [...html.matchAll(/<button[^>]*>/g)].filter(([tag]) => tag.includes('bg-jade '));
    const wanted = scanAgainHelps(reason) ? 'action-choose-code' : 'action-cancel';
    expect(primary.map(([tag]) => /data-testid="([^"]*)"/.exec(tag)?.[1])).toEqual([wanted]);
    if (/请联系客服|请拨打客服|会来处理/.test(textOf(html))) expect(scanAgainHelps(reason)).toBe(false);
  });
});

describe('receipts say the amount first', () => {
  it.each<[Language, string]>([
    ['zh', '已从 王* 的账户扣 ¥7.00'],
    ['en', '¥7.00 was charged to the account of 王*'],
  ])('%s: paid, by whom and how much', (language, words) => {
    const text = textOf(drawView(receiptOf(), language));
    expect(text).toContain(words);
    expect(text).toMatch(language === 'zh' ? /已扣 ¥7\.00/ : /¥7\.00 paid/);
  });

  it.each([...receiptStatuses])('%s: a tick only where all is done', (status) => {
    const html = drawView(
      receiptOf({ status, ...(status === 'nothing' ? { lines: [], totalMinor: 0 } : {}) }),
    );
    expect(/lucide-check [^"]*size-72/.test(html)).toBe(['paid', 'sending', 'follows'].includes(status));
  });
});
