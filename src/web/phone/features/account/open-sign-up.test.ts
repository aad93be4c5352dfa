import { expect, it } from 'vitest';
import { appOf } from '../sign-in/app-of.ts';
import { openSignUp } from './open-sign-up.ts';

it('opens each provider in its own flow, and says what this browser lacks for it', () => {
  const opened: unknown[] = [];
  const open = (url: string): void => void opened.push(url);
  const bridges = {
    WeixinJSBridge: { invoke: (...said: unknown[]) => void opened.push(said.slice(0, 2)) },
    AlipayJSBridge: { call: (...said: unknown[]) => void opened.push(said.slice(0, 2)) },
  };
  const wechat = {
    kind: 'wechat',
    businessType: 'wxpayScoreEnable',
    extraData: { apply_permissions_token: 'a b' },
  } as const;
  const alipay = { kind: 'alipay', orderString: 'sign=1' } as const;
  expect(openSignUp({ kind: 'page', url: 'https://cards.example/x' }, { open })).toBe('opened');
  expect([openSignUp(wechat, { bridges }), openSignUp(alipay, { bridges })]).toEqual(['opened', 'opened']);
  expect(opened).toEqual([
    'https://cards.example/x',
    ['openBusinessView', { businessType: 'wxpayScoreEnable', queryString: 'apply_permissions_token=a+b' }],
    ['tradePay', { orderStr: 'sign=1' }],
  ]);
  expect([openSignUp(wechat, { bridges: {} }), openSignUp(alipay, { bridges: {} })]).toEqual([
    'needsWeChat',
    'needsAlipay',
  ]);
});

it('knows in whose app the page is open', () => {
  const [wechat, alipay, other] = ['x MicroMessenger/8.0', 'x AlipayClient/10.5', 'Mozilla/5.0 Chrome/130'];
  expect([appOf(wechat), appOf(alipay), appOf(other)]).toEqual(['wechat', 'alipay', null]);
});
