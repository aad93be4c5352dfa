import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { readGuardedFile } from '../guarded-files.ts';
import { parseJson, parseWith } from '../http/json.ts';
import type { Db } from '../storage/storage.ts';
import { alipayConfigSchema } from './alipay/alipay-config.ts';
import { AlipayProvider } from './alipay/alipay-provider.ts';
import { alipayRecordSchema } from './alipay/known-order.ts';
import { StoredAccounts } from './provider-accounts.ts';
import { StoredOrders } from './provider-orders.ts';
import type { RealProvider } from './provider.ts';
import { knownOrderSchema as stripeOrderSchema } from './stripe/known-order.ts';
import { stripeConfigSchema } from './stripe/stripe-config.ts';
import { StripeProvider } from './stripe/stripe-provider.ts';
import { walletConfigSchema } from './wallet/wallet-config.ts';
import { WalletProvider } from './wallet/wallet-provider.ts';
import { knownOrderSchema } from './wechat/known-order.ts';
import { wechatConfigSchema } from './wechat/wechat-config.ts';
import { WechatProvider } from './wechat/wechat-provider.ts';

/** The merchants by which money is moved: a JSON file of this shape. A field that is not known is a mistake. */
const providersConfigSchema = z.strictObject({
  stripe: stripeConfigSchema.optional(),
  wallet: walletConfigSchema.optional(),
  wechat: wechatConfigSchema.optional(),
  alipay: alipayConfigSchema.optional(),
});
export type ProvidersConfig = z.infer<typeof providersConfigSchema>;

export type ProvidersFailure = Failure<'providers_unreadable' | 'providers_wrong'>;

/** Reads and checks the file; the message of a failure has the place in it, never what stands there. */
export function loadProviders(file: string): Result<ProvidersConfig, ProvidersFailure> {
  const read = readGuardedFile(file, 'secret');
  if (!read.ok) return fail('providers_unreadable', read.error.message);
  const json = parseJson(read.value.bytes);
  if (!json.ok) return fail('providers_wrong', `${file}: no JSON`);
  const config = parseWith(providersConfigSchema, json.value);
  return config.ok ? config : fail('providers_wrong', `${file}: ${config.error.message}`);
}

/** The adapters of those that are configured, on an open database. */
export function makeProviders(
  config: ProvidersConfig,
  { db, clock, logger }: { readonly db: Db; readonly clock: Clock; readonly logger: Logger },
): readonly RealProvider[] {
  const { stripe, wallet, wechat, alipay } = config;
  const providers: RealProvider[] = [];
  if (wechat !== undefined)
    providers.push(
      new WechatProvider({
        ...{ clock, logger, config: wechat },
        orders: new StoredOrders(db, clock, 'wechat', knownOrderSchema),
        accounts: new StoredAccounts(db, clock, 'wechat'),
      }),
    );
  if (stripe !== undefined)
    providers.push(
      new StripeProvider({
        ...{ clock, logger, config: stripe },
        orders: new StoredOrders(db, clock, 'stripe', stripeOrderSchema),
        accounts: new StoredAccounts(db, clock, 'stripe'),
      }),
    );
  if (wallet !== undefined) providers.push(new WalletProvider({ db, clock, config: wallet }));
  if (alipay !== undefined)
    providers.push(
      new AlipayProvider({
        ...{ clock, logger, config: alipay },
        orders: new StoredOrders(db, clock, 'alipay', alipayRecordSchema),
        accounts: new StoredAccounts(db, clock, 'alipay'),
      }),
    );
  return providers;
}
