import { z } from 'zod';
import { limits } from './codes.ts';

const pem = z.string().regex(/^\s*-----BEGIN [A-Z ]+-----/, 'a PEM text');

/** A merchant of WeChat Pay with a Pay Score service (no confirmation of each order), as its console shows it. */
export const wechatConfigSchema = z.object({
  /** https://api.mch.weixin.qq.com; another one only for the local server of the tests. */
  baseUrl: z.url(),
  mchid: z.string().regex(/^\d{1,32}$/),
  appid: z.string().min(1).max(32),
  serviceId: z.string().min(1).max(32),
  /** What the payer reads of the service. */
  serviceIntroduction: z.string().min(1).max(limits.introductionMax),
  /** Where notices are sent to: https, without a query. */
  notifyUrl: z.url().max(limits.notifyUrlMax),
  /** The merchant's own certificate, by its serial number, and the private key of it. */
  merchantSerial: z.string().regex(/^[0-9A-F]{8,64}$/),
  merchantKeyPem: pem,
  /**
   * WeChat's public keys by their id (PUB_KEY_ID_…) and platform certificates by their serial number: all that may be in use
   * while they are rotated. The first one is asked for.
   */
  platformKeys: z
    .record(z.string().min(1), pem)
    .refine((keys) => Object.keys(keys).length > 0, 'at least one key'),
  apiV3Key: z.string().refine((key) => Buffer.byteLength(key) === 32, '32 bytes'),
  /**
   * Members sign in on the shopper's page by WeChat (网页授权): `appid` is an official account's, with the page's domain in its
   * console, and this is its AppSecret. Left out: they do not.
   */
  signIn: z
    .object({
      secret: z.string().regex(/^[0-9a-f]{32}$/),
      /** Others only for the local server of the tests. */
      authorizeUrl: z.url().default('https://open.weixin.qq.com/connect/oauth2/authorize'),
      apiUrl: z.url().default('https://api.weixin.qq.com'),
    })
    .optional(),
});
export type WechatConfig = z.infer<typeof wechatConfigSchema>;
