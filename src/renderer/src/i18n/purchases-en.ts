import { purchaseEn } from '../../../shared/i18n/money-en.ts';
import type { purchasesZh } from './purchases-zh.ts';
import type { Widen } from './shape.ts';

const onlyHere = 'Here is only what this cabinet itself has on record.';

export const purchasesEn: Widen<typeof purchasesZh> = {
  ...purchaseEn,
  open: 'My purchases',
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
  noneHere: 'This cabinet itself has none of yours on record.',
  again: 'Look again',
  scanAgain: 'Scan again',
  payTitle: 'Pay it with your phone',
  payLead: 'Scan it with your phone. Once paid, it shows here at once and is not charged again.',
  payLeadUnanswered:
    'Scan it with your phone, which says whether it is paid. We get no answer here now. It is not charged again.',
  payLabel: 'QR code to pay, number {{ref}}',
  back: 'Back',
};
