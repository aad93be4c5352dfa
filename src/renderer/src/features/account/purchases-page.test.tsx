import { describe, expect, it } from 'vitest';
import { actsWhens, reasonCodes, receiptStatuses } from '../../../../shared/model/charge.ts';
import { paymentMeans } from '../../../../shared/model/member.ts';
import { purchaseListStates } from '../../../../shared/model/purchase.ts';
import { unbroken } from '../../../../shared/i18n/format.ts';
import { draw, drawView, textOf } from '../../testing/draw.tsx';
import { type ViewInput, cola, snapshotOf } from '../../testing/snapshots.ts';

type AccountInput = Extract<ViewInput, { screen: 'account' }>['account'];
type RowInput = Extract<AccountInput, { phase: 'purchases' }>['rows'][number];
type DetailInput = Extract<AccountInput, { phase: 'purchase' }>['purchase'];

const account = (of: AccountInput, by: 'code' | 'face' = 'code'): ViewInput => ({
  screen: 'account',
  by,
  member: '王*',
  account: of,
  countdown: { durationMs: 60_000, elapsedMs: 2_000 },
});
const chargeId = 'KM01JDA5N2YX9V4T8R3QKM7F3Q9Z';
const { sku, name, picture, unitPriceMinor, count, amountMinor } = cola;
const line = { sku, name, picture, unitPriceMinor, count, amountMinor };
const row = (over: Partial<RowInput> = {}): RowInput => ({
  chargeId,
  atMs: Date.UTC(2026, 10, 22, 11, 42),
  currency: 'CNY',
  billedMinor: 700,
  status: 'paid',
  disputed: false,
  itemCount: 2,
  names: [name],
  picture,
  ...over,
});
const detail = (over: Partial<DetailInput> = {}): DetailInput => ({
  chargeId,
  ref: 'KM7F3Q9Z',
  atMs: Date.UTC(2026, 10, 22, 11, 42),
  currency: 'CNY',
  cabinetId: 'A-0217',
  here: true,
  lines: [line],
  heldLines: [],
  totalMinor: 700,
  billedMinor: 700,
  status: 'paid',
  reason: null,
  nextTryAtMs: null,
  disputed: [],
  resolved: null,
  mayDispute: true,
  mayPay: false,
  ...over,
});
const purchase = (over: Partial<DetailInput> = {}): ViewInput =>
  account({ phase: 'purchase', purchase: detail(over) });
const languages = ['zh', 'en'] as const;
const raw = /(purchases|receipt|account|dispute)\.[a-z]|undefined|\{\{|risk|风控/;

describe('what goes back', () => {
  const atMs = Date.UTC(2026, 10, 23, 3, 5);
  it.each([
    ['zh', 'under_way', /退款 ¥3\.50 办理中，.*2026/],
    ['zh', 'done', /已于 .*2026.* 退款 ¥3\.50/],
    ['en', 'under_way', /Refund of ¥3\.50: under way since .*2026/],
    ['en', 'done', /Refund of ¥3\.50: done on .*2026/],
  ] as const)('%s, %s: how much, and since when or when', (language, stage, words) => {
    const refund = { stage, amountMinor: 350, atMs };
    expect(textOf(drawView(purchase({ refund }), language))).toMatch(words);
    expect(textOf(drawView(purchase(), language))).not.toMatch(words);
  });
  it.each([
    ['zh', 'system', '系统自动退回原付款方式'],
    ['zh', 'support', '由工作人员办理'],
    ['en', 'system', 'goes back by itself, within'],
    ['en', 'support', 'Our staff sees to it, within'],
  ] as const)('%s, by %s: who acts next, and when', (language, by, words) => {
    const html = drawView(purchase({ refund: { stage: 'under_way', amountMinor: 350, atMs, by } }), language);
    expect(textOf(html)).toContain(words);
    expect(textOf(html)).not.toMatch(raw);
  });
  it.each([
    ['zh', 'under_way', '退款 ¥3.50 办理中'],
    ['zh', 'done', '已退款 ¥3.50'],
    ['en', 'under_way', 'Refund of ¥3.50 under way'],
    ['en', 'done', 'Refunded: ¥3.50'],
  ] as const)('%s, %s: is said in the list', (language, stage, words) => {
    const rows = [row({ refund: { stage, amountMinor: 350, atMs } })];
    expect(textOf(drawView(account({ phase: 'purchases', list: 'complete', rows }), language))).toContain(
      words,
    );
    const without = account({ phase: 'purchases', list: 'complete', rows: [row()] });
    expect(drawView(without, language)).not.toContain('purchase-goes-back');
  });
});

describe('a report that was begun and not sent', () => {
  const filled = { chargeId, skus: [line.sku], isWarned: false };
  it.each(languages)('%s: is named in the list, and goes on from the purchase', (language) => {
    const list: AccountInput = { phase: 'purchases', list: 'complete', rows: [row({ hasDraft: true })] };
    expect(drawView(account(list), language)).toMatch(/没提交的报告|not sent yet/);
    expect(drawView(purchase({ draft: [line.sku] }), language)).toMatch(/继续报告|Finish report/);
    expect(drawView(purchase(), language)).not.toMatch(/继续报告|Finish report/);
  });
  it('stands where the purchase stood while it is filled in, as long as it can be reported', () => {
    const at = (mayDispute: boolean): string =>
      drawView({ ...purchase({ mayDispute }), form: filled } as ViewInput);
    expect(at(true)).toMatch(/dispute-panel[^]*aria-pressed="true"/);
    expect(at(false)).not.toContain('dispute-panel');
  });
});

describe('the menu', () => {
  const menu: AccountInput = { phase: 'menu', face: null, recordCount: 0 };
  it('by code it leads to the purchases; by face, which the operator does not know, it does not', () => {
    expect(drawView(account(menu))).toContain('action-purchases');
    expect(drawView(account(menu, 'face'))).not.toContain('action-purchases');
  });
  it('is there on a cabinet without faces, as long as there is a network for the code', () => {
    const at = (online: boolean): string =>
      /<button[^>]*data-testid="action-choose-account"[^>]*>/.exec(
        draw(snapshotOf({ screen: 'attract' }, { faceOff: 'off', online })),
      )?.[0] ?? '';
    expect(at(true)).not.toContain(' disabled=""');
    expect(at(false)).toContain(' disabled=""');
    const html = draw(snapshotOf(account(menu), { faceOff: 'off' }));
    expect(html).toContain('action-purchases');
    expect(html).not.toMatch(/action-enrol|action-records/);
    const away = { online: false, faceOff: 'off' } as const;
    const countdown = { durationMs: 1_000, elapsedMs: 0 };
    const identifying = {
      screen: 'identifying',
      purpose: 'account',
      cabinetCode: { state: 'none' },
    } as const;
    const refused = { screen: 'refused', purpose: 'account', reason: 'network.unreachable' } as const;
    for (const view of [identifying, refused])
      expect(draw(snapshotOf({ ...view, countdown }, away))).not.toMatch(/刷脸|action-choose-account/);
  });
});

describe('a debt that no QR can be shown for', () => {
  const owed = { status: 'collecting', reason: 'account.insufficient_funds', mayPay: false } as const;
  it.each(paymentMeans)('%s: has the place to pay it in words, and no button to pay', (means) => {
    for (const language of languages) {
      const html = drawView(purchase({ ...owed, means }), language);
      expect(html).toContain('purchase-pay-at');
      expect(html).not.toContain('action-pay');
      expect(textOf(html)).not.toMatch(raw);
    }
  });
  it('with a QR it has the button, and where nobody has told the means neither', () => {
    const withQr = drawView(purchase({ ...owed, means: 'card', mayPay: true }));
    expect(withQr).toContain('action-pay');
    expect(withQr).not.toContain('purchase-pay-at');
    expect(drawView(purchase(owed))).not.toMatch(/purchase-pay-at|action-pay/);
    expect(drawView(purchase({ means: 'wechat_pay' }))).not.toContain('purchase-pay-at');
  });
});

describe('a row of the list', () => {
  const why = (over: Partial<RowInput>, language: 'zh' | 'en'): string | undefined =>
    /data-testid="purchase-why"[^>]*>(.*?)<\/span>/
      .exec(drawView(account({ phase: 'purchases', list: 'complete', rows: [row(over)] }), language))?.[1]
      ?.replaceAll('<!-- -->', '');
  it('of what is not done says its cause, who acts next, and when', () => {
    const debt = { status: 'collecting', reason: 'account.insufficient_funds' } as const;
    expect(why({ ...debt, when: 'when_shopper_pays' }, 'zh')).toBe('账户余额不足 · 请您付款');
    expect(why({ ...debt, when: 'when_shopper_pays' }, 'en')).toBe('Your balance is too low · Please pay');
    const cut = { status: 'follows', reason: 'network.unreachable', when: 'when_network_returns' } as const;
    expect(why(cut, 'en')).toMatch(/network.* · .*network is back/);
    expect(why({ status: 'sending', when: 'on_its_own_soon' }, 'zh')).toBe('系统很快自动处理');
  });
  it.each(languages)('%s: has words for every reason and every next step', (language) => {
    const rows = reasonCodes.map((reason, i) =>
      row({
        chargeId: `${chargeId.slice(0, -2)}${String(i).padStart(2, '0')}`,
        status: 'review',
        reason,
        when: actsWhens[i % actsWhens.length]!,
      }),
    );
    const html = drawView(account({ phase: 'purchases', list: 'complete', rows }), language);
    const said = [...html.matchAll(/data-testid="purchase-why"[^>]*>(.*?)<\/span>/g)].map(
      ([, text = '']) => text,
    );
    expect(said).toHaveLength(reasonCodes.length);
    for (const text of said) {
      expect(text.replaceAll('<!-- -->', '')).toMatch(/.+ · .+/);
      expect(text).not.toMatch(raw);
    }
  });
  it('of what is done says nothing of it', () => {
    expect(why({ status: 'paid', when: 'working_days' }, 'zh')).toBeUndefined();
    expect(why({ status: 'nothing' }, 'zh')).toBeUndefined();
  });
});

describe('the list', () => {
  it.each(purchaseListStates)('%s: says how far it is, and has a way on where it is not whole', (list) => {
    for (const language of languages) {
      for (const rows of [[], [row()]]) {
        const html = drawView(account({ phase: 'purchases', list, rows }), language);
        expect(textOf(html)).not.toMatch(raw);
        expect(html).toContain('action-menu');
        const isWhole = list === 'complete' || list === 'loading';
        expect(html.includes('action-purchases')).toBe(!isWhole && list !== 'ended');
        expect(html.includes('action-choose-account')).toBe(list === 'ended');
        expect(html.includes(`purchase-${chargeId}`)).toBe(rows.length === 1);
      }
    }
  });
  it.each(['network', 'system', 'ended'] as const)(
    '%s: what the operator has said before is not called all that this cabinet has on record',
    (list) => {
      for (const [language, onlyHere, none] of [
        ['zh', '这里只有这台柜子', '没有购买记录'],
        ['en', 'only what this cabinet itself', 'No purchases.'],
      ] as const) {
        const at = (isOld: boolean, rows: RowInput[]): string =>
          textOf(drawView(account({ phase: 'purchases', list, isOld, rows }), language));
        expect(at(false, [row()])).toContain(onlyHere);
        expect(at(true, [row()])).not.toContain(onlyHere);
        expect(at(true, [row()])).not.toMatch(raw);
        expect(at(true, [])).toContain(none);
      }
    },
  );
  it('the code was shown too long ago: it can be scanned again from here, while there is a network', () => {
    const ended = account({ phase: 'purchases', list: 'ended', rows: [] });
    const away = draw(snapshotOf(ended, { online: false }));
    expect(away).toContain('action-purchases');
    expect(away).not.toContain('action-choose-account');
  });
  it('nothing bought is said once it is known, not before', () => {
    const empty = (list: 'complete' | 'loading' | 'network') =>
      drawView(account({ phase: 'purchases', list, rows: [] }));
    expect(empty('complete')).toContain('没有购买记录');
    expect(empty('network')).toContain('这台柜子自己没有记着');
    expect(empty('loading')).not.toContain('没有购买记录');
    expect(empty('loading')).toContain('正在查');
  });
  it.each(receiptStatuses)('a row has goods, amount, time and its state: %s', (status) => {
    const view = (over: Partial<RowInput>): ViewInput =>
      account({ phase: 'purchases', list: 'complete', rows: [row({ status, ...over })] });
    expect(textOf(drawView(view({})))).toMatch(/可乐×2.*¥7\.00.*2026/);
    expect(textOf(drawView(view({ names: [name, name], itemCount: 3 })))).toContain('可乐等 3 件');
    for (const language of languages) expect(textOf(drawView(view({}), language))).not.toMatch(raw);
    expect(drawView(view({ disputed: true }))).toContain('您反映的问题在核对');
    expect(drawView(view({ currency: 'EUR' }))).toContain('€');
    expect(drawView(view({ names: [], itemCount: 0, picture: '' }))).toContain('没有认出的商品');
  });
});

describe('one purchase', () => {
  it('has lines, total, number, time, place and phone', () => {
    const words = textOf(drawView(purchase()));
    for (const word of [
      '可乐',
      '¥7.00',
      'KM7F3Q9Z',
      '2026',
      `一层 · ${unbroken('A-0217')}`,
      '400-000-0217',
      '已扣款',
    ])
      expect(words).toContain(word);
  });
  it.each(receiptStatuses)('%s, for every reason and every next step', (status) => {
    for (const language of languages)
      for (const reason of [null, ...reasonCodes])
        for (const mayPay of [false, true])
          expect(textOf(drawView(purchase({ status, reason, mayPay }), language))).not.toMatch(raw);
  });
  it('asks for a payment only beside the button to pay', () => {
    const owed = { status: 'collecting', reason: 'account.insufficient_funds' } as const;
    const payable = drawView(purchase({ ...owed, mayPay: true }), 'en');
    expect(textOf(payable)).toContain('Next: please pay.');
    expect(payable).toContain('action-pay');
    const not = drawView(purchase(owed), 'en');
    expect(textOf(not)).toContain('Top up');
    expect(textOf(not)).toContain('Next: once that is put right, we try again.');
    expect(not).not.toMatch(/please pay|action-pay/);
  });
  it('a debit that nobody has answered is no debt: it asks for nothing', () => {
    const inDoubt = { status: 'collecting', reason: 'system.provider_error', mayPay: true } as const;
    const html = drawView(purchase({ ...inDoubt, nextTryAtMs: 1 }), 'en');
    expect(textOf(html)).toMatch(/Charged later.*charge only once.*Next: our system goes on by itself/);
    expect(html).not.toMatch(/To be paid|please pay|Top up|action-pay|We try again at/);
  });
  it('paid, and a part is held: says who looks at it, and when', () => {
    expect(textOf(drawView(purchase({ heldLines: [line] }), 'en'))).toContain('Next: our staff looks at it');
  });
  it('says when it is tried again, and what is left of the bill', () => {
    const nextTryAtMs = Date.UTC(2027, 4, 6, 12);
    const html = drawView(purchase({ status: 'collecting', nextTryAtMs, billedMinor: 300 }));
    expect(textOf(html)).toMatch(/2027.* 会再试扣一次/);
    expect(textOf(html)).toContain('实际要付¥3.00');
    expect(textOf(drawView(purchase({ billedMinor: 300 })))).toContain('实际扣款¥3.00');
    expect(drawView(purchase())).not.toContain('data-testid="billed"');
  });
  it('offers what can be done, and only that', () => {
    const ids = (over: Partial<DetailInput>): string[] =>
      [...drawView(purchase(over)).matchAll(/data-testid="(action-(?:pay|dispute|purchases))"/g)].map(
        (m) => m[1]!,
      );
    const owed = { status: 'collecting', mayPay: true } as const;
    expect(ids(owed).sort()).toEqual(['action-dispute', 'action-pay', 'action-purchases']);
    expect(ids({})).toEqual(['action-purchases', 'action-dispute']);
    expect(ids({ ...owed, mayDispute: false })).toEqual(['action-purchases', 'action-pay']);
    expect(ids({ mayDispute: false })).toEqual(['action-purchases']);
  });
  it('bought elsewhere: where, and whom to call about it', () => {
    const html = drawView(purchase({ here: false, cabinetId: 'B1044', mayDispute: false }));
    expect(textOf(html)).toContain('柜号 B1044');
    expect(html).toContain('purchase-call');
    expect(html).not.toContain('一层');
    expect(drawView(purchase())).not.toContain('purchase-call');
  });
  it('reported: what becomes of it, by whether it is paid', () => {
    const reported = { disputed: ['cola-can'], mayDispute: false };
    expect(drawView(purchase(reported))).toContain('核对后退回');
    const open = drawView(purchase({ ...reported, status: 'collecting' }));
    expect(open).toContain('有争议的部分不会再扣');
    expect(open).not.toContain('purchase-call');
  });
});

describe('paying', () => {
  it('without an answer: promises no word of it here, and does not ask for what may be paid', () => {
    const owed = { status: 'collecting', mayPay: true, isOld: true } as const;
    for (const [language, atOnce, unless] of [
      ['zh', '付好马上显示', '还没付的话请付款'],
      ['en', 'it shows here at once', 'please pay, unless you just have'],
    ] as const) {
      const at = (isOld: boolean): string =>
        textOf(
          drawView(
            account({ phase: 'pay', purchase: detail({ ...owed, isOld }), payUrl: 'https://pay/1' }),
            language,
          ),
        );
      expect(at(false)).toContain(atOnce);
      expect(at(true)).not.toContain(atOnce);
      expect(at(true)).not.toMatch(raw);
      expect(textOf(drawView(purchase(owed), language))).toContain(unless);
    }
  });
  it('shows a QR, the amount, the number and the way back', () => {
    const of: AccountInput = {
      phase: 'pay',
      purchase: detail({ billedMinor: 300 }),
      payUrl: 'https://pay/1',
    };
    for (const language of languages) {
      const html = drawView(account(of), language);
      expect(html).toMatch(/role="img" aria-label="(付款二维码，单号|QR code to pay, number) KM7F3Q9Z"/);
      expect(textOf(html)).toContain('¥3.00');
      expect(html).toContain('action-purchase"');
      expect(textOf(html)).not.toMatch(raw);
    }
  });
});

describe('a report that the operator does not take', () => {
  it.each([
    ['zh', '待核对', '没能受理', /请打客服/],
    ['en', 'being checked', 'was not taken', /Please call us/],
  ] as const)('%s: is not "being checked", and it is said whom to turn to', (language, open, not, remedy) => {
    const rows = [row({ isReportRefused: true })];
    const list = textOf(drawView(account({ phase: 'purchases', list: 'complete', rows }), language));
    const one = textOf(drawView(purchase({ refused: [sku], mayDispute: false }), language));
    for (const text of [list, one]) {
      expect(text).toContain(not);
      expect(text).not.toContain(open);
      expect(text).not.toMatch(raw);
    }
    expect(one).toMatch(remedy);
    expect(one).toContain('KM7F3Q9Z');
  });
});
