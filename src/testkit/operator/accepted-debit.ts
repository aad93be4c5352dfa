import type { DebitLife } from '../../operator/debits/debit-life.ts';

/** The life of a charge that was just accepted, 13.00, in minor units; nothing was asked for yet. */
export const acceptedDebit: DebitLife = {
  state: 'accepted',
  reason: null,
  review: false,
  totalMinor: 1300,
  heldMinor: 0,
  disputedMinor: 0,
  contestedMinor: 0,
  approvedMinor: null,
  inDoubt: false,
  askedMinor: null,
  askedAtMs: null,
  collectedByProvider: false,
  debitedMinor: null,
  paidMinor: null,
  refundDueMinor: 0,
  leaseCount: 0,
  collectingSinceMs: null,
  waitsForShopper: false,
  remindedCount: 0,
  collectionEnded: false,
  declineCount: 0,
  unreachableCount: 0,
  awaitsCabinet: false,
  resolution: null,
};
