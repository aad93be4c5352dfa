import type { Clock } from '../../../shared/clock.ts';
import type { Result } from '../../../shared/result.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { BillFailure } from '../../reconciliation/bill.ts';
import { connectionFailureOf } from '../connection.ts';
import { billHosts as hostsOfAlipay } from './codes.ts';

/** A file is given up after this long. */
const downloadTimeoutMs = 60_000;

/**
 * A bill that a signed answer has named, of `bytesMax` bytes at most. Nobody signs it and no hash is told, so that only where
 * it comes from says whose it is: from Alipay's own hosts, by https (an address that says http is asked by https), and on to
 * nowhere else. The address is worth money to whoever wants to read the bill, and is never told or logged.
 */
export async function downloadBill(
  clock: Clock,
  {
    billHosts = hostsOfAlipay,
    gatewayUrl,
  }: { readonly billHosts?: readonly string[] | undefined; readonly gatewayUrl: string },
  address: string,
  bytesMax: number,
): Promise<Result<Uint8Array, BillFailure>> {
  const url = allowed(address, billHosts, gatewayUrl);
  if (url === null) return fail('bill_not_ready', 'a file at another address than Alipay’s');
  const abort = new AbortController();
  const cancel = clock.after(downloadTimeoutMs, () => abort.abort());
  try {
    const response = await fetch(url, { redirect: 'manual', signal: abort.signal });
    if (response.status !== 200 || response.body === null)
      return fail('bill_not_ready', `the file was answered with status ${response.status}`);
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > bytesMax) return fail('bill_too_large', `more than ${bytesMax} bytes`);
      pieces.push(piece);
    }
    return ok(Buffer.concat(pieces));
  } catch (error) {
    return fail('bill_not_ready', `no file from Alipay: ${connectionFailureOf(error).code}`);
  } finally {
    cancel();
    abort.abort();
  }
}

/** Null: not to be asked there. Where the gateway itself is (the local server of the tests) is allowed as it is. */
function allowed(address: string, hosts: readonly string[], gatewayUrl: string): URL | null {
  const url = new URL(address);
  if (url.origin === new URL(gatewayUrl).origin) return url;
  if (url.username !== '' || url.password !== '' || url.port !== '' || !hosts.includes(url.hostname))
    return null;
  url.protocol = 'https:';
  return url;
}
