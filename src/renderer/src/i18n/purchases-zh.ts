import type { ByPurchaseList, ByResolutionActor, ByResolutionHow, ByWhen } from './shape.ts';

const onlyHere = '这里只有这台柜子自己记着的。';

/** "My purchases", within "my data". */
export const purchasesZh = {
  open: '我的购买',
  title: '我的购买',
  list: {
    loading: '正在查您的购买记录。',
    complete: '最近的在前面。点一笔，看状态和下一步。',
    network: `网络不通，查不到全部。${onlyHere}`,
    system: `系统正忙，没查到全部。${onlyHere}`,
    ended: `扫码过了一会儿，要看全部请重新扫码。${onlyHere}`,
  } satisfies ByPurchaseList,
  none: '没有购买记录。',
  noneHere: '这台柜子自己没有记着您的购买。',
  again: '再查一次',
  disputed: '您反映的问题在核对',
  draft: '有一份没提交的报告，点开接着写',
  more_one: '{{name}}等 {{count}} 件',
  more_other: '{{name}}等 {{count}} 件',
  nameless: '没有认出的商品',
  detail: '这一笔购买',
  next: {
    on_its_own_soon: '接下来：系统自动处理，很快就好。',
    when_network_returns: '接下来：网络恢复后，系统自动处理。',
    when_shopper_acts: '接下来：请您付款。',
    working_days: '接下来：工作人员处理，一般几个工作日。',
  } satisfies ByWhen,
  resolved: '{{by}}已于 {{time}} 处理：{{how}}。',
  resolvedBy: {
    shopper: '您',
    support: '工作人员',
    provider: '支付平台',
    system: '系统',
  } satisfies ByResolutionActor,
  resolvedHow: {
    debited: '按账单扣款',
    lines_released: '待核对的商品一并扣款',
    lines_dropped: '待核对的商品不收费',
    adjusted: '金额已调低',
    settled: '已用其他方式付清',
    written_off: '不再收费',
    voided: '无需付款',
    refunded: '钱款退还给您',
    other: '运营方已处理',
  } satisfies ByResolutionHow,
  nextTry: '不处理的话，{{time}} 再试扣一次。',
  elsewhere: '柜号 {{id}}',
  callUs: '这笔有问题，请打客服 {{phone}}，报单号 {{ref}}。',
  pay: '现在付',
  payTitle: '用手机付这一笔',
  payLead: '用手机扫码。付好后这里马上显示，不会再扣。',
  payLabel: '付款二维码，单号 {{ref}}',
  back: '返回',
} as const;
