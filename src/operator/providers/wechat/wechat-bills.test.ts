import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../../shared/util/logger.ts';
import type { Day } from '../../reconciliation/bill.ts';
import { Rig } from './test-server/rig.ts';
import { wechatBills } from './wechat-bills.ts';

const rig = new Rig();
const { bills: served, faults } = rig.server;
const day = '2026-11-28' as Day;
const head =
  '交易时间,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,退款状态,商品名称,订单金额,申请退款金额';
const line = '`2026-11-28 16:33:45,`4200001,`KM1*1,`SUCCESS,`CNY,`,`,`可乐,2罐,`10.50,`0.00';
const end = '总交易单数,订单总金额,申请退款总金额\n`1,`10.50,`0.00\n';
const text = `\uFEFF${head}\n${line}\n${end}`;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  served.texts.clear();
  served.texts.set(day, text);
  Object.assign(served, { creating: null, file: null });
});

const fetchDay = (which = day, bytesMax = 10_000) => {
  const { config, clock } = rig;
  const bills = wechatBills({ config, clock, logger: silentLogger, bytesMax });
  return bills.fetch(which, new AbortController().signal);
};
const failed = (code: string) => ({ ok: false, error: { code } });

it('asks for the day’s bill, and for the file that the answer names, both signed', async () => {
  expect(await fetchDay()).toEqual({
    ok: true,
    value: {
      lines: [
        {
          ...{ kind: 'payment', orderId: 'KM1', ref: '4200001', amountMinor: 1_050, currency: 'CNY' },
          atMs: Date.UTC(2026, 10, 28, 8, 33, 45),
        },
      ],
    },
  });
});

it('of a day on which nothing moved there is none, and one that is being made comes later', async () => {
  expect(await fetchDay('2026-11-27' as Day)).toEqual({ ok: true, value: { lines: [] } });
  served.creating = day;
  expect(await fetchDay()).toMatchObject(failed('bill_not_ready'));
});

it.each(['drop', 'maintenance', 'altered', 'unsigned', 'foreign_key'] as const)(
  'an answer that nobody has proven (%s) is none',
  async (kind) => {
    faults.next('bill', { kind });
    expect(await fetchDay()).toMatchObject(failed('bill_not_ready'));
    expect(await fetchDay()).toMatchObject({ ok: true });
  },
);

it.each([
  ['of another day', gzipSync(text.replace('10.50', '10.51'))],
  ['that is cut off', gzipSync(text).subarray(0, 60)],
  ['that is not packed', Buffer.from(text)],
  ['with a page of theirs', Buffer.from('<html>系统维护中</html>')],
])('a file %s is damaged', async (_what, file) => {
  served.file = file;
  expect(await fetchDay()).toMatchObject(failed('bill_damaged'));
});

it('a file that grows without end when it is unpacked is given up', async () => {
  served.file = gzipSync(Buffer.alloc(10_001));
  expect(await fetchDay()).toMatchObject(failed('bill_too_large'));
  served.file = Buffer.alloc(10_001);
  expect(await fetchDay()).toMatchObject(failed('bill_too_large'));
});

it('is asked for nowhere else, because the question is signed', async () => {
  faults.next('bill', { kind: 'answer_with', fields: { download_url: 'http://127.0.0.2:9/file' } });
  expect(await fetchDay()).toMatchObject(failed('bill_not_ready'));
  faults.next('bill', { kind: 'answer_with', fields: { hash_type: 'MD5' } });
  expect(await fetchDay()).toMatchObject(failed('bill_damaged'));
});
