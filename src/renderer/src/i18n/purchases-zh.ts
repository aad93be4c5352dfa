import { purchaseZh } from '../../../shared/i18n/money-zh.ts';
import type { ByOldPurchaseList, ByPurchaseList } from './shape.ts';

const onlyHere = '这里只有这台柜子自己记着的。';

/** "My purchases", within "my data". */
export const purchasesZh = {
  ...purchaseZh,
  open: '我的购买',
  list: {
    loading: '正在查您的购买记录。',
    complete: '最近的在前面。点一笔，看状态和下一步。',
    network: `网络不通，查不到全部。${onlyHere}`,
    system: `系统正忙，没查到全部。${onlyHere}`,
    ended: `扫码过了一会儿，要看全部请重新扫码。${onlyHere}`,
  } satisfies ByPurchaseList,
  old: {
    network: '网络不通，这里的可能不是最新的。',
    system: '系统正忙，这里的可能不是最新的，也可能不全。',
    ended: '扫码过了一会儿，要看最新的请重新扫码。',
  } satisfies ByOldPurchaseList,
  noneHere: '这台柜子自己没有记着您的购买。',
  again: '再查一次',
  scanAgain: '重新扫码',
  payTitle: '用手机付这一笔',
  payLead: '用手机扫码。付好马上显示，不会再扣。',
  payLeadUnanswered: '用手机扫码，付没付成请看手机。这里现在查不到结果，不会重复扣。',
  payLabel: '付款二维码，单号 {{ref}}',
  back: '返回',
} as const;
