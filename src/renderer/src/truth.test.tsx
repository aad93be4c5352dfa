import { describe, expect, it } from 'vitest';
import { reasonCodes, receiptStatuses, scanAgainHelps } from '../../shared/model/charge.ts';
import type { Language } from '../../shared/i18n/language.ts';
import { paymentMeans } from '../../shared/model/member.ts';
import { draw, drawView, textOf } from './testing/draw.tsx';
import { basketOf, cola, receiptOf, shoppingOf, snapshotOf, tea } from './testing/snapshots.ts';

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

describe('a door that is left open', () => {
  const primaries = (html: string): (string | undefined)[] =>
    [...html.matchAll(/<button[^>]*>/g)]
      .filter(([tag]) => tag.includes('bg-jade '))
      .map(([tag]) => /data-testid="([^"]*)"/.exec(tag)?.[1]);
  it.each([2, 3])(
    'level %i: the title is what helps, and no green button leads away from it',
    (ajarLevel) => {
      for (const lines of [[], [cola]]) {
        const html = drawView(shoppingOf(lines, { ajarLevel }));
        expect(html).toMatch(/<h1[^>]*>请把门关上/);
        expect(textOf(html)).toContain('推到底');
        expect(primaries(html)).toEqual([]);
        expect(textOf(html)).not.toMatch(/门开了，请拿吧|柜门已关/);
      }
      expect(textOf(drawView(shoppingOf([cola], { ajarLevel }), 'en'))).toMatch(/Push it/);
    },
  );
  it('that nobody can see is not said to be open', () => {
    for (const lines of [[], [cola]]) {
      const text = textOf(drawView(shoppingOf(lines, { door: 'unknown' })));
      expect(text).not.toMatch(/柜门已开|门开了/);
      expect(text).toContain('推到底');
    }
  });
});

describe('without a network', () => {
  const identifying = (purpose: 'visit' | 'account') =>
    ({ screen: 'identifying', purpose, cabinetCode: { state: 'unavailable' }, countdown }) as const;
  it.each(['visit', 'account'] as const)(
    '%s: nobody is asked for a code that nobody can check',
    (purpose) => {
      for (const language of ['zh', 'en'] as const) {
        const faceOff = 'off';
        const html = draw(snapshotOf(identifying(purpose), { online: false, faceOff }), language);
        expect(textOf(html)).not.toMatch(/出示|对准|先扫码|Show your|Hold your|Your code, to/);
        expect(textOf(html)).toMatch(/网络不通[^]*门锁着|No network[^]*door is locked/);
        expect(html).toContain('action-cancel');
      }
    },
  );
  it('where it opens all the same, a code is asked for at the scanner alone', () => {
    const opens = { online: false, offlineBlock: null } as const;
    const html = draw(snapshotOf(identifying('visit'), opens));
    expect(textOf(html)).toMatch(/出示会员码/);
    expect(html).not.toContain('cabinet-code');
    expect(textOf(html)).not.toContain('网络');
    // "My data" needs the operator as ever.
    expect(textOf(draw(snapshotOf(identifying('account'), opens)))).toContain('网络不通');
  });
  it('refused there for the face: the green button leads to the code', () => {
    const reason = 'network.offline_face_list_old';
    const view = { screen: 'refused', purpose: 'visit', reason, countdown } as const;
    const html = draw(snapshotOf(view, { online: false, offlineBlock: null }));
    const primary = [...html.matchAll(/<button[^>]*>/g)].filter(([tag]) => tag.includes('bg-jade '));
    expect(primary.map(([tag]) => /data-testid="([^"]*)"/.exec(tag)?.[1])).toEqual(['action-choose-code']);
  });
  it('and with it again, the code is asked for again', () => {
    expect(textOf(drawView(identifying('visit')))).toContain('请出示会员码');
  });
  it('the face is offered to see the own data, and the door is not promised', () => {
    const html = draw(snapshotOf(identifying('account'), { online: false }));
    expect(html).toContain('action-choose-account');
    expect(textOf(html)).not.toMatch(/先扫码|对准/);
  });
  it('refused for it: the green button does not lead back to the scan', () => {
    const view = { screen: 'refused', purpose: 'visit', reason: 'network.unreachable', countdown } as const;
    const html = draw(snapshotOf(view, { online: false }));
    const primary = [...html.matchAll(/<button[^>]*>/g)].filter(([tag]) => tag.includes('bg-jade '));
    expect(primary.map(([tag]) => /data-testid="([^"]*)"/.exec(tag)?.[1])).toEqual(['action-cancel']);
  });
  it('the start screen says what still works', () => {
    const at = (faceOff: 'off' | null) =>
      textOf(draw(snapshotOf({ screen: 'attract' }, { online: false, faceOff })));
    expect(at(null)).toContain('刷脸看自己的数据');
    expect(at('off')).not.toContain('刷脸');
  });
});

describe('receipts mark what was reported', () => {
  it('on the very line', () => {
    const html = drawView(receiptOf({ lines: [{ ...cola }, { ...tea }], disputed: [tea.sku] }));
    expect(html).toMatch(/receipt-line-tea"[^]*已报告，待核对/);
    expect(html.match(/已报告，待核对/g)).toHaveLength(1);
  });
  it('and what is not paid says how to pay', () => {
    const unpaid = receiptOf({ status: 'collecting', reason: 'account.insufficient_funds' });
    expect(textOf(drawView(unpaid))).toContain('我的购买');
    expect(textOf(drawView(unpaid, 'en'))).toContain('My purchases');
    expect(textOf(drawView(receiptOf()))).not.toContain('我的购买');
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

  it.each<[Language, string]>([
    ['zh', '王*，微信支付，已扣 ¥7.00'],
    ['en', '王*, WeChat Pay: ¥7.00 charged'],
  ])('%s: and by what, where the operator has told', (language, words) => {
    expect(textOf(drawView(receiptOf({ means: 'wechat_pay' }), language))).toContain(words);
    for (const means of paymentMeans) {
      const text = textOf(drawView(receiptOf({ means }), language));
      expect(text).not.toMatch(/means\.|undefined|\{\{/);
      expect(/模拟|simulated/.test(text)).toBe(means === 'simulated');
    }
  });

  it.each([...receiptStatuses])('%s: a tick only where all is done', (status) => {
    const html = drawView(
      receiptOf({ status, ...(status === 'nothing' ? { lines: [], totalMinor: 0 } : {}) }),
    );
    expect(/lucide-check [^"]*size-72/.test(html)).toBe(['paid', 'sending', 'follows'].includes(status));
  });
});
