import type { purchasesZh } from './purchases-zh.ts';
import type { Widen } from './shape.ts';

const onlyHere = 'Here is only what this cabinet itself has on record.';

export const purchasesEn: Widen<typeof purchasesZh> = {
  open: 'My purchases',
  title: 'My purchases',
  list: {
    loading: 'Looking up your purchases.',
    complete: 'Newest first. Tap one for its state and what comes next.',
    network: `No network, so not all can be shown. ${onlyHere}`,
    system: `The system is busy, so not all can be shown. ${onlyHere}`,
    ended: `It has been a while since you scanned. To see all, please scan again. ${onlyHere}`,
  },
  old: {
    network: 'No network: what stands here may be a little old.',
    system: 'The system is busy: what stands here may be old or not all.',
    ended: 'It has been a while since you scanned. To see what is new, please scan again.',
  },
  none: 'No purchases.',
  noneHere: 'This cabinet itself has none of yours on record.',
  again: 'Look again',
  scanAgain: 'Scan again',
  disputed: 'Your report is being checked',
  draft: 'A report is not sent yet: tap to finish it',
  more_one: '{{name}} and more, {{count}} item',
  more_other: '{{name}} and more, {{count}} items',
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
  nextTry: 'We try again at {{time}}.',
  elsewhere: 'Cabinet {{id}}',
  callUs: 'Something wrong with it? Call {{phone}} with number {{ref}}.',
  pay: 'Pay now',
  payTitle: 'Pay it with your phone',
  payLead: 'Scan it with your phone. Once paid, it shows here at once and is not charged again.',
  payLeadUnanswered:
    'Scan it with your phone, which says whether it is paid. We get no answer here now. It is not charged again.',
  payLabel: 'QR code to pay, number {{ref}}',
  back: 'Back',
};
