import type { ServerResponse } from 'node:http';
import { gbk, zipOf } from '../../../reconciliation/testing.ts';
import type { Movement } from './credit-book.ts';
import { Failure } from './failure.ts';
import { checked, rules } from './field-rules.ts';

/** Where its files are. */
export const billPath = '/downloadBillFile.resource';

const head =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,退款批次号/请求号';

/** The trade bills of the test server: a signed answer names a file, which anybody gets who asks for it in time. */
export class Bills {
  /** A day without a bill. */
  readonly none = new Set<string>();
  /** What is sent instead of the file that was named. */
  file: Buffer | null = null;
  /** What is named instead of our own address. */
  address: string | null = null;

  /** What the gateway answers. */
  name(content: string, base: string): Record<string, unknown> {
    const { bill_date: day } = checked(rules.billUrl, content);
    if (this.none.has(day)) throw new Failure('40004', 'isp.bill_not_exist', '账单不存在');
    return { bill_download_url: this.address ?? `${base}${billPath}?bizType=trade&bill_date=${day}` };
  }

  /** Sends the file: what the book has moved on that day of Beijing. */
  send(day: string, movements: readonly Movement[], response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/zip' });
    response.end(
      this.file ??
        billOf(
          movements.filter((one) => timeOf(one.atMs).startsWith(day)),
          day,
        ),
    );
  }
}

/** The ZIP file of these movements: a table of them, and one of their sums. */
export function billOf(movements: readonly Movement[], day: string): Buffer {
  const isPaid = ({ amountMinor }: Movement) => amountMinor > 0;
  const lines = movements.map((one) => {
    const yuan = (one.amountMinor / 100).toFixed(2);
    const at = timeOf(one.atMs);
    const kind = isPaid(one) ? '交易' : '退款';
    return `${one.tradeNo}\t,${one.creditOrderNo}\t,${kind},可乐,${at},${at},${yuan},${yuan},${one.requestNo ?? ''}\t`;
  });
  const text = [
    ...['#支付宝业务明细查询', '#---------------业务明细列表---------------', head, ...lines],
    '#---------------业务明细列表结束------------',
    `#交易合计：${movements.filter(isPaid).length}笔`,
    `#退款合计：${movements.filter((one) => !isPaid(one)).length}笔`,
  ].join('\r\n');
  const name = `2088_${day.replaceAll('-', '')}_业务明细`;
  return zipOf([
    [`${name}(汇总).csv`, gbk('#支付宝业务汇总查询')],
    [`${name}.csv`, gbk(text)],
  ]);
}

/** `2026-11-28 16:33:45`, of Beijing. */
function timeOf(atMs: number): string {
  return new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
