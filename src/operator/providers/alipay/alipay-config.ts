import { z } from 'zod';
import { authorizeUrl, limits } from './codes.ts';
import { privateKeyOf, publicKeyOf } from './signing.ts';

const isKey = (read: (key: string) => unknown) => (key: string) => {
  try {
    read(key);
    return true;
  } catch {
    return false;
  }
};

/** An app of Alipay's open platform with 芝麻先享 (dynamic amount), as its console shows it. Keys: PEM or bare base64. */
export const alipayConfigSchema = z.object({
  /** https://openapi.alipay.com/gateway.do; another one only for the local server of the tests. */
  gatewayUrl: z.url(),
  appId: z.string().regex(/^\d{8,32}$/),
  /** The merchant who receives the money (2088…): notices about others are not ours. */
  sellerId: z.string().regex(/^\d{16}$/),
  appPrivateKey: z.string().refine(isKey(privateKeyOf), 'a private key'),
  /** Alipay's public keys: all that may be in use while they are rotated. */
  alipayPublicKeys: z.array(z.string().refine(isKey(publicKeyOf), 'a public key')).min(1),
  /** Where notices about debits are sent to: https, without a query. Those of the message service go where the console says. */
  notifyUrl: z.url().max(256),
  /** What the payer reads of the order. */
  title: z.string().regex(new RegExp(`^[^/=&]{1,${limits.subjectMax}}$`), 'without / = &'),
  /** Hosts from which bills are fetched, by https; Alipay's own when left out. */
  billHosts: z
    .array(z.string().regex(/^[a-z0-9.-]{1,253}$/))
    .min(1)
    .optional(),
  /** 芝麻's category, where the contract names one. */
  categoryId: z.string().min(1).max(64).optional(),
  /** 芝麻's number of the service: members can agree to it by this program. Left out: they agree elsewhere. */
  zmServiceId: z.string().min(1).max(64).optional(),
  /** Members sign in on the shopper's page by Alipay; the page's domain stands in the app's settings. Left out: they do not. */
  signIn: z.object({ authorizeUrl: z.url().default(authorizeUrl) }).optional(),
});
export type AlipayConfig = z.infer<typeof alipayConfigSchema>;
