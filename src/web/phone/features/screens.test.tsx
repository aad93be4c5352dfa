import { describe, expect, it } from 'vitest';
import { minor } from '../../../shared/money.ts';
import { messageTemplates } from '../../../shared/model/message.schema.ts';
import { receiptStatuses } from '../../../shared/model/charge.ts';
import type { ToldMoney } from '../../../shared/model/told-money.ts';
import { draw, textOf } from '../testing/draw.tsx';
import { cola, owed, paid, samplePurchase, sampleSession } from '../testing/samples.ts';
import { HomePage, Standing } from './home/home-page.tsx';
import { MessageCard } from './messages/messages-page.tsx';
import { PurchaseRow } from './home/purchase-row.tsx';
import { sumsOf } from './home/standing.ts';
import { PayNow } from './purchase/purchase-page.tsx';
import { ReceiptCard } from './purchase/receipt-card.tsx';
import { ReportNote, StatusNote, WhatIsNext } from './purchase/status.tsx';
import { Ways } from './sign-in/sign-in-page.tsx';

const both = ['zh', 'en'] as const;

describe('how I stand', () => {
  it('says nothing before it is known', () => {
    expect(draw(<Standing purchases={null} />)).toBe('');
  });
  it('is fine, owes so much, or says why no door opens', () => {
    const debts = [samplePurchase('0000ABCD', owed), samplePurchase('0000ABCE', owed)];
    const unpaid = { ...sampleSession, refused: 'account.unpaid_charges' } as const;
    expect(textOf(draw(<Standing purchases={[]} />))).toContain('一切正常');
    const two = draw(<Standing purchases={debts} />, 'zh', unpaid);
    expect(textOf(two)).toContain('还有 ¥27.80 没付共 2 笔。 付清后马上能再开门。去付清');
    expect(two).toContain('href="/m/debts"');
    const one = draw(<Standing purchases={debts.slice(0, 1)} />, 'en');
    expect(one).toContain(`href="/m/r#${debts[0]!.chargeId}"`);
    // The door opens all the same: nothing is promised of it.
    expect(textOf(one)).toBe('¥13.90 is not paid yetPay now');
    const suspended = { ...sampleSession, refused: 'account.suspended' } as const;
    expect(textOf(draw(<Standing purchases={[]} />, 'zh', suspended))).toContain('这个账户已暂停使用');
  });
  it('adds up what can be added up', () => {
    const dollars = samplePurchase('0000ABCF', owed, { currency: 'USD' });
    expect(sumsOf([samplePurchase('0000ABCD', owed), dollars, dollars])).toEqual([
      { currency: 'CNY', amountMinor: 1390 },
      { currency: 'USD', amountMinor: 2780 },
    ]);
  });
});

describe('a purchase', () => {
  it.each(both)('%s: says where the money is in every state, with nothing left to fill in', (language) => {
    for (const status of receiptStatuses) {
      const told: ToldMoney = { ...paid, status };
      const purchase = samplePurchase('0000ABCD', told);
      const parts = (
        <>
          <StatusNote purchase={purchase} />
          <WhatIsNext purchase={purchase} />
          <ReceiptCard purchase={purchase} />
        </>
      );
      const text =
        textOf(draw(parts, language)) + textOf(draw(<PurchaseRow purchase={purchase} />, language));
      expect(text).not.toMatch(/\{\{|undefined|null|NaN/);
    }
  });
  it('that is owed says why, what helps here, who acts next, and leads to paying', () => {
    const purchase = samplePurchase('0000ABCD', owed, { nextTryAtMs: Date.UTC(2026, 10, 23, 2) });
    const text = textOf(draw(<StatusNote purchase={purchase} />));
    expect(text).toBe('待付款 · 账户余额不足请充值，或在“账户”里换付款方式，之后会再扣一次。');
    expect(textOf(draw(<WhatIsNext purchase={purchase} />))).toContain('接下来：请您付款。');
    expect(draw(<PayNow purchase={purchase} />)).toContain('href="https://pay.example/p/1"');
  });
  it('offers no way to pay where there is none, and says where the member pays', () => {
    const told = { ...owed, mayPay: false, when: 'when_shopper_acts' } as const;
    const purchase = samplePurchase('0000ABCD', told, { means: 'wechat_pay' });
    expect(draw(<PayNow purchase={purchase} />)).toBe('');
    expect(textOf(draw(<WhatIsNext purchase={purchase} />))).toContain('支付分');
  });
  it('keeps apart what was held, marks what was reported, and names both amounts', () => {
    const told: ToldMoney = {
      ...paid,
      ...{ amountMinor: minor(690), beside: 'billed', report: 'notDebited', isReportOpen: true },
      ...{ held: 'held', heldMinor: minor(700), when: 'working_days' },
    };
    const purchase = samplePurchase('0000ABCD', told, {
      heldLines: [cola] as never,
      disputed: ['A001'] as never,
    });
    const card = draw(<ReceiptCard purchase={purchase} />);
    expect(textOf(card)).toContain('已报告，待核对');
    expect(textOf(card)).toContain('实际扣款¥6.90');
    expect(card).toContain('<s class="tabular shrink-0 font-semibold">¥7.00</s>');
    expect(textOf(draw(<ReportNote purchase={purchase} />))).toContain(
      '有争议的部分没有扣款，会有人工核对。',
    );
    expect(textOf(draw(<PurchaseRow purchase={purchase} />))).toContain('您反映的问题在核对');
  });
});

describe('what is written to me', () => {
  const message = {
    messageId: 1,
    template: 'free',
    text: '您好',
    chargeId: null,
    atMs: 0,
    isRead: true,
  } as const;
  it.each(both)('%s: has words for each template, and the words of whoever wrote below', (language) => {
    for (const template of messageTemplates.filter((one) => one !== 'free')) {
      const text = textOf(draw(<MessageCard message={{ ...message, template }} />, language));
      expect(text).toMatch(/.{8,}您好$/s);
      expect(text).not.toMatch(/\{\{|undefined/);
    }
    expect(textOf(draw(<MessageCard message={message} />, language))).toMatch(/您好$/);
  });
  it('is text and nothing else, marked while it is new, and leads to its purchase', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const chargeId = samplePurchase('0000ABCD', owed).chargeId;
    const html = draw(<MessageCard message={{ ...message, text: hostile, chargeId, isRead: false }} />);
    expect(html).toContain('&lt;img src=x');
    expect(html).toContain(`href="/m/r#${chargeId}"`);
    expect(textOf(html)).toMatch(/^新 · /);
  });
  it('is said on the first screen', () => {
    const two = draw(<HomePage />, 'zh', { ...sampleSession, unread: 2 });
    expect(textOf(two)).toContain('客服给您留了 2 条言。看留言');
    expect(draw(<HomePage />, 'zh', sampleSession)).not.toContain('home-messages');
  });
});

describe('ways to sign in', () => {
  const providers = [
    { provider: 'wechat', app: 'wechat' },
    { provider: 'alipay', app: 'alipay' },
  ] as const;
  it('is one touch in the app whose account it is', () => {
    const html = draw(<Ways providers={[...providers]} userAgent="MicroMessenger" />);
    expect(html).toContain('sign-in-wechat');
    expect(html).not.toContain('sign-in-alipay');
    expect(html).not.toContain('sign-in-open-in');
  });
  it('says elsewhere which app to open it in, and always that the operator gives a link', () => {
    expect(textOf(draw(<Ways providers={[...providers]} userAgent="Chrome" />))).toContain(
      '请在微信或支付宝里打开本页',
    );
    const none = textOf(draw(<Ways providers={[]} userAgent="Chrome" />));
    expect(none).toContain('请运营方给您发一条登录链接');
    expect(none).not.toContain('微信');
  });
});
