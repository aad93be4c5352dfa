import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok } from '../../shared/result.ts';
import { parseAlipayBill } from './alipay-bill.ts';
import { addDays, beijingTimeMs, dayOf, minorOf, parseDay, startOf } from './bill.ts';
import { csvOf } from '../../shared/util/csv.ts';
import { readStripePages } from './stripe-bill.ts';
import { fieldsOf } from './table.ts';
import { gbk, zipOf } from './testing.ts';
import { parseWechatBill } from './wechat-bill.ts';
import { unzip } from './zip.ts';

describe('amounts, days and fields', () => {
  it('an amount is its minor units, exactly, or none', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), (minor) => {
        const part = String(Math.abs(minor) % 100).padStart(2, '0');
        const text = `${minor < 0 ? '-' : ''}${Math.trunc(Math.abs(minor) / 100)}.${part}`;
        expect(minorOf(text)).toBe(minor);
      }),
    );
    expect(['0.0', '0.1', '7', '+3.50'].map(minorOf)).toEqual([0, 10, 700, 350]);
    for (const text of ['', '1.234', '1,00', 'NaN', '0x10', '1e3', ' 1', '１'])
      expect(minorOf(text)).toBe(null);
  });

  it('a day is a day', () => {
    expect(parseDay('2026-11-29')).toBe('2026-11-29');
    for (const text of ['2026-02-30', '2026-13-01', '26-1-1', '', '2026-11-29T00'])
      expect(parseDay(text)).toBe(null);
    const day = dayOf(Date.UTC(2026, 10, 28, 16), 8 * 3_600_000);
    expect(day).toBe('2026-11-29');
    expect(startOf(day, 8 * 3_600_000)).toBe(Date.UTC(2026, 10, 28, 16));
    expect(addDays(day, 2)).toBe('2026-12-01');
    expect(beijingTimeMs('2026-11-29 00:00:01')).toBe(Date.UTC(2026, 10, 28, 16, 0, 1));
    expect(beijingTimeMs('2026-11-29')).toBe(null);
  });

  it('fields may be in quotes', () => {
    expect(fieldsOf('a,"b,""c""",,d')).toEqual(['a', 'b,"c"', '', 'd']);
    expect(fieldsOf('')).toEqual(['']);
    expect(fieldsOf('a,')).toEqual(['a', '']);
  });

  it('what is exported comes back as it was, and is no formula', () => {
    expect(
      csvOf(
        ['a', 'b'],
        [
          ['x,"y"\n', -5],
          ['=1+1', null],
        ],
      ),
    ).toBe(`a,b\r\n"x,""y""\n",-5\r\n'=1+1,\r\n`);
    for (const first of ['=', '+', '-', '@', '\t', '\r'])
      expect(csvOf(['a'], [[`${first}cmd`]])).toContain(`'${first}cmd`);
  });
});

const wechatHead =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,' +
  '应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,' +
  '手续费,费率,订单金额,申请退款金额,费率备注';
const wechatEnd =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
function wechatLine(fields: Record<string, string>): string {
  const all: Record<string, string> = {
    ...{ 交易时间: '2026-11-28 16:33:45', 交易状态: 'SUCCESS', 货币种类: 'CNY', 商品名称: '可乐,`2罐' },
    ...{ 订单金额: '0.00', 申请退款金额: '0.00', 微信订单号: '4200001', 商户订单号: 'KM1', ...fields },
  };
  return wechatHead
    .split(',')
    .map((name) => `\`${all[name] ?? ''}`)
    .join(',');
}
const payment = wechatLine({ 订单金额: '10.50', 商品名称: '可乐,2罐' });
const refund = wechatLine({
  ...{ 交易状态: 'REFUND', 申请退款金额: '3.50', 微信退款单号: '5030001', 退款状态: 'SUCCESS' },
  ...{ 商户订单号: 'KM1*2', 商品名称: '可乐' },
});
const wechatSums = '`2,`10.50,`3.50,`0.00,`0.06000,`10.50,`3.50';
const wechatText = (...lines: string[]) => `\uFEFF${[wechatHead, ...lines].join('\r\n')}\r\n`;

describe('WeChat’s trade bill', () => {
  it('is read, with commas in the names of goods and numbers that were used up', () => {
    const atMs = Date.UTC(2026, 10, 28, 8, 33, 45);
    const common = { orderId: 'KM1', currency: 'CNY', atMs };
    expect(parseWechatBill(wechatText(payment, refund, wechatEnd, wechatSums))).toEqual(
      ok({
        lines: [
          { kind: 'payment', ref: '4200001', amountMinor: 1_050, ...common },
          { kind: 'refund', ref: '5030001', amountMinor: 350, ...common },
        ],
      }),
    );
    const empty = wechatText(wechatEnd, '`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00');
    expect(parseWechatBill(empty)).toEqual(ok({ lines: [] }));
  });

  it.each([
    ['cut off before its totals', wechatText(payment, refund)],
    ['a line short', wechatText(payment, wechatEnd, wechatSums)],
    ['of other sums', wechatText(payment, payment, wechatEnd, wechatSums)],
    ['with something behind its end', wechatText(payment, refund, wechatEnd, wechatSums, refund)],
    ['with a line that is cut', wechatText(payment.slice(0, 80), refund, wechatEnd, wechatSums)],
    ['of another format', wechatText(payment, refund, wechatEnd, wechatSums).replace('交易状态', '状态')],
    [
      'with a word that is not known',
      wechatText(payment.replace('SUCCESS', 'NEW'), refund, wechatEnd, wechatSums),
    ],
    ['no bill', '<html>系统维护中</html>'],
    ['nothing', ''],
  ])('%s is damaged', (_what, text) => {
    expect(parseWechatBill(text)).toMatchObject({ ok: false, error: { code: 'bill_damaged' } });
  });

  it('cut anywhere is never taken for whole', () => {
    const whole = wechatText(payment, refund, wechatEnd, wechatSums).trimEnd();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        const cut = parseWechatBill(whole.slice(0, length));
        // Only of the last total a digit that is nothing may be missing.
        expect(cut.ok && !/3\.5$/.test(whole.slice(0, length))).toBe(false);
      }),
    );
  });
});

const alipayHead =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,订单金额（元）,商家实收（元）,退款批次号/请求号,备注';
function alipayText(...lines: string[]): string {
  return [
    '#支付宝业务明细查询',
    '#账号：[20880012345678900156]',
    '#-----------------------------------------业务明细列表----------------------------------------',
    alipayHead,
    ...lines,
    '#-----------------------------------------业务明细列表结束------------------------------------',
    '#交易合计：1笔，商家实收共10.50元，商家优惠共0.00元',
    '#退款合计：1笔，商家实收退款共-3.50元，商家优惠退款共0.00元',
  ].join('\r\n');
}
const alipayPaid =
  '2026112822001\t,ZMCB1\t,交易,"可乐,2罐",2026-11-28 10:00:00,2026-11-28 10:00:01,\t,10.50,10.50,\t,';
const alipayBack =
  '2026112822001\t,ZMCB1\t,退款,可乐,2026-11-28 10:00:00,2026-11-28 11:00:00,\t,-3.50,-3.50,R1\t,';
const orderOf = (number: string) => (number === 'ZMCB1' ? 'KM1' : number);
function alipayZip(text: string): Buffer {
  const name = '20880012345678900156_20261128_业务明细';
  return zipOf([
    [`${name}(汇总).csv`, gbk('#支付宝业务汇总查询')],
    [`${name}.csv`, gbk(text)],
  ]);
}

describe('Alipay’s trade bill', () => {
  it('is read out of its ZIP file, in GBK, under our numbers', () => {
    const common = { orderId: 'KM1', currency: 'CNY' };
    expect(parseAlipayBill(alipayZip(alipayText(alipayPaid, alipayBack)), orderOf)).toEqual(
      ok({
        lines: [
          {
            kind: 'payment',
            ref: '2026112822001',
            amountMinor: 1_050,
            atMs: Date.UTC(2026, 10, 28, 2, 0, 1),
            ...common,
          },
          {
            kind: 'refund',
            ref: '2026112822001 R1',
            amountMinor: 350,
            atMs: Date.UTC(2026, 10, 28, 3),
            ...common,
          },
        ],
      }),
    );
  });

  it.each([
    ['cut off', alipayText(alipayPaid, alipayBack).slice(0, 400)],
    ['a line short', alipayText(alipayPaid)],
    [
      'with a payment that is negative',
      alipayText(alipayPaid.replace('10.50,10.50', '-10.50,10.50'), alipayBack),
    ],
    ['of another format', alipayText(alipayPaid, alipayBack).replace('完成时间', '时间')],
    ['with a kind that is not known', alipayText(alipayPaid, alipayBack.replace('退款', '转账'))],
  ])('%s is damaged', (_what, text) => {
    expect(parseAlipayBill(alipayZip(text), orderOf)).toMatchObject({
      ok: false,
      error: { code: 'bill_damaged' },
    });
  });

  it('a ZIP file that is cut or altered anywhere gives no other bill', () => {
    const zip = alipayZip(alipayText(alipayPaid, alipayBack));
    const whole = parseAlipayBill(zip, orderOf);
    fc.assert(
      fc.property(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(zip);
        altered[at] = (altered[at] ?? 0) ^ change;
        const read = parseAlipayBill(altered, orderOf);
        if (read.ok) expect(read).toEqual(whole);
        expect(parseAlipayBill(zip.subarray(0, at), orderOf).ok).toBe(false);
      }),
    );
  });

  it('unpacks stored files, and not more than it may', () => {
    const bytes = new Uint8Array(10_000);
    const utf8 = new TextDecoder();
    expect(unzip(zipOf([['a.csv', bytes]], 0), 10_000, utf8)).toMatchObject({ ok: true });
    for (const method of [0, 8])
      expect(unzip(zipOf([['a.csv', bytes]], method), 9_999, utf8)).toMatchObject({
        ok: false,
        error: { code: 'bill_too_large' },
      });
    // Says that it is small, and is not.
    const bomb = zipOf([['a.csv', bytes]]);
    bomb.writeUInt32LE(10, bomb.length - 22 - 5 - 46 + 24);
    expect(unzip(bomb, 100, utf8)).toMatchObject({ ok: false });
  });
});

const charged = {
  ...{ id: 'txn_1', type: 'charge', amount: 1_050, currency: 'eur', created: 1_795_000_000 },
  source: {
    ...{ id: 'ch_1', amount: 5_000, amount_captured: 1_050, currency: 'eur', payment_intent: 'pi_1' },
    metadata: { charge: 'KM1' },
  },
};
const paidBack = {
  ...{ id: 'txn_2', type: 'refund', amount: -350, currency: 'eur', created: 1_795_000_100 },
  source: { id: 're_1', amount: 350, currency: 'eur', metadata: {}, payment_intent: 'pi_1' },
};
const otherBack = {
  ...{ id: 'txn_4', type: 'refund', amount: -50, currency: 'eur', created: 1_795_000_100 },
  source: { id: 're_2', amount: 50, currency: 'eur', metadata: null, payment_intent: { id: 'pi_9' } },
};
const payout = {
  ...{ id: 'txn_3', type: 'payout', amount: -9_000, currency: 'eur', created: 1_795_000_200 },
  source: null,
};
/** Of a dispute of 10.50: so much of it is taken, or given again (positive). */
const disputed = (id: string, amount: number, currency = 'eur') => ({
  ...{ id, type: 'adjustment', amount, currency, created: 1_795_000_300 },
  source: {
    ...{ id: 'du_1', object: 'dispute', amount: 1_050, currency: 'eur', payment_intent: 'pi_1' },
    ...{ charge: 'ch_1', status: 'needs_response', metadata: {} },
  },
});
const pageOf = (data: readonly unknown[], hasMore = false) => ({ object: 'list', has_more: hasMore, data });

describe('Stripe’s balance transactions', () => {
  it('are read page by page; what is no movement of an order is left out', async () => {
    const asked: (string | null)[] = [];
    const bill = await readStripePages(
      (after) => {
        asked.push(after);
        const page = after === null ? pageOf([paidBack], true) : pageOf([payout, charged, otherBack]);
        return Promise.resolve(ok(page));
      },
      'charge',
      5,
    );
    expect(asked).toEqual([null, 'txn_2']);
    const back = { kind: 'refund', currency: 'EUR', atMs: 1_795_000_100_000 };
    expect(bill).toEqual(
      ok({
        lines: [
          { ...back, orderId: 'KM1', ref: 're_1', amountMinor: 350 },
          {
            ...{ kind: 'payment', orderId: 'KM1', ref: 'ch_1', amountMinor: 1_050, currency: 'EUR' },
            atMs: 1_795_000_000_000,
          },
          { ...back, orderId: 'pi_9', ref: 're_2', amountMinor: 50 },
        ],
      }),
    );
  });

  it('tell what a payer’s bank has taken back, and given again, of which order', async () => {
    const adjustment = { ...payout, id: 'txn_9', type: 'adjustment', source: { id: 'x', object: 'fee' } };
    const data = [
      ...[charged, disputed('txn_5', -1_050), disputed('txn_6', 400), disputed('txn_7', -1_200, 'usd')],
      adjustment,
    ];
    const bill = await readStripePages(() => Promise.resolve(ok(pageOf(data))), 'charge', 5);
    const of = { orderId: 'KM1', currency: 'EUR', atMs: 1_795_000_300_000 };
    expect(bill.ok && bill.value.lines.slice(1)).toEqual([
      { kind: 'chargeback', ref: 'txn_5', amountMinor: 1_050, ...of },
      { kind: 'chargeback_reversed', ref: 'txn_6', amountMinor: 400, ...of },
      // What another currency of the balance lost says nothing of the order's.
      { kind: 'chargeback', ref: 'txn_7', amountMinor: 1_050, ...of },
    ]);
  });

  it('tell of a refund that has failed', async () => {
    const failed = { ...paidBack, id: 'txn_8', type: 'refund_failure', amount: 350 };
    const data = [charged, paidBack, failed];
    const bill = await readStripePages(() => Promise.resolve(ok(pageOf(data))), 'charge', 5);
    expect(bill.ok && bill.value.lines.slice(1)).toMatchObject([
      { kind: 'refund', orderId: 'KM1', ref: 're_1', amountMinor: 350 },
      { kind: 'refund_failed', orderId: 'KM1', ref: 're_1', amountMinor: 350 },
    ]);
  });

  it('that have no end are too large, and of another shape damaged', async () => {
    const read = (page: unknown) => readStripePages(() => Promise.resolve(ok(page)), 'charge', 3);
    expect(await read(pageOf([charged], true))).toMatchObject({ error: { code: 'bill_too_large' } });
    const unnamed = { ...charged, source: 'ch_1' };
    for (const page of [null, {}, pageOf([{ id: 'txn_1' }]), pageOf([unnamed]), pageOf([], true)])
      expect(await read(page)).toMatchObject({ ok: false, error: { code: 'bill_damaged' } });
  });
});
