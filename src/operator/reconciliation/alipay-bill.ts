import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { billBytesMax, billLinesMax } from '../limits.ts';
import type { Bill, BillFailure, BillLine } from './bill.ts';
import { beijingTimeMs, minorOf } from './bill.ts';
import type { Row } from './table.ts';
import { fieldsOf, rowsOf } from './table.ts';
import { unzip } from './zip.ts';

/**
 * Alipay's trade bill (业务账单, type trade): a ZIP file with a table of the movements (业务明细) and one of their sums
 * (汇总), both CSV in GBK, the lines of comment behind `#`. Refunds are negative. opendocs.alipay.com,
 * alipay.data.dataservice.bill.downloadurl.query; not met in the wild by this program.
 */
const names = {
  trade: '支付宝交易号',
  order: '商户订单号',
  type: '业务类型',
  doneAt: '完成时间',
  amount: '订单金额（元）',
  request: '退款批次号/请求号',
} as const;
const types = { payment: '交易', refund: '退款' } as const;
const gbk = new TextDecoder('gb18030', { fatal: true });

/** Bytes of the ZIP file → its lines. `orderOf`: our number of Alipay's order. `bill_damaged`: cut off or not of this format. */
export function parseAlipayBill(
  zip: Uint8Array,
  orderOf: (number: string) => string,
): Result<Bill, BillFailure> {
  const files = unzip(zip, billBytesMax, gbk);
  if (!files.ok) return files;
  const detail = files.value.find(({ name }) => name.endsWith('.csv') && !name.includes('汇总'));
  if (detail === undefined) return fail('bill_damaged', 'no table of the movements');
  try {
    return parseDetail(gbk.decode(detail.bytes), orderOf);
  } catch {
    return fail('bill_damaged', 'it is no text in GBK');
  }
}

function parseDetail(text: string, orderOf: (number: string) => string): Result<Bill, BillFailure> {
  const all = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (all.length > billLinesMax + 20) return fail('bill_too_large', `${all.length} lines`);
  const comments = all.filter((line) => line.startsWith('#'));
  const [head = '', ...table] = all.filter((line) => !line.startsWith('#'));
  if (!comments.some((line) => line.includes('列表结束'))) return fail('bill_damaged', 'it does not end');
  const fields = table.map((line) => fieldsOf(line).map((field) => field.trim()));
  const rows = rowsOf(
    fieldsOf(head).map((field) => field.trim()),
    fields,
    Object.values(names),
  );
  if (!rows.ok) return rows;
  const lines: BillLine[] = [];
  for (const [index, row] of rows.value.entries()) {
    const line = movementOf(row, orderOf);
    if (line === null) return fail('bill_damaged', `line ${index + 1} cannot be read`);
    lines.push(line);
  }
  for (const [kind, word] of [
    ['payment', '交易合计'],
    ['refund', '退款合计'],
  ] as const) {
    const total = comments.find((line) => line.includes(word));
    const said = /合计[:：]\s*(\d+)\s*笔/.exec(total ?? '')?.[1];
    if (Number(said) !== lines.filter((line) => line.kind === kind).length)
      return fail('bill_damaged', `${word} is not that of its lines`);
  }
  return ok({ lines });
}

function movementOf(row: Row, orderOf: (number: string) => string): BillLine | null {
  const of = (name: keyof typeof names): string => row.get(names[name]) ?? '';
  const kind = of('type') === types.payment ? 'payment' : of('type') === types.refund ? 'refund' : null;
  const atMs = beijingTimeMs(of('doneAt'));
  const signedMinor = minorOf(of('amount'));
  if (kind === null || atMs === null || signedMinor === null || of('trade') === '') return null;
  if (kind === 'payment' ? signedMinor < 0 : signedMinor > 0) return null;
  // The refunds of a trade have its number; each has one of its own beside it.
  const ref = kind === 'payment' ? of('trade') : `${of('trade')} ${of('request')}`;
  const amountMinor = Math.abs(signedMinor);
  return { kind, orderId: orderOf(of('order')), ref, amountMinor, currency: 'CNY', atMs };
}
