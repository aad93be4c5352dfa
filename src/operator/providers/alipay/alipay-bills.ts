import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Result } from '../../../shared/result.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { billBytesMax } from '../../limits.ts';
import { parseAlipayBill } from '../../reconciliation/alipay-bill.ts';
import type { Bill, BillFailure, BillSource, Day } from '../../reconciliation/bill.ts';
import { beijingOffsetMs } from '../../reconciliation/bill.ts';
import type { Db } from '../../storage/storage.ts';
import { CallBudget } from '../call-budget.ts';
import { withOurNumbers } from '../their-numbers.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { downloadBill } from './bill-download.ts';
import { billType, methods, noBillCodes } from './codes.ts';
import { GatewayClient, messageOf } from './gateway-client.ts';

/** Alipay makes a day's bill until 9 in the morning, and says to come after 10. */
const readyAfterMs = 10 * 3_600_000;

const namedSchema = z.object({ bill_download_url: z.url() });

export interface AlipayBillsOptions {
  readonly db: Db;
  /** As charges have it; left out: `alipay`. */
  readonly provider?: string;
  readonly config: AlipayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of a bill, packed; left out: `billBytesMax`. */
  readonly bytesMax?: number;
}

/**
 * The trade bills (业务账单) of a merchant: a signed answer names a file, for 30 s, and nobody signs the file. Its lines have
 * the numbers of Alipay's credit orders; ours are found by what the adapter remembers of each (`provider_order`).
 */
export function alipayBills({
  db,
  provider = 'alipay',
  config,
  clock,
  logger,
  bytesMax = billBytesMax,
}: AlipayBillsOptions): BillSource {
  const client = new GatewayClient(config, clock, logger);
  const fetchBill = async (day: Day): Promise<Result<Bill, BillFailure>> => {
    const named = await client.call({
      method: methods.billUrl,
      content: JSON.stringify({ bill_type: billType, bill_date: day }),
      budget: new CallBudget(clock),
    });
    // Of a day on which nothing moved there is no file; whether that is so, the comparison says.
    if (named.kind === 'refused' && noBillCodes.some((code) => named.subCode === code))
      return ok({ lines: [] });
    if (named.kind !== 'ok') return fail('bill_not_ready', messageOf(named));
    const file = namedSchema.safeParse(named.body);
    if (!file.success) return fail('bill_damaged', 'the answer names no file');
    const loaded = await downloadBill(clock, config, file.data.bill_download_url, bytesMax);
    if (!loaded.ok) return loaded;
    const parsed = parseAlipayBill(loaded.value, (number) => number);
    return parsed.ok ? ok(await withOurNumbers(db, provider, parsed.value)) : parsed;
  };
  return {
    provider,
    merchant: config.sellerId,
    offsetMs: beijingOffsetMs,
    readyAfterMs,
    fetch: fetchBill,
  };
}
