import type Stripe from 'stripe';
import type { Clock } from '../../../shared/clock.ts';
import type { Result } from '../../../shared/result.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { billLinesMax } from '../../limits.ts';
import type { BillFailure, BillSource } from '../../reconciliation/bill.ts';
import { addDays, startOf } from '../../reconciliation/bill.ts';
import { readStripePages } from '../../reconciliation/stripe-bill.ts';
import type { Db } from '../../storage/storage.ts';
import { withOurNumbers } from '../their-numbers.ts';
import { metadataOf } from './codes.ts';
import { ProtocolClient } from './protocol-client.ts';
import type { StripeConfig } from './stripe-config.ts';

/** Lines of a page: the most that Stripe gives. */
const pageLines = 100;
/** A movement is in the list at once; this is room for clocks and for what is under way. */
const readyAfterMs = 3_600_000;

export interface StripeBillsOptions {
  readonly db: Db;
  /** As charges have it; left out: `stripe`. */
  readonly provider?: string;
  readonly config: StripeConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What moved a merchant's balance at Stripe, of a day of UTC. What has no number of ours with it (a refund that people have made
 * in Stripe's own pages) is led to its order by the intent that the adapter remembers of it.
 */
export function stripeBills({
  db,
  provider = 'stripe',
  config,
  clock,
  logger,
}: StripeBillsOptions): BillSource {
  const client = new ProtocolClient(config, clock, logger);
  return {
    provider,
    merchant: config.accountId ?? 'own',
    offsetMs: 0,
    readyAfterMs,
    fetch: async (day, signal) => {
      const created = { gte: startOf(day, 0) / 1_000, lt: startOf(addDays(day, 1), 0) / 1_000 };
      const ask = async (after: string | null): Promise<Result<unknown, BillFailure>> => {
        if (signal.aborted) return fail('bill_not_ready', 'the service ends');
        const page = {
          ...{ created, limit: pageLines, expand: ['data.source'] },
          ...(after !== null && { starting_after: after }),
        };
        const list = (stripe: Stripe) => stripe.balanceTransactions.list(page);
        const answer = await client.ask('balance_transactions', list, null);
        return answer.kind === 'ok' ? ok(answer.body) : fail('bill_not_ready', answer.message);
      };
      const bill = await readStripePages(ask, metadataOf.charge, billLinesMax / pageLines);
      return bill.ok ? ok(await withOurNumbers(db, provider, bill.value)) : bill;
    },
  };
}
