/** The app whose browser this is, where its account can be asked for; null: another one. */
export function appOf(userAgent: string): 'wechat' | 'alipay' | null {
  if (/MicroMessenger/i.test(userAgent)) return 'wechat';
  return /AlipayClient/i.test(userAgent) ? 'alipay' : null;
}
