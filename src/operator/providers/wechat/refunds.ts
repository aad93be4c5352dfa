import { z } from 'zod';
import type { RefundFound, RefundOutcome, RefundRequest } from '../provider.ts';
import { cut } from '../shown-text.ts';
import { currency, limits, paths, refundStates } from './codes.ts';
import type { KnownOrder } from './known-order.ts';
import { isCertainlyNot, messageOf } from './order-life.ts';
import type { ProtocolClient } from './protocol-client.ts';

type Paid = NonNullable<KnownOrder['paid']>;

const refundSchema = z.object({
  out_refund_no: z.string(),
  transaction_id: z.string(),
  status: z.enum(refundStates),
  amount: z.object({ refund: z.number().int(), currency: z.string() }),
});

/** Pays back what an order has debited: by its transaction, for its number is none of a refund. */
export class Refunds {
  readonly #client: ProtocolClient;
  readonly #notifyUrl: string;

  constructor(client: ProtocolClient, notifyUrl: string) {
    this.#client = client;
    this.#notifyUrl = notifyUrl;
  }

  /** The same refund again is the same one, and says how it stands. */
  async refund(request: RefundRequest, paid: Paid): Promise<RefundOutcome> {
    const { refundId, amountMinor } = request;
    if (amountMinor > paid.amountMinor)
      return { kind: 'rejected', message: `only ${paid.amountMinor} is paid` };
    const body = JSON.stringify({
      transaction_id: paid.transactionId,
      out_refund_no: refundId,
      reason: cut(request.reason, limits.refundReasonMax),
      notify_url: this.#notifyUrl,
      amount: { refund: amountMinor, total: paid.amountMinor, currency },
    });
    const answer = await this.#client.post(paths.refunds, body);
    if (answer.kind === 'ok') {
      const said = refundOutcomeOf(answer.body, request, paid);
      return said.kind === 'other' ? { kind: 'unknown', message: said.message } : said;
    }
    if (isCertainlyNot(answer)) return { kind: 'not_sent', message: messageOf(answer) };
    if (answer.kind !== 'refused') return { kind: 'unknown', message: messageOf(answer) };
    // Refused: perhaps because it was taken before.
    const found = await this.find(request, paid);
    if (found.kind === 'not_found') return { kind: 'rejected', message: answer.message };
    return found.kind === 'unknown'
      ? { kind: 'unknown', message: `${answer.message}; ${found.message}` }
      : found;
  }

  /** How the refund of this number stands. */
  async find(request: RefundRequest, paid: Paid): Promise<RefundFound> {
    const found = await this.#client.get(paths.refund(request.refundId));
    if (found.kind === 'ok') {
      const outcome = refundOutcomeOf(found.body, request, paid);
      // Proven, and of this number. What cannot be read may be this very refund, on its way.
      return outcome.kind === 'other' ? { kind: 'rejected', message: outcome.message } : outcome;
    }
    return found.kind === 'refused' && found.class === 'not_found'
      ? { kind: 'not_found' }
      : { kind: 'unknown', message: found.message };
  }
}

/** `other`: of this number, but of another payment or sum. */
function refundOutcomeOf(
  body: unknown,
  request: RefundRequest,
  paid: Paid,
): Exclude<RefundOutcome, { kind: 'not_sent' }> | { readonly kind: 'other'; readonly message: string } {
  const parsed = refundSchema.safeParse(body);
  if (!parsed.success) return { kind: 'unknown', message: 'the answer is not a refund as we know it' };
  const { out_refund_no: number, transaction_id: transactionId, status, amount } = parsed.data;
  if (number !== request.refundId) return { kind: 'unknown', message: 'the answer is about another refund' };
  const isSameSum = amount.refund === request.amountMinor && amount.currency === currency;
  if (transactionId !== paid.transactionId || !isSameSum)
    return { kind: 'other', message: 'this number has paid back something else' };
  switch (status) {
    case 'SUCCESS':
      return { kind: 'refunded' };
    case 'PROCESSING':
      return { kind: 'pending' };
    case 'CLOSED':
      return { kind: 'rejected', message: 'the refund was closed: nothing was paid back under its number' };
    case 'ABNORMAL':
      return {
        kind: 'rejected',
        message: "the payer's account takes nothing: finish it in the merchant console",
      };
  }
}
