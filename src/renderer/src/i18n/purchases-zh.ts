import type { Refund } from '../../../shared/model/purchase.schema.ts';
import type {
  ByMeans,
  ByOldPurchaseList,
  ByPurchaseList,
  ByResolutionActor,
  ByResolutionHow,
  ByWhen,
} from './shape.ts';

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
  old: {
    network: '网络不通，这里的可能不是最新的。',
    system: '系统正忙，这里的可能不是最新的，也可能不全。',
    ended: '扫码过了一会儿，要看最新的请重新扫码。',
  } satisfies ByOldPurchaseList,
  none: '没有购买记录。',
  noneHere: '这台柜子自己没有记着您的购买。',
  again: '再查一次',
  scanAgain: '重新扫码',
  disputed: '您反映的问题在核对',
  notTaken: '您的报告没能受理，点开看怎么办',
  draft: '有一份没提交的报告，点开接着写',
  more_one: '{{name}}等 {{count}} 件',
  more_other: '{{name}}等 {{count}} 件',
  nameless: '没有认出的商品',
  detail: '这一笔购买',
  next: {
    on_its_own_soon: '接下来：系统自动处理，很快就好。',
    when_network_returns: '接下来：网络恢复后，系统自动处理。',
    when_shopper_pays: '接下来：请您付款。',
    unless_shopper_has_paid: '接下来：还没付的话请付款。现在查不到结果。',
    when_shopper_acts: '接下来：处理好后，会再扣一次。',
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
    refunded_in_part: '部分钱款退还给您',
    dispute_denied: '已核对，不退款',
    other: '运营方已处理',
  } satisfies ByResolutionHow,
  /** Where it is to be paid and no QR can be shown here: the member's own way to pay says where. */
  payAt: {
    wechat_pay: '也可以在微信“支付分”的订单里付。',
    alipay: '也可以在支付宝“芝麻先享”的订单里付。',
    unionpay: '可以在会员 App 里换一种付款方式。',
    card: '可以在会员 App 里换一张卡。',
    balance: '这一笔从账户余额里扣，请充值。',
    simulated: '这里是模拟支付，没有真的付款。',
  } satisfies ByMeans,
  /** In the list, after the reason. */
  rowNext: {
    on_its_own_soon: '系统很快自动处理',
    when_network_returns: '网络恢复后自动处理',
    when_shopper_pays: '请您付款',
    unless_shopper_has_paid: '还没付请付款',
    when_shopper_acts: '您处理好后再扣',
    working_days: '人工核对，几个工作日',
  } satisfies ByWhen,
  refund: {
    under_way: '退款 {{amount}} 办理中，{{time}} 起。',
    under_way_system: '退款 {{amount}} 办理中，{{time}} 起：系统自动退回原付款方式，一般几个工作日。',
    under_way_support: '退款 {{amount}} 办理中，{{time}} 起：由工作人员办理，一般几个工作日。',
    done: '已于 {{time}} 退款 {{amount}}，银行到账可能要几天。',
  } satisfies Record<Refund['stage'] | `under_way_${NonNullable<Refund['by']>}`, string>,
  /** In the list. */
  rowRefund: {
    under_way: '退款 {{amount}} 办理中',
    done: '已退款 {{amount}}',
  } satisfies Record<Refund['stage'], string>,
  nextTry: '{{time}} 会再试扣一次。',
  elsewhere: '柜号 {{id}}',
  callUs: '这笔有问题，请打客服 {{phone}}，报单号 {{ref}}。',
  pay: '现在付',
  payTitle: '用手机付这一笔',
  payLead: '用手机扫码。付好马上显示，不会再扣。',
  payLeadUnanswered: '用手机扫码，付没付成请看手机。这里现在查不到结果，不会重复扣。',
  payLabel: '付款二维码，单号 {{ref}}',
  back: '返回',
} as const;
