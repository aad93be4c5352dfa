import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ProvidersConfig } from '../providers/load-providers.ts';
import { merchantsOf } from '../providers/load-providers.ts';
import { alipayBills } from '../providers/alipay/alipay-bills.ts';
import { stripeBills } from '../providers/stripe/stripe-bills.ts';
import { wechatBills } from '../providers/wechat/wechat-bills.ts';
import type { Db } from '../storage/storage.ts';
import type { BillSource } from './bill.ts';
import { fakeBills } from './fake-bill.ts';
import { walletBills } from './wallet-bill.ts';

/** Where the bills of the configured merchants come from, and of the fake provider. */
export function makeBillSources(
  config: ProvidersConfig,
  { db, clock, logger }: { readonly db: Db; readonly clock: Clock; readonly logger: Logger },
): readonly BillSource[] {
  const sources = [fakeBills(db)];
  const common = { clock, logger };
  for (const [provider, merchant] of merchantsOf(config, 'wechat'))
    sources.push(wechatBills({ ...common, provider, config: merchant }));
  for (const [provider, merchant] of merchantsOf(config, 'alipay'))
    sources.push(alipayBills({ ...common, db, provider, config: merchant }));
  for (const [provider, merchant] of merchantsOf(config, 'stripe'))
    sources.push(stripeBills({ ...common, db, provider, config: merchant }));
  if (config.wallet !== undefined) sources.push(walletBills(db));
  return sources;
}
