import type { purchaseZh, receiptZh, refusedZh, reportZh } from './money-zh.ts';
import type { Widen } from './shape.ts';

export const refusedEn: Widen<typeof refusedZh> = {
  network: {
    unreachable: {
      title: 'No network right now',
      remedy: 'Nothing was opened or charged. Please try again shortly.',
    },
    timeout: {
      title: 'The network is too slow',
      remedy: 'Nothing was opened or charged. Please try again.',
    },
    offline_time_unknown: {
      title: 'The cabinet needs the network once, to know the time',
      remedy: 'Without it no code can be told from an old one. Nothing was opened or charged.',
    },
    offline_no_policy: {
      title: 'No network: the door cannot open now',
      remedy: 'Nothing was opened or charged. It works again as soon as the network is back.',
    },
    offline_cabinet_cap: {
      title: 'The cabinet has too many bills to send',
      remedy: 'Nothing was opened or charged. It sells again as soon as the network is back.',
    },
    offline_face_list_old: {
      title: 'Faces do not open the door right now',
      remedy: 'There was no network for a while. Please use your member code instead.',
    },
  },
  system: {
    operator_error: {
      title: 'The system is busy',
      remedy: 'Nothing was opened or charged. Please try again.',
    },
    provider_error: {
      title: 'No answer from the payment service',
      remedy: 'Nothing was opened or charged. Please try again shortly.',
    },
    rejected: {
      title: 'This could not be verified',
      remedy: 'Nothing was charged. Refresh your code and try again, or call us.',
    },
    conflict: {
      title: 'Our records do not match',
      remedy: 'Nothing was charged. Please call us, we will sort it out.',
    },
    device_fault: {
      title: 'The cabinet is not ready',
      remedy: 'The lock or the reader did not answer. Nothing was charged. Please try again.',
    },
    storage_fault: {
      title: 'The cabinet cannot process payments right now',
      remedy: 'So the door stays shut and nothing is charged. Staff will come.',
    },
  },
  account: {
    declined: {
      title: 'Pay-later is not available to you now',
      remedy: 'Choose another way to pay on your phone, then scan again.',
    },
    insufficient_funds: {
      title: 'Your balance is too low',
      remedy: 'Top up or choose another way to pay on your phone, then scan again.',
    },
    expired_card: {
      title: 'Your card has expired',
      remedy: 'Change the card on your phone, then scan again.',
    },
    authentication_required: {
      title: 'Your payment needs your approval',
      remedy: 'Approve it on your phone, then scan again.',
    },
    suspended: {
      title: 'This account is suspended',
      remedy: 'Please call our service to learn why and what helps.',
    },
    unpaid_charges: {
      title: 'An earlier purchase is unpaid',
      remedy: 'Pay it on your phone and the door opens again at once.',
    },
    limit_reached: {
      title: 'Your pay-later limit is used up for now',
      remedy: 'Earlier visits are still being processed. After that the door opens again.',
    },
    code_unknown: {
      title: 'We do not know this code',
      remedy: 'Open the member code on your phone and scan again.',
    },
    code_expired: {
      title: 'This code has expired',
      remedy: 'It changes every minute. Refresh it and scan again.',
    },
    code_replayed: {
      title: 'This code was used already',
      remedy: 'Each code opens once. Refresh it and scan again.',
    },
    code_malformed: {
      title: 'This is not a member code',
      remedy: 'Open the member code on your phone; other codes do not open the door.',
    },
    face_not_enrolled: {
      title: 'Your face does not open this cabinet',
      remedy: 'Please use your code. To use your face, enrol it anew from your phone.',
    },
    offline_unverified: {
      title: 'Your account has to be checked online once',
      remedy: 'There is no network now. Nothing was charged. Please scan again when it is back.',
    },
    offline_denied: {
      title: 'This account cannot open the door now',
      remedy: 'Please see on your phone whether something is unpaid, or call us. Nothing was charged.',
    },
    offline_member_cap: {
      title: 'Your earlier bills here are still to be sent',
      remedy: 'There is no network now. Nothing was charged. It opens again when the network is back.',
    },
  },
  recognition: {
    reader_lost: {
      title: 'The cabinet cannot see its goods',
      remedy: 'So the door stays shut and nothing is charged. Please try again shortly.',
    },
    differs_from_confirmed: {
      title: 'Your last visit is being checked',
      remedy: 'Nothing was charged. Please call us to finish it.',
    },
    door_left_open: {
      title: 'Your last visit is being checked',
      remedy: 'Nothing was charged. Please call us to finish it.',
    },
    line_reported: {
      title: 'Your report is being looked at',
      remedy: 'Nothing was charged. Please call us to finish it.',
    },
    expired: {
      title: 'Your last visit is being checked',
      remedy: 'Nothing was charged. Please call us to finish it.',
    },
  },
};

const humanLooks = 'Our staff will check it. Nothing is charged before that.';
const savedForLater = 'The bill is saved. It is charged once by itself when the network is back.';
/** Something was charged, or may have been. */
const humanLooksAtPaid = 'Our staff will check it. Anything charged wrongly is refunded.';

export const receiptEn: Widen<typeof receiptZh> = {
  yourAccount: 'your account',
  accountOf: 'the account of {{member}}',
  mayBeCharged: humanLooksAtPaid,
  paidBy: '{{member}}, {{means}}: {{amount}} charged. Thank you!',
  means: {
    wechat_pay: 'WeChat Pay',
    alipay: 'Alipay',
    unionpay: 'UnionPay',
    card: 'bank card',
    balance: 'balance',
    simulated: 'simulated payment',
  },
  status: {
    paid: {
      title: '{{amount}} paid',
      chip: 'Paid',
      note: '{{amount}} was charged to {{account}}. Thank you!',
    },
    sending: {
      title: 'Charging {{amount}}',
      chip: 'Being charged',
      note: 'Your bill is safe and on its way. You can go.',
    },
    follows: {
      title: '{{amount}} is charged later',
      chip: 'Charged later',
      note: 'Your bill is safe and will be charged once. You do not need to do anything.',
    },
    collecting: {
      title: '{{amount}} not paid yet',
      chip: 'To be paid',
      note: 'Please check your way to pay on your phone.',
    },
    review: { title: 'Our staff will check', chip: 'Being checked', note: humanLooks },
    nothing: { title: 'Nothing charged', chip: 'Not charged', note: 'This visit costs nothing.' },
    settled: {
      title: '{{amount}} paid',
      chip: 'Paid',
      note: '{{amount}} was settled. No more is charged. Thank you!',
    },
    refunded: { title: 'Refunded', chip: 'Refunded', note: 'The money goes back to you.' },
  },
  words: {
    network: {
      unreachable: {
        why: 'No network right now',
        next: 'Your bill is safe and will be charged once when the network is back. You do not need to do anything.',
      },
      timeout: {
        why: 'No answer about the charge yet',
        next: 'We ask first and never charge twice. You do not need to do anything.',
      },
      offline_time_unknown: { why: 'The cabinet did not know the time', next: savedForLater },
      offline_no_policy: { why: 'The cabinet had no network', next: savedForLater },
      offline_cabinet_cap: { why: 'The cabinet had too many bills to send', next: savedForLater },
      offline_face_list_old: { why: 'The list of faces was too old', next: savedForLater },
    },
    system: {
      operator_error: {
        why: 'The payment system is busy',
        next: 'Your bill is safe and will be charged once. You do not need to do anything.',
      },
      provider_error: {
        why: 'No answer from the payment service',
        next: 'Your bill is safe. We try again and charge only once.',
      },
      rejected: { why: 'The system did not accept this bill', next: humanLooks },
      conflict: { why: 'Our records do not match', next: humanLooksAtPaid },
      device_fault: { why: 'A device failed during your visit', next: humanLooks },
      storage_fault: { why: 'The accounts had a fault', next: humanLooks },
    },
    account: {
      declined: {
        why: 'The payment was declined',
        next: 'Choose another way to pay on your phone; then it is charged once.',
      },
      insufficient_funds: {
        why: 'Your balance is too low',
        next: 'Top up or change the way to pay; then it is charged once.',
      },
      expired_card: {
        why: 'Your card has expired',
        next: 'Change the card on your phone; then it is charged once.',
      },
      authentication_required: {
        why: 'The payment needs your approval',
        next: 'Please approve it on your phone.',
      },
      suspended: { why: 'Your account is suspended', next: 'Please call us, we will settle it together.' },
      unpaid_charges: {
        why: 'Earlier purchases are unpaid',
        next: 'Please pay them together on your phone.',
      },
      limit_reached: { why: 'The pay-later limit was used up then', next: humanLooks },
      code_unknown: { why: 'The account was not found', next: humanLooks },
      code_expired: { why: 'The code had expired', next: humanLooks },
      code_replayed: { why: 'The code had been used before', next: humanLooks },
      code_malformed: { why: 'The code was incomplete', next: humanLooks },
      face_not_enrolled: { why: 'The face was not enrolled then', next: humanLooks },
      offline_unverified: { why: 'The account could not be checked online', next: humanLooks },
      offline_denied: { why: 'The account could not open the door then', next: humanLooks },
      offline_member_cap: { why: 'Too much was still to be sent then', next: humanLooks },
    },
    recognition: {
      reader_lost: {
        why: 'The last look at the shelf failed',
        next: 'Only the list you saw counts, and our staff checks it once more.',
      },
      differs_from_confirmed: {
        why: 'The count differs from your list',
        next: 'What differs is not charged before our staff has checked.',
      },
      door_left_open: {
        why: 'Nobody watched the door for a while',
        next: 'What left meanwhile is not charged before our staff has checked.',
      },
      line_reported: {
        why: 'You said something was wrong',
        next: 'What you marked is not charged before our staff has checked.',
      },
      expired: {
        why: 'Goods were past their best-before day',
        next: 'They are not charged before our staff has checked. Please do not eat them.',
      },
    },
  },
  lines: 'This purchase',
  held: 'Not charged, being checked',
  heldPart: '{{amount}} more is being checked, not charged now.',
  heldCounted: 'Checked, charged with the rest',
  heldInPart: 'Checked, a part is charged with the rest',
  heldDropped: 'Not charged',
  heldEmpty: 'Nothing was charged',
  saved: '{{amount}} saved',
  freeTitle: 'This one is free',
  freeCounted: 'It was counted, not charged.',
  total: 'Total',
  disputed: 'Reported, being checked',
  disputedDone: 'Reported',
  billed: 'Charged',
  toBill: 'To be charged',
  ref: 'No.',
  time: 'Time',
  place: 'Place',
  phone: 'Service',
};

export const reportEn: Widen<typeof reportZh> = {
  action: 'Report a problem',
  title: 'What is wrong?',
  lead: 'Not taken, wrong count, wrong price: mark it. Our staff will check.',
  line: 'Wrong',
  marked: 'Marked',
  send: 'Send',
  back: 'Back',
  goOn: 'Finish report',
  received: 'Received',
  decidedTitle: 'Your report was decided',
  notReceived: 'Your report was not taken',
  beforePaid: 'That part is not charged before our check. If it just was, it is refunded.',
  afterPaid: 'Charged already. Our staff will check and refund the disputed part.',
  notDebited: 'The disputed part was not charged. Our staff will check.',
  decided: 'The disputed part was not charged.',
  refunded: 'The money goes back to you.',
  refundedInPart: 'A part of the money goes back to you.',
  denied: 'Our staff has checked it: no refund. Questions? Please call.',
  checked: 'Our staff has checked it.',
  notTaken: 'Nobody is checking it. Please call us, and we will.',
  contact: 'Ref. {{ref}}, call {{phone}}',
};

export const purchaseEn: Widen<typeof purchaseZh> = {
  title: 'My purchases',
  none: 'No purchases.',
  disputed: 'Your report is being checked',
  notTaken: 'Your report was not taken: tap to see what to do',
  draft: 'A report is not sent yet: tap to finish it',
  more_one: '{{name}} and more ({{count}})',
  more_other: '{{name}} and more ({{count}})',
  nameless: 'Goods that were not recognized',
  detail: 'Your purchase',
  next: {
    on_its_own_soon: 'Next: our system goes on by itself, soon.',
    when_network_returns: 'Next: our system goes on by itself when the network is back.',
    when_shopper_pays: 'Next: please pay.',
    unless_shopper_has_paid: 'Next: please pay, unless you just have. We get no answer now.',
    when_shopper_acts: 'Next: once that is put right, we try again.',
    working_days: 'Next: our staff looks at it, within a few working days.',
  },
  resolved: 'Settled by {{by}} on {{time}}: {{how}}.',
  resolvedBy: { shopper: 'you', support: 'our staff', provider: 'the payment service', system: 'our system' },
  resolvedHow: {
    debited: 'charged as billed',
    lines_released: 'the goods in question are charged, too',
    lines_dropped: 'the goods in question are not charged',
    adjusted: 'the amount was lowered',
    settled: 'settled in another way',
    written_off: 'nothing more is charged',
    voided: 'there was nothing to pay',
    refunded: 'the money goes back to you',
    refunded_in_part: 'a part of the money goes back to you',
    dispute_denied: 'the report was checked, no refund',
    other: 'the operator has put it right',
  },
  payAt: {
    wechat_pay: 'Or pay in WeChat: "Pay Score" orders.',
    alipay: 'Or pay in Alipay: "Zhima" orders.',
    unionpay: 'You can choose another way to pay in the member app.',
    card: 'You can change your card in the member app.',
    balance: 'It is taken from your balance: please top up.',
    simulated: 'Payment is simulated here: no money moves.',
  },
  rowNext: {
    on_its_own_soon: 'Goes on by itself, soon',
    when_network_returns: 'Goes on when the network is back',
    when_shopper_pays: 'Please pay',
    unless_shopper_has_paid: 'Please pay, unless you just have',
    when_shopper_acts: 'Please put it right, then we try again',
    working_days: 'Our staff checks, a few working days',
  },
  refund: {
    under_way: 'Refund of {{amount}}: under way since {{time}}.',
    under_way_system:
      'Refund of {{amount}}: under way since {{time}}. It goes back by itself, within a few working days.',
    under_way_support:
      'Refund of {{amount}}: under way since {{time}}. Our staff sees to it, within a few working days.',
    done: 'Refund of {{amount}}: done on {{time}}. Your bank may take a few days to show it.',
  },
  rowRefund: { under_way: 'Refund of {{amount}} under way', done: 'Refunded: {{amount}}' },
  nextTry: 'We try again at {{time}}.',
  elsewhere: 'Cabinet {{id}}',
  callUs: 'Something wrong with it? Call {{phone}} with number {{ref}}.',
  pay: 'Pay now',
};
