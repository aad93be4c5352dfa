import { describe, expect, test } from 'vitest';
import { draw, drawView, textOf } from './testing/draw.tsx';
import { type ViewInput, basketOf, cola, receiptOf, shoppingOf, snapshotOf } from './testing/snapshots.ts';
import { Toast } from './ui/toast.tsx';

/** Sentences that were true of the usual case only, in states that make them untrue. */

const countdown = { durationMs: 3_000, elapsedMs: 0 };
const shelfIsRead: ViewInput = {
  ...{
    screen: 'checking',
    currency: 'CNY',
    confirmed: false,
    basket: basketOf([cola]),
    heldLines: [],
    backLines: [],
  },
};
const wantsTheirData: ViewInput = { screen: 'authorising', purpose: 'account', countdown };
const justStarted: ViewInput = { screen: 'recovering', hasVisit: false };
// Also a second after a receipt, when the bolt had not quite caught.
const doorStandsOpen: ViewInput = {
  ...{ screen: 'out_of_service', reason: 'door_open_without_visit', sinceMs: 0 },
};
const atLimit: ViewInput = {
  ...{ screen: 'refused', purpose: 'visit', reason: 'account.limit_reached', countdown },
};

test.each([
  ['while the shelf may be read for 20 s', shelfIsRead, 'zh', '最多三秒'],
  ['while the shelf may be read for 20 s', shelfIsRead, 'en', 'Three seconds at most'],
  ['to somebody who wants to see their data', wantsTheirData, 'zh', '就开门'],
  ['to somebody who wants to see their data', wantsTheirData, 'en', 'the door opens'],
  ['where the program has just started', justStarted, 'zh', '您的购物'],
  ['where the program has just started', justStarted, 'en', 'Your purchase'],
  ['to who may just have been charged', doorStandsOpen, 'zh', '不会向您收费'],
  ['to who may just have been charged', doorStandsOpen, 'en', 'You will not be charged'],
  ['to who can pay nothing', atLimit, 'zh', '付清'],
  ['to who can pay nothing', atLimit, 'en', 'npaid'],
  ['to who can pay nothing', atLimit, 'en', 'ay it'],
] as const)('%s, %#: not said', (_, view, language, words) => {
  const text = textOf(drawView(view, language));
  expect(text.length).toBeGreaterThan(20);
  expect(text).not.toContain(words);
});

describe('out of service', () => {
  const shut = (hasOpenBill: boolean): ViewInput => ({
    ...{ screen: 'out_of_service', reason: 'lock_unreachable', sinceMs: 0, hasOpenBill },
  });
  const none = /不会产生任何扣款|Nothing is charged meanwhile/;
  test.each(['zh', 'en'] as const)(
    '%s: a bill that is on its way is still charged, and this is said',
    (language) => {
      const text = textOf(drawView(shut(true), language));
      expect(text).not.toMatch(none);
      expect(text).toMatch(/只结算之前的购物|Only earlier purchases are charged/);
      expect(textOf(drawView(shut(false), language))).toMatch(none);
    },
  );
});

describe('a cabinet without faces speaks of none', () => {
  test.each([
    ['zh', '人脸'],
    ['en', 'face'],
  ] as const)('%s: nor to a code that is held before it in "my account"', (language, word) => {
    const snapshot = snapshotOf({ screen: 'attract' }, { faceOff: 'off' });
    const answer = { seq: 1, why: 'account', reason: null } as const;
    expect(textOf(draw(snapshot, language, { kind: 'scan', answer }, <Toast />))).not.toContain(word);
  });
});

test('a finger that came down on "looks right" for ¥7.00 does not confirm ¥10.50', () => {
  // What ui/guard-touches.ts compares to tell whether other things lie under the finger.
  const touchable = (html: string): string =>
    [...html.matchAll(/<[a-z]+[^>]*data-testid="[^"]*"[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => /^<main|data-testid="(action-|line-|tick-|key-)/.test(tag))
      .map((tag) =>
        [/data-testid="([^"]*)"/.exec(tag)?.[1], /data-reason="([^"]*)"/.exec(tag)?.[1]].join(' '),
      )
      .join('\n');
  const at = (count: number, revision: number) =>
    shoppingOf([{ ...cola, count, amountMinor: count * 350 }], {
      basket: basketOf([{ ...cola, count, amountMinor: count * 350 }], { revision }),
    });
  const before = touchable(drawView(at(2, 3)));
  expect(before).toContain('action-confirm');
  expect(touchable(drawView(at(3, 4)))).not.toBe(before);
});

test('a touch that came too late is answered on whatever screen there is by now', () => {
  for (const language of ['zh', 'en'] as const) {
    const words = textOf(draw(snapshotOf(receiptOf()), language, { kind: 'stale' }, <Toast />));
    expect(words).toMatch(language === 'zh' ? /屏幕刚刚变了/ : /has just changed/);
  }
});
