import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Result } from '../../../shared/result.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { billBytesMax } from '../../limits.ts';
import type { Bill, BillFailure, BillSource, Day } from '../../reconciliation/bill.ts';
import { beijingOffsetMs } from '../../reconciliation/bill.ts';
import { parseWechatBill } from '../../reconciliation/wechat-bill.ts';
import type { billErrorCodes } from './codes.ts';
import { ProtocolClient } from './protocol-client.ts';
import type { WechatConfig } from './wechat-config.ts';

const path = '/v3/bill/tradebill';
/** WeChat makes a day's bill from 9 in the morning on, and asks to come after 10. */
const readyAfterMs = 10 * 3_600_000;
const noBill: keyof typeof billErrorCodes = 'NO_STATEMENT_EXIST';

const namedSchema = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-f]{40}$/i),
  download_url: z.url(),
});

export interface WechatBillsOptions {
  /** As charges have it; left out: `wechat`. */
  readonly provider?: string;
  readonly config: WechatConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of a bill, packed and unpacked; left out: `billBytesMax`. */
  readonly bytesMax?: number;
}

/** The trade bills of a merchant: a signed answer names a file and its hash, and the file is what has that hash. */
export function wechatBills({
  provider = 'wechat',
  config,
  clock,
  logger,
  bytesMax = billBytesMax,
}: WechatBillsOptions): BillSource {
  const client = new ProtocolClient(config, clock, logger, null);
  return {
    provider,
    merchant: config.mchid,
    offsetMs: beijingOffsetMs,
    readyAfterMs,
    fetch: (day) => fetchBill(client, day, bytesMax),
  };
}

async function fetchBill(
  client: ProtocolClient,
  day: Day,
  bytesMax: number,
): Promise<Result<Bill, BillFailure>> {
  const named = await client.get(path, { bill_date: day, bill_type: 'ALL', tar_type: 'GZIP' });
  // Of a day on which nothing moved there is no file; whether that is so, the comparison says.
  if (named.kind === 'refused' && named.code === noBill) return ok({ lines: [] });
  if (named.kind !== 'ok') return fail('bill_not_ready', named.message);
  const file = namedSchema.safeParse(named.body);
  if (!file.success) return fail('bill_damaged', 'the answer names no file');
  const { download_url: url, hash_value: hash } = file.data;
  const loaded = await client.download(url, bytesMax);
  if (loaded.kind === 'too_large') return fail('bill_too_large', `more than ${bytesMax} bytes`);
  if (loaded.kind === 'unknown') return fail('bill_not_ready', loaded.message);
  return readFile(loaded.bytes, hash, bytesMax);
}

/** The hash is that of the bill, before it was packed. */
function readFile(packed: Uint8Array, hash: string, bytesMax: number): Result<Bill, BillFailure> {
  let bytes: Uint8Array;
  try {
    bytes = gunzipSync(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    const isLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return isLarge
      ? fail('bill_too_large', `more than ${bytesMax} bytes unpacked`)
      : fail('bill_damaged', 'it cannot be unpacked');
  }
  if (createHash('sha1').update(bytes).digest('hex') !== hash.toLowerCase())
    return fail('bill_damaged', 'it does not have the hash that was signed');
  try {
    return parseWechatBill(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('bill_damaged', 'it is no text in UTF-8');
  }
}
