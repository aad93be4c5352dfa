import type { z } from 'zod';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { readGuardedFile } from '../guarded-files.ts';
import { parseJson, parseWith } from '../http/json.ts';
import type { Db } from '../storage/storage.ts';
import type { AlipayConfig } from './alipay/alipay-config.ts';
import { alipayConfigSchema } from './alipay/alipay-config.ts';
import { AlipayProvider } from './alipay/alipay-provider.ts';
import { alipayRecordSchema } from './alipay/known-order.ts';
import { StoredAccounts } from './provider-accounts.ts';
import { StoredOrders } from './provider-orders.ts';
import type { RealProvider } from './provider.ts';
import { knownOrderSchema as stripeOrderSchema } from './stripe/known-order.ts';
import type { StripeConfig } from './stripe/stripe-config.ts';
import { stripeConfigSchema } from './stripe/stripe-config.ts';
import { StripeProvider } from './stripe/stripe-provider.ts';
import type { WalletConfig } from './wallet/wallet-config.ts';
import { walletConfigSchema } from './wallet/wallet-config.ts';
import { WalletProvider } from './wallet/wallet-provider.ts';
import { knownOrderSchema } from './wechat/known-order.ts';
import type { WechatConfig } from './wechat/wechat-config.ts';
import { wechatConfigSchema } from './wechat/wechat-config.ts';
import { WechatProvider } from './wechat/wechat-provider.ts';

interface ConfigOf {
  readonly wechat: WechatConfig;
  readonly alipay: AlipayConfig;
  readonly stripe: StripeConfig;
}
type MerchantKind = keyof ConfigOf;

/**
 * The merchants by which money is moved: a JSON file with one entry each, by their id. `wechat`, or `wechat:` and a name of
 * the operator's own (`wechat:shanghai`) where there are several; the wallet is one
 * (docs/decisions/0123-a-charge-stays-with-its-merchant.md).
 */
export type ProvidersConfig = {
  readonly [Kind in MerchantKind as Kind | `${Kind}:${string}`]?: ConfigOf[Kind] | undefined;
} & { readonly wallet?: WalletConfig | undefined };

const merchantSchemas = {
  wechat: wechatConfigSchema,
  alipay: alipayConfigSchema,
  stripe: stripeConfigSchema,
};
const idPattern = /^(wechat|alipay|stripe)(?::[a-z0-9][a-z0-9-]{0,30})?$/;

function kindOf(id: string): MerchantKind | null {
  return (idPattern.exec(id)?.[1] as MerchantKind | undefined) ?? null;
}

export type ProvidersFailure = Failure<'providers_unreadable' | 'providers_wrong'>;

/** Reads and checks the file; the message of a failure has the place in it, never what stands there. */
export function loadProviders(file: string): Result<ProvidersConfig, ProvidersFailure> {
  const read = readGuardedFile(file, 'secret');
  if (!read.ok) return fail('providers_unreadable', read.error.message);
  const json = parseJson(read.value.bytes);
  if (!json.ok) return fail('providers_wrong', `${file}: no JSON`);
  const config = readEntries(json.value);
  return config.ok ? config : fail('providers_wrong', `${file}: ${config.error.message}`);
}

/** A field that is not known to the wallet, or an entry of no provider, is a mistake. */
function readEntries(value: unknown): Result<ProvidersConfig, Failure<string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail('bad_request', 'no object');
  const config = new Map<string, unknown>();
  /** What no two entries have in common, and whose it is. */
  const ownerOf = new Map<string, string>();
  for (const [id, entry] of Object.entries(value) as [string, unknown][]) {
    const kind = kindOf(id);
    if (kind === null && id !== 'wallet') return fail('bad_request', `${id}: no such provider`);
    const read = parseWith<unknown>(kind === null ? walletConfigSchema : merchantSchemas[kind], entry);
    if (!read.ok) return fail('bad_request', `${id}: ${read.error.message}`);
    config.set(id, read.value);
    for (const [what, own] of kind === null ? [] : ownOf(kind, read.value)) {
      const other = ownerOf.get(own);
      if (other !== undefined) return fail('bad_request', `${id}: has the ${what} of ${other}`);
      ownerOf.set(own, id);
    }
  }
  return ok(Object.fromEntries(config) as ProvidersConfig);
}

/**
 * By what a merchant is told from all others. Two entries with the same would be two names for one book: an order number would
 * lead to a debit under either, and a bill would list the charges of both.
 */
function ownOf(kind: MerchantKind, config: unknown): readonly (readonly [what: string, own: string])[] {
  switch (kind) {
    case 'wechat': {
      const { mchid, notifyUrl } = config as WechatConfig;
      return [
        ['mchid', `wechat ${mchid}`],
        ['notifyUrl', `at ${notifyUrl}`],
      ];
    }
    case 'alipay': {
      const { appId, sellerId, notifyUrl } = config as AlipayConfig;
      return [
        ['appId', `alipay app ${appId}`],
        ['sellerId', `alipay ${sellerId}`],
        ['notifyUrl', `at ${notifyUrl}`],
      ];
    }
    case 'stripe': {
      const { accountId, secretKey } = config as StripeConfig;
      return [['account', `stripe ${accountId ?? secretKey}`]];
    }
  }
}

/** The provider's own number of each merchant, by its id; not of one of Stripe that is named by its secret key alone. */
export function merchantNumbersOf(config: ProvidersConfig): ReadonlyMap<string, string> {
  const stripe = merchantsOf(config, 'stripe').flatMap(([id, { accountId }]): [string, string][] =>
    accountId === null ? [] : [[id, accountId]],
  );
  return new Map([
    ...merchantsOf(config, 'wechat').map(([id, { mchid }]): [string, string] => [id, mchid]),
    ...merchantsOf(config, 'alipay').map(([id, { sellerId }]): [string, string] => [id, sellerId]),
    ...stripe,
  ]);
}

/** The entries of one kind, by their ids, as they stand in the file. */
export function merchantsOf<Kind extends MerchantKind>(
  config: ProvidersConfig,
  kind: Kind,
): readonly (readonly [id: string, config: ConfigOf[Kind]])[] {
  return Object.entries(config)
    .filter(([id]) => kindOf(id) === kind)
    .map(([id, merchant]) => {
      assert(merchant !== undefined, 'an entry of the file is there');
      return [id, merchant as unknown as ConfigOf[Kind]];
    });
}

/** The adapters of those that are configured, on an open database. */
export function makeProviders(
  config: ProvidersConfig,
  { db, clock, logger }: { readonly db: Db; readonly clock: Clock; readonly logger: Logger },
): readonly RealProvider[] {
  const common = (name: string) => ({ name, clock, logger, accounts: new StoredAccounts(db, clock, name) });
  const ordersOf = <T>(name: string, schema: z.ZodType<T>) => new StoredOrders(db, clock, name, schema);
  const { wallet } = config;
  return [
    ...merchantsOf(config, 'wechat').map(
      ([id, merchant]) =>
        new WechatProvider({ ...common(id), config: merchant, orders: ordersOf(id, knownOrderSchema) }),
    ),
    ...merchantsOf(config, 'stripe').map(
      ([id, merchant]) =>
        new StripeProvider({ ...common(id), config: merchant, orders: ordersOf(id, stripeOrderSchema) }),
    ),
    ...(wallet === undefined ? [] : [new WalletProvider({ db, clock, config: wallet })]),
    ...merchantsOf(config, 'alipay').map(
      ([id, merchant]) =>
        new AlipayProvider({ ...common(id), config: merchant, orders: ordersOf(id, alipayRecordSchema) }),
    ),
  ];
}
