import type { PhoneReply } from '../../../../shared/phone/routes.ts';

export type SignUpPage = NonNullable<PhoneReply<'signUp'>['page']>;

/** What the app whose browser this is brings by itself. */
interface Bridges {
  readonly WeixinJSBridge?: {
    invoke(name: string, options: object, done: (result: object) => void): void;
  };
  readonly AlipayJSBridge?: { call(name: string, options: object, done: (result: object) => void): void };
}

/** Opens what the member is to agree to, in the provider's own flow. Tells what is needed where this browser cannot. */
export function openSignUp(
  page: SignUpPage,
  { bridges = globalThis as Bridges, open = (url: string) => location.assign(url) } = {},
): 'opened' | 'needsWeChat' | 'needsAlipay' {
  switch (page.kind) {
    case 'page':
      open(page.url);
      return 'opened';
    case 'wechat': {
      if (bridges.WeixinJSBridge === undefined) return 'needsWeChat';
      const { businessType, extraData } = page;
      const queryString = new URLSearchParams(extraData).toString();
      bridges.WeixinJSBridge.invoke('openBusinessView', { businessType, queryString }, () => undefined);
      return 'opened';
    }
    case 'alipay': {
      if (bridges.AlipayJSBridge === undefined) return 'needsAlipay';
      bridges.AlipayJSBridge.call('tradePay', { orderStr: page.orderString }, () => undefined);
      return 'opened';
    }
  }
}
