import type { Refund } from '../model/purchase.schema.ts';
import type {
  ByMeans,
  ByReason,
  ByResolutionActor,
  ByResolutionHow,
  ByStatus,
  ByWhen,
  ChargeWords,
  RefusedWords,
} from './shape.ts';

/** Before the door opens: why it does not, and what helps. */
export const refusedZh = {
  network: {
    unreachable: { title: '现在连不上网络', remedy: '门没有开，也没有扣款。请过一会儿再试。' },
    timeout: { title: '网络太慢，没等到答复', remedy: '门没有开，也没有扣款。请再试一次。' },
    offline_time_unknown: {
      title: '柜子要先联网对一次时间',
      remedy: '没对过时间，就看不出码是不是刚出的。没有开门，也没有扣款，网络一通就好。',
    },
    offline_no_policy: {
      title: '网络不通，暂时开不了门',
      remedy: '没有开门，也没有扣款。网络一通就能用。',
    },
    offline_cabinet_cap: {
      title: '待传的账单存满了',
      remedy: '网络不通，柜子不能再多存账单。没有开门，也没有扣款，网络一通就能用。',
    },
    offline_face_list_old: {
      title: '现在刷脸开不了门',
      remedy: '网络断了有一阵，刷脸名单不够新。请改用会员码开门。',
    },
  },
  system: {
    operator_error: { title: '系统正忙，没能开门', remedy: '门没有开，也没有扣款。请再试一次。' },
    provider_error: { title: '支付服务没有答复', remedy: '门没有开，也没有扣款。请过一会儿再试。' },
    rejected: { title: '这次没能核对通过', remedy: '没有扣款。请刷新会员码再试；还不行请找客服。' },
    conflict: { title: '系统里的记录对不上', remedy: '没有扣款。请联系客服，我们马上核对。' },
    device_fault: {
      title: '柜子还没准备好',
      remedy: '门锁或识别设备没有答复，所以没有开门，也没有扣款。请再试一次。',
    },
    storage_fault: { title: '柜子暂时不能结算', remedy: '所以没有开门，也没有扣款。工作人员会来处理。' },
  },
  account: {
    declined: { title: '账户暂时不能先拿后付', remedy: '请在手机上换一种付款方式，再扫一次。' },
    insufficient_funds: { title: '账户余额不足', remedy: '请在手机上充值，或换一种付款方式，再扫一次。' },
    expired_card: { title: '绑定的银行卡已过期', remedy: '请在手机上换一张卡，再扫一次。' },
    authentication_required: { title: '付款方式要您本人确认', remedy: '请在手机上完成确认，再扫一次。' },
    suspended: { title: '这个账户已暂停使用', remedy: '原因和恢复办法，请拨打客服电话。' },
    unpaid_charges: { title: '上次有一笔还没付', remedy: '请在手机上付清，马上就能再开门。' },
    limit_reached: {
      title: '先拿后付的额度暂时用完了',
      remedy: '之前的开门和账单还在处理，处理完就能再开门。',
    },
    code_unknown: { title: '没有找到这个会员码', remedy: '请打开手机上的会员码页面，再扫一次。' },
    code_expired: { title: '这个会员码过期了', remedy: '会员码一分钟一换。请刷新后再扫一次。' },
    code_replayed: { title: '这个会员码用过了', remedy: '一个码只能开一次门。请刷新后再扫一次。' },
    code_malformed: { title: '这不是会员码', remedy: '请打开手机上的会员码再扫，别的码开不了门。' },
    face_not_enrolled: {
      title: '这台柜子不能用您的脸开门',
      remedy: '请扫会员码开门。要刷脸，请用手机上的“登记人脸”重新登记。',
    },
    offline_unverified: {
      title: '您的账户要先联网核对一次',
      remedy: '网络不通，这次核对不了。没有开门，也没有扣款。网络通了再扫一次就好。',
    },
    offline_denied: {
      title: '这个账户现在开不了门',
      remedy: '请在手机上看看有没有没付清的账，或者拨打客服电话。这次没有扣款。',
    },
    offline_member_cap: {
      title: '您在这里的账单还没传完',
      remedy: '网络不通，先记的账到了上限。这次没有扣款，网络通了就能再开门。',
    },
  },
  recognition: {
    reader_lost: { title: '柜子暂时看不清商品', remedy: '看不清就不开门，没有扣款。请过一会儿再试。' },
    differs_from_confirmed: { title: '上次购物还在核对', remedy: '没有扣款。请联系客服，核对完就能开门。' },
    door_left_open: { title: '上次购物还在核对', remedy: '没有扣款。请联系客服，核对完就能开门。' },
    line_reported: { title: '您反映的问题还在处理', remedy: '没有扣款。请联系客服，处理完就能开门。' },
    expired: { title: '上次购物还在核对', remedy: '没有扣款。请联系客服，核对完就能开门。' },
  },
} as const satisfies ByReason<RefusedWords>;

const humanLooks = '由工作人员核对，核对前不扣款。';
const savedForLater = '账单已存好，恢复后自动扣一次。您不用做什么。';
/** Something was charged, or may have been. */
const humanLooksAtPaid = '由工作人员核对，扣错的会退回。';

const charge = {
  network: {
    unreachable: { why: '网络暂时不通', next: savedForLater },
    timeout: { why: '还没等到扣款结果', next: '我们先查清楚再处理，不会重复扣。您不用做什么。' },
    offline_time_unknown: { why: '柜子当时没对过时间', next: savedForLater },
    offline_no_policy: { why: '柜子当时连不上网络', next: savedForLater },
    offline_cabinet_cap: { why: '柜子当时存的账单满了', next: savedForLater },
    offline_face_list_old: { why: '刷脸名单当时不够新', next: savedForLater },
  },
  system: {
    operator_error: { why: '扣款系统正忙', next: '账单已存好，稍后自动扣一次。您不用做什么。' },
    provider_error: { why: '支付服务没有答复', next: '账单已存好，稍后自动再试，只扣一次。' },
    rejected: { why: '系统没有接受这笔账', next: humanLooks },
    conflict: { why: '系统里的记录对不上', next: humanLooksAtPaid },
    device_fault: { why: '购物时设备出了故障', next: humanLooks },
    storage_fault: { why: '记账时出了故障', next: humanLooks },
  },
  account: {
    declined: { why: '付款没有通过', next: '请在手机上换一种付款方式，之后会再扣一次。' },
    insufficient_funds: { why: '账户余额不足', next: '请在手机上充值或换付款方式，之后会再扣一次。' },
    expired_card: { why: '绑定的银行卡已过期', next: '请在手机上换一张卡，之后会再扣一次。' },
    authentication_required: { why: '付款要您本人确认', next: '请在手机上完成确认。' },
    suspended: { why: '账户已暂停使用', next: '请联系客服，一起把这笔处理好。' },
    unpaid_charges: { why: '还有别的账没付清', next: '请在手机上一起付清。' },
    limit_reached: { why: '先拿后付的额度当时用完了', next: humanLooks },
    code_unknown: { why: '没有找到会员账户', next: humanLooks },
    code_expired: { why: '会员码当时已过期', next: humanLooks },
    code_replayed: { why: '会员码重复使用', next: humanLooks },
    code_malformed: { why: '会员码没读完整', next: humanLooks },
    face_not_enrolled: { why: '人脸当时没有登记', next: humanLooks },
    offline_unverified: { why: '账户当时没能联网核对', next: humanLooks },
    offline_denied: { why: '账户当时不能开门', next: humanLooks },
    offline_member_cap: { why: '断网时先记的账到了上限', next: humanLooks },
  },
  recognition: {
    reader_lost: { why: '最后没能看清货架', next: '只按您看到的清单算，工作人员会再核对一遍。' },
    differs_from_confirmed: { why: '清点结果和清单不一样', next: '不一样的先不扣，由工作人员核对。' },
    door_left_open: { why: '有一阵没人看着柜门', next: '那时少了的商品先不扣，由工作人员核对。' },
    line_reported: { why: '您标记的商品待核对', next: '标记的商品先不扣，由工作人员核对。' },
    expired: { why: '有商品已过保质期', next: '过期的先不扣，由工作人员核对。请不要食用。' },
  },
} as const satisfies ByReason<ChargeWords>;

const status = {
  paid: { title: '已扣 {{amount}}', chip: '已扣款', note: '已从{{account}}扣 {{amount}}。谢谢！' },
  sending: { title: '正在扣 {{amount}}', chip: '正在扣款', note: '账单已存好，正在提交。您可以先走。' },
  follows: {
    title: '稍后扣 {{amount}}',
    chip: '稍后扣款',
    note: '账单已存好，稍后自动扣一次。您不用做什么。',
  },
  collecting: { title: '{{amount}} 还没付成', chip: '待付款', note: '请在手机上查看付款方式。' },
  review: { title: '等工作人员核对', chip: '待核对', note: humanLooks },
  nothing: { title: '没有扣款', chip: '未收费', note: '这一次不收费。' },
  settled: { title: '已付 {{amount}}', chip: '已付清', note: '{{amount}} 已付清，不再扣款。谢谢！' },
  refunded: { title: '这笔已退款', chip: '已退款', note: '这笔钱退还给您。' },
} as const satisfies ByStatus;

/** Of one bill: where its money is, why, and what stands on it. */
export const receiptZh = {
  status,
  yourAccount: '您的账户',
  accountOf: ' {{member}} 的账户',
  mayBeCharged: humanLooksAtPaid,
  paidBy: '{{member}}，{{means}}，已扣 {{amount}}。谢谢！',
  means: {
    wechat_pay: '微信支付',
    alipay: '支付宝',
    unionpay: '银联',
    card: '银行卡',
    balance: '账户余额',
    simulated: '模拟支付',
  } satisfies ByMeans,
  words: charge,
  lines: '这次购物',
  held: '先不扣款，等核对',
  heldPart: '另有 {{amount}} 待核对，现在不扣。',
  heldCounted: '核对后一并扣款',
  heldInPart: '核对后，其中一部分一并扣款',
  heldDropped: '没有扣款',
  heldEmpty: '这次没有扣款',
  total: '合计',
  saved: '已省 {{amount}}',
  freeTitle: '这次免费',
  freeCounted: '只计数，不扣款。',
  disputed: '已报告，待核对',
  disputedDone: '已报告',
  billed: '实际扣款',
  toBill: '实际要付',
  ref: '单号',
  time: '时间',
  place: '地点',
  phone: '客服',
} as const;

/** Of a report that something is wrong with it. */
export const reportZh = {
  action: '报告问题',
  title: '哪一样不对？',
  lead: '没拿、数量不对、价格不对，都请点“有问题”，由工作人员核对。',
  line: '有问题',
  marked: '已标记',
  send: '提交',
  back: '返回',
  goOn: '继续报告',
  received: '已收到，会有人工核对',
  decidedTitle: '您的报告有结果了',
  notReceived: '您的报告没能受理',
  beforePaid: '核对前，有争议的部分不会再扣；刚好已经扣了的，核对后退回。',
  afterPaid: '这笔已经扣款，有争议的部分核对后退回。',
  notDebited: '有争议的部分没有扣款，会有人工核对。',
  decided: '有争议的部分没有扣款。',
  refunded: '这笔钱退还给您。',
  refundedInPart: '部分钱款退还给您。',
  denied: '工作人员已核对，不退款。有疑问请打客服。',
  checked: '工作人员已核对。',
  notTaken: '没有人在核对。请打客服电话，由客服处理。',
  contact: '单号 {{ref}}，客服 {{phone}}',
} as const;

/** Of it among others, later: who acts next, how it was put right, what goes back. */
export const purchaseZh = {
  title: '我的购买',
  none: '没有购买记录。',
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
} as const;
