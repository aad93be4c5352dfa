import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { reasonCodes, receiptStatuses } from '../../shared/model/charge.ts';
import { outOfServiceReasons, scanAnswers } from '../../shared/model/visit.ts';
import { DisputePanel } from './features/receipt/dispute.tsx';
import { InCurrency } from './ui/in-currency.tsx';
import { Broken } from './features/service/error-boundary.tsx';
import { unbroken } from '../../shared/i18n/format.ts';
import type { Notice } from './kiosk/kiosk-state.ts';
import type { Language } from '../../shared/i18n/language.ts';
import { draw, drawView, textOf } from './testing/draw.tsx';
import { Toast } from './ui/toast.tsx';
import {
  type ViewInput,
  basketOf,
  cola,
  receiptOf,
  shoppingOf,
  snapshotOf,
  tea,
} from './testing/snapshots.ts';

const countdown = { durationMs: 12_000, elapsedMs: 2_000 };
type IdentifyingInput = Extract<ViewInput, { screen: 'identifying' }>;
const identifying = (cabinetCode: IdentifyingInput['cabinetCode']): ViewInput => ({
  screen: 'identifying',
  purpose: 'visit',
  cabinetCode,
  countdown,
});

describe('attract', () => {
  it('shows goods with prices, cabinet, phone and the way in', () => {
    const html = drawView({ screen: 'attract' });
    expect(html).toContain('data-testid="screen-attract"');
    expect(textOf(html)).toMatch(/可乐¥3\.50.*茶¥5\.00/);
    // A number to call is never broken in two.
    for (const words of ['扫码开门', 'A-0217', unbroken('400-000-0217'), '未开门不收费'])
      expect(html).toContain(words);
    expect(html).not.toContain('模拟柜');
  });
  it('says what is sold out and what is the last one, and of the rest nothing', () => {
    const stock = { 'cola-can': 'sold_out' } as const;
    const html = draw(snapshotOf({ screen: 'attract' }, { stock }));
    expect(html.match(/data-testid="stock-/g)).toHaveLength(1);
    expect(textOf(html)).toMatch(/已售完可乐¥3\.50.*茶¥5\.00/);
    expect(textOf(draw(snapshotOf({ screen: 'attract' }, { stock: { tea: 'last_one' } })))).toContain(
      '最后一件茶',
    );
  });
  it('without goods says so', () => {
    expect(draw(snapshotOf({ screen: 'attract' }, { products: [] }))).toContain('还没有商品');
  });
  it('offers face and code as two buttons of the same look, and a way to the account', () => {
    const html = drawView({ screen: 'attract' });
    const look = (id: string): string | undefined =>
      new RegExp(`<button data-testid="${id}" class="([^"]*)"`).exec(html)?.[1];
    expect(look('action-choose-face')).toBeDefined();
    expect(look('action-choose-face')).toBe(look('action-choose-code'));
    expect(html).toContain('action-choose-account');
  });
  it.each(['off', 'vault'] as const)('faces %s: only the code, and nothing speaks of faces', (faceOff) => {
    const html = draw(snapshotOf({ screen: 'attract' }, { faceOff }));
    expect(html).not.toMatch(/刷脸|action-choose-face/);
    expect(html).toContain('action-choose-code');
  });
  it('offline: the button leads nowhere and says why', () => {
    const html = draw(snapshotOf({ screen: 'attract' }, { online: false }));
    expect(html).toMatch(/<button(?=[^>]*data-testid="action-choose-code")[^>]*disabled/);
    expect(html).toMatch(/<h1[^>]*>网络不通/);
    // Nobody is called to come in.
    expect(html).not.toContain('开门，拿走');
  });
  it('offline, and it opens all the same: nothing is said of it, and the buttons lead on', () => {
    const html = draw(snapshotOf({ screen: 'attract' }, { online: false, offlineBlock: null }));
    expect(html).toBe(draw(snapshotOf({ screen: 'attract' })));
  });
  it('offline with too many bills: the banner says which of it is the matter', () => {
    const of = { online: false, offlineBlock: 'network.offline_cabinet_cap' } as const;
    const html = draw(snapshotOf({ screen: 'attract' }, of));
    expect(html).toMatch(/<button(?=[^>]*data-testid="action-choose-code")[^>]*disabled/);
    expect(html).toContain('存下的账单已满');
  });
  it('says that a simulated cabinet is one', () => {
    const { cabinet } = snapshotOf({ screen: 'attract' });
    const snapshot = snapshotOf({ screen: 'attract' }, { cabinet: { ...cabinet, simulated: true } });
    expect(draw(snapshot)).toContain('模拟柜');
    expect(draw(snapshot, 'en')).toContain('Simulated cabinet');
  });
});

describe('refused', () => {
  it.each(['network.offline_face_list_old', 'account.face_not_enrolled'] as const)(
    'by face, %s: offers the code, and nobody is told to scan once more',
    (reason) => {
      const html = drawView({ screen: 'refused', purpose: 'visit', reason, countdown });
      expect(html).toContain('扫码开门');
      expect(html).not.toContain('再扫一次');
    },
  );
  it.each(reasonCodes)('%s: reason, remedy, another way and two ways out', (reason) => {
    for (const language of ['zh', 'en'] as const) {
      const html = drawView({ screen: 'refused', purpose: 'visit', reason, countdown }, language);
      expect(html).toContain('action-choose-code');
      expect(html).toContain('action-cancel');
      expect(html).toContain('400-000-0217');
      expect(textOf(html)).not.toMatch(/refused\.|undefined|\{\{/);
    }
  });
});

describe('unlocking', () => {
  const who = { member: '王*', countdown };
  it('says that it is unlocked only when the lock has said so, and offers to unlock again', () => {
    const draws = (phase: 'opening' | 'open_now' | 'stuck', mayUnlockAgain: boolean): string =>
      drawView({ screen: 'unlocking', phase, mayUnlockAgain, ...who });
    expect(draws('opening', false)).toContain('正在开锁');
    expect(draws('opening', false)).not.toMatch(/门锁开了|action-unlock-again/);
    expect(draws('open_now', true)).toMatch(/门锁开了[^]*action-unlock-again/);
    expect(draws('stuck', true)).toMatch(/门锁没有回应[^]*action-unlock-again/);
    expect(draws('stuck', false)).not.toContain('action-unlock-again');
  });
  it('can be cancelled only before the lock opens; then it says that an unopened door costs nothing', () => {
    const preparing = drawView({ screen: 'unlocking', phase: 'preparing', mayUnlockAgain: false, ...who });
    const open = drawView({ screen: 'unlocking', phase: 'open_now', mayUnlockAgain: true, ...who });
    expect(preparing).toContain('action-cancel');
    expect(open).not.toContain('action-cancel');
    expect(open).toContain('不拉门就不收费');
    expect(open).toContain('王*，您好');
    expect(open).toMatch(/role="timer" aria-label="还有 10 秒"/);
  });
});

describe('shopping', () => {
  it('shows every line with unit price, count and amount, and the total', () => {
    const html = drawView(shoppingOf([cola, tea]));
    expect(html).toContain('data-testid="basket-line-cola-can"');
    expect(textOf(html)).toMatch(/可乐¥3\.50×2¥7\.00/);
    expect(textOf(html)).toMatch(/共 3 件¥12\.00/);
    expect(html).toContain('data-testid="line-report-tea"');
  });
  it('confirmed: says so in place of the button', () => {
    const html = drawView(shoppingOf([cola], { confirmed: true }));
    expect(html).toContain('关上门就好');
    expect(html).not.toContain('action-confirm');
  });
  it('nothing taken: nothing to confirm', () => {
    expect(drawView(shoppingOf([]))).toMatch(/<button[^>]*disabled/);
    expect(drawView(shoppingOf([]))).toContain('直接关门，不收费');
  });
  it('doubt is a question and can be denied', () => {
    const html = drawView(shoppingOf([{ ...cola, confidence: 'doubtful' }]));
    expect(html).toContain('拿的是“可乐”吗？');
    expect(html).toContain('line-report-cola-can');
    expect(html).toContain('不是');
  });
  it('a reported line is struck out and its amount named as held', () => {
    const html = drawView(shoppingOf([cola, { ...tea, reported: true }]));
    expect(html).toContain('另有 ¥5.00 待核对');
    expect(html).toContain('已标记');
  });
  it('foreign and unknown things are shown and not billed', () => {
    const basket = basketOf([cola], {
      foreign: [
        { key: '1', name: null },
        { key: '2', name: { zh: '茶', en: 'Tea' } },
      ],
      unknownTakenCount: 2,
    });
    const text = textOf(drawView(shoppingOf([], { basket })));
    for (const words of ['柜里多了一件别的东西', '放进来的：茶', '2 件没认出来的商品'])
      expect(text).toContain(words);
    expect(text.match(/不收费/g)?.length).toBeGreaterThanOrEqual(3);
    expect(text).toContain('¥7.00');
  });
  it('says more the longer the door is open, and when the reader is away', () => {
    expect(drawView(shoppingOf([cola], { ajarLevel: 1 }))).toContain('请随手关门');
    expect(drawView(shoppingOf([cola], { ajarLevel: 2 }))).toContain('请把门关上');
    expect(drawView(shoppingOf([cola], { ajarLevel: 3 }))).toContain('已通知工作人员');
    expect(drawView(shoppingOf([cola], { readerTrouble: true }))).toContain('可能不是最新的');
  });
  it('says what the visit may cost while goods can be put back, under a graver warning', () => {
    const near = { level: 'near', maxMinor: 6000 } as const;
    const over = { level: 'over', maxMinor: 6000 } as const;
    expect(drawView(shoppingOf([cola], { limit: near }))).toContain('已接近本次上限 ¥60.00');
    expect(drawView(shoppingOf([cola], { limit: over }))).toContain('已超过本次上限 ¥60.00');
    const grave = drawView(shoppingOf([cola], { limit: over, ajarLevel: 3, readerTrouble: true }));
    expect(grave).not.toContain('已超过本次上限');
  });
  it('says that a confirmation was taken back, that an older list was confirmed, and thanks', () => {
    const snapshot = snapshotOf(shoppingOf([cola]));
    expect(draw(snapshot, 'zh', { kind: 'taken_back' })).toContain('刚才的确认已取消');
    expect(draw(snapshot, 'zh', { kind: 'stale' })).toContain('清单刚刚变了');
    expect(draw(snapshot, 'zh', { kind: 'put_back', names: [tea.name] })).toContain('谢谢，已放回：茶');
  });
  it('drops the least of three warnings, never the gravest', () => {
    const snapshot = snapshotOf(shoppingOf([cola], { ajarLevel: 3, readerTrouble: true }));
    const html = draw(snapshot, 'zh', { kind: 'put_back', names: [tea.name] });
    expect(html).toContain('已通知工作人员');
    expect(html).toContain('可能不是最新的');
    expect(html).not.toContain('谢谢，已放回');
  });
});

describe('a scan that leads nowhere', () => {
  const toast = (answer: Extract<Notice, { kind: 'scan' }>['answer'], language: Language): string =>
    textOf(draw(snapshotOf(shoppingOf([cola])), language, { kind: 'scan', answer }, <Toast />));
  it.each(scanAnswers)('%s: is answered in words', (why) => {
    for (const language of ['zh', 'en'] as const) {
      const words = toast({ seq: 1, why, reason: null }, language);
      expect(words.length).toBeGreaterThan(6);
      expect(words).not.toMatch(/scan\.\w|undefined|\{\{/);
    }
  });
  it('says why a code is none', () => {
    const words = toast({ seq: 1, why: 'refused', reason: 'account.code_expired' }, 'zh');
    expect(words).toContain('过期');
  });
});

describe('receipt', () => {
  it.each(receiptStatuses)('%s: status, lines, number, phone, QR', (status) => {
    const html = drawView(receiptOf({ status }), 'en');
    expect(html).toContain(`data-status="${status}"`);
    for (const words of ['KM7F3Q9Z', '400-000-0217', 'Floor 1', '¥7.00', 'QR code of receipt KM7F3Q9Z']) {
      expect(textOf(html) + html).toContain(words);
    }
  });
  it.each(reasonCodes)('%s: why and what next', (reason) => {
    for (const language of ['zh', 'en'] as const) {
      const html = drawView(receiptOf({ status: 'follows', reason }), language);
      expect(textOf(html)).not.toMatch(/receipt\.|undefined|\{\{/);
    }
  });
  it('marks what is held and leaves it out of the total', () => {
    const html = drawView(
      receiptOf({ status: 'review', reason: 'recognition.line_reported', heldLines: [{ ...tea }] }),
    );
    expect(html).toContain('data-testid="receipt-held-tea"');
    expect(html).toContain('先不扣款，等核对');
    expect(html).toMatch(/data-testid="basket-total"[^]*7\.00/);
  });
});

describe('a report in hand', () => {
  const reporting = (skus: string[], isWarned: boolean, language: Language = 'zh'): string => {
    const view = receiptOf({ lines: [{ ...cola }, { ...tea }] }) as Extract<ViewInput, { screen: 'receipt' }>;
    return drawView({ ...view, form: { chargeId: view.receipt.chargeId, skus, isWarned } }, language);
  };
  it('stands where the receipt stood, with what main knows to be marked', () => {
    const html = reporting(['tea'], false);
    expect(html).toContain('dispute-panel');
    expect(html.match(/aria-pressed="true"/g)).toHaveLength(1);
    expect(html).not.toContain('form-warning');
  });
  it('warns whoever does not touch it, and says truly what becomes of it', () => {
    expect(reporting(['tea'], true)).toMatch(/role="alert"[^]*还在吗[^]*已标记的会存好/);
    expect(reporting([], true)).toMatch(/role="alert"[^]*还在吗[^]*还没有标记/);
    expect(reporting([], true)).not.toContain('会存好');
    expect(textOf(reporting(['tea'], true, 'en'))).not.toMatch(/dispute\.|\{\{/);
  });
});

describe('report a problem', () => {
  const lines = [{ ...cola }, { ...tea }];
  const panel = (marked: string[], language: Language = 'zh'): string => {
    const snapshot = snapshotOf(receiptOf({ lines }));
    if (snapshot.visit.screen !== 'receipt') throw new Error('a receipt');
    const shown = snapshot.visit.receipt.lines;
    return draw(
      snapshot,
      language,
      null,
      <InCurrency currency="CNY">
        <DisputePanel lines={shown} marked={new Set(marked)} onMark={() => undefined} />
      </InCurrency>,
    );
  };
  it('is offered beside "done" when something is billed, and only then', () => {
    expect(drawView(receiptOf())).toMatch(/action-dispute"[^]*报告问题[^]*action-finish/);
    expect(drawView(receiptOf(), 'en')).toContain('Report a problem');
    const held = receiptOf({ status: 'review', lines: [], heldLines: [{ ...tea }] });
    expect(drawView(held)).not.toContain('action-dispute');
  });
  it('has one switch for each billed line, which says whether it is set', () => {
    const html = panel(['tea']);
    expect(html).toMatch(/<button[^>]*dispute-line-cola-can/);
    expect(html.match(/aria-pressed="true"/g)).toHaveLength(1);
    expect(textOf(html)).toMatch(/可乐×2¥7\.00有问题茶×1¥5\.00已标记/);
    expect(textOf(panel([], 'en'))).not.toMatch(/dispute\.|\{\{/);
  });
  it.each(receiptStatuses)('%s: says that it was received, and truly what happens to the money', (status) => {
    for (const language of ['zh', 'en'] as const) {
      const html = drawView(receiptOf({ status, disputed: ['cola-can'] }), language);
      expect(html).toContain('data-testid="receipt-disputed"');
      expect(html).not.toContain('data-testid="action-dispute"');
      for (const words of ['KM7F3Q9Z', '400-000-0217'])
        expect(html.match(new RegExp(words, 'g'))?.length).toBeGreaterThan(1);
      expect(html.includes(language === 'zh' ? '这笔已经扣款' : 'Charged already')).toBe(status === 'paid');
      expect(textOf(html)).not.toMatch(/dispute\.|\{\{/);
    }
  });
});

describe('the other screens', () => {
  it.each(outOfServiceReasons)('out of service, %s: whom to call, no charge', (reason) => {
    const html = drawView({ screen: 'out_of_service', reason, sinceMs: 1_700_000_000_000 });
    expect(html).toContain('400-000-0217');
    expect(html).toContain('现在不会产生任何扣款');
    expect(html.includes('开始')).toBe(reason !== 'starting');
  });
  it.each(['not_opened', 'nothing_taken', 'unlock_failed', 'cancelled'] as const)(
    'nothing charged, %s',
    (why) => {
      const html = drawView({ screen: 'nothing_charged', why, countdown });
      expect(html).toContain('没有扣款');
      expect(html).toContain('action-finish');
    },
  );
  it('identifying, authorising: a way back', () => {
    expect(drawView(identifying({ state: 'none' }))).toContain('action-cancel');
    expect(drawView({ screen: 'authorising', purpose: 'visit', countdown })).toContain('action-cancel');
  });
  it('the cabinet’s own code: drawn beside the scanner; away, it says so; none, it is not mentioned', () => {
    const text = 'HTTPS://M.EXAMPLE/KC1.A-0217.TOX000.AAAAAAA2.AAAA';
    const shown = drawView(identifying({ state: 'shown', text }));
    expect(shown).toContain('data-testid="cabinet-code"');
    expect(shown).toContain('本柜二维码，柜号 A-0217');
    expect(shown).not.toContain('KC1.');
    const other = drawView(identifying({ state: 'shown', text: `${text}B` }));
    expect(other).not.toBe(shown);
    const away = drawView(identifying({ state: 'unavailable' }));
    expect(away).toContain('用不了');
    expect(away).not.toContain('data-testid="cabinet-code"');
    const none = drawView(identifying({ state: 'none' }));
    expect(none).not.toMatch(/cabinet-code|用不了|扫这个码/);
  });
  it('identifying for the account: says so, and that the door stays shut', () => {
    const view = { ...identifying({ state: 'none' }), purpose: 'account' } as ViewInput;
    expect(drawView(view)).toContain('柜门一直关着');
    expect(drawView(identifying({ state: 'none' }))).not.toContain('柜门一直关着');
  });
  it('checking shows the same list without questions to press', () => {
    const view = { screen: 'checking', currency: 'CNY', basket: basketOf([cola]), confirmed: true } as const;
    const html = drawView({ ...view, heldLines: [], backLines: [] });
    expect(html).toContain('basket-line-cola-can');
    expect(html).not.toContain('line-report-');
    expect(html).toContain('按您确认的清单结算');
    expect(html).not.toMatch(/等核对|还在柜里/);
  });
  it('checking marks what differs, in the words of the receipt, and charges it not', () => {
    const view = { screen: 'checking', currency: 'CNY', basket: basketOf([cola]), confirmed: true } as const;
    const html = drawView({
      ...view,
      heldLines: [tea],
      backLines: [{ ...cola, count: 1, amountMinor: 350 }],
    });
    expect(html).toMatch(/先不扣款，等核对.*receipt-held-tea/s);
    expect(html).toMatch(/还在柜里，不收费.*receipt-back-cola-can/s);
    expect(html).toContain('不一样的先不扣款');
    const from = html.indexOf('data-testid="basket-total"');
    expect(textOf(`<${html.slice(from)}`).slice(0, 8)).toContain('7.00');
  });
  it('recovering is calm and says what to do', () => {
    expect(drawView({ screen: 'recovering' })).toContain('不会丢');
  });
  it('a page that broke speaks both languages and needs no snapshot', () => {
    const html = renderToStaticMarkup(<Broken />);
    expect(html).toContain('屏幕出了点问题');
    expect(html).toContain('The screen had a problem');
  });
});
