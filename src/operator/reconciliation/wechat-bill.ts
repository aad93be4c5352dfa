import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { billLinesMax } from '../limits.ts';
import type { Bill, BillFailure, BillLine } from './bill.ts';
import { beijingTimeMs, minorOf } from './bill.ts';
import type { Row } from './table.ts';
import { rowsOf } from './table.ts';

/**
 * WeChat Pay's trade bill (交易账单, type ALL, API v3): a head; a line for each movement, each field behind a back-tick, so that
 * a comma in the name of goods is no comma between fields; a head of the totals, and the totals. Amounts are yuan.
 * pay.weixin.qq.com, "申请交易账单"; not met in the wild by this program.
 */
const names = {
  time: '交易时间',
  transaction: '微信订单号',
  order: '商户订单号',
  state: '交易状态',
  currency: '货币种类',
  refund: '微信退款单号',
  refundState: '退款状态',
  paid: '订单金额',
  refunded: '申请退款金额',
} as const;
const totals = { count: '总交易单数', paid: '订单总金额', refunded: '申请退款总金额' } as const;

/** Text of a whole bill → its lines. `bill_damaged`: cut off, altered, or not of this format. */
export function parseWechatBill(text: string): Result<Bill, BillFailure> {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  if (lines.length > billLinesMax + 3) return fail('bill_too_large', `${lines.length} lines`);
  const end = lines.findIndex((line) => line.startsWith(totals.count));
  if (end < 1 || lines.length !== end + 2) return fail('bill_damaged', 'it does not end with its totals');
  const head = (lines[0] ?? '').split(',');
  const rows = rowsOf(head, lines.slice(1, end).map(fieldsBehindTicks), Object.values(names));
  if (!rows.ok) return rows;
  const [sums] = [
    rowsOf((lines[end] ?? '').split(','), [fieldsBehindTicks(lines[end + 1] ?? '')], Object.values(totals)),
  ];
  if (!sums.ok) return sums;
  const wrong = wrongTotal(rows.value, sums.value[0]);
  if (wrong !== null) return fail('bill_damaged', `${wrong} is not that of its lines`);
  const movements: BillLine[] = [];
  for (const [index, row] of rows.value.entries()) {
    const movement = movementOf(row);
    if (movement === null) return fail('bill_damaged', `line ${index + 1} cannot be read`);
    if (movement !== 'none') movements.push(movement);
  }
  return ok({ lines: movements });
}

function fieldsBehindTicks(line: string): string[] {
  return line.startsWith('`') ? line.slice(1).split(',`') : [];
}

/** The name of a total that does not fit; null: all fit. */
function wrongTotal(rows: readonly Row[], sums: Row | undefined): string | null {
  if (Number(sums?.get(totals.count)) !== rows.length) return totals.count;
  for (const which of ['paid', 'refunded'] as const) {
    const sum = rows.reduce((all, row) => all + (minorOf(row.get(names[which]) ?? '') ?? Number.NaN), 0);
    if (minorOf(sums?.get(totals[which]) ?? '') !== sum) return totals[which];
  }
  return null;
}

/** Null: it cannot be read. `none`: no money moved, or it came back. */
function movementOf(row: Row): BillLine | 'none' | null {
  const of = (name: keyof typeof names): string => row.get(names[name]) ?? '';
  const atMs = beijingTimeMs(of('time'));
  const isRefund = of('state') === 'REFUND' || of('state') === 'REVOKED';
  if (!isRefund && of('state') !== 'SUCCESS') return null;
  if (isRefund && of('refundState') === 'FAIL') return 'none';
  const amountMinor = minorOf(of(isRefund ? 'refunded' : 'paid'));
  const ref = of(isRefund ? 'refund' : 'transaction');
  if (atMs === null || amountMinor === null || amountMinor < 0 || ref === '' || of('order') === '')
    return null;
  const orderId = wechatOrder(of('order'));
  return { kind: isRefund ? 'refund' : 'payment', orderId, ref, amountMinor, currency: of('currency'), atMs };
}

/** An order that was closed goes on at WeChat under the number `<order>*1` and so on (providers/wechat). */
function wechatOrder(number: string): string {
  return number.replace(/\*\d+$/, '');
}
