/** In what way a bill and our books differ. As stored and exported: none is ever renamed. */
export const differenceKinds = [
  'paid_there_not_here',
  'paid_here_not_there',
  'other_amount',
  'other_currency',
  'twice_there',
  'refund_there_not_here',
  'refund_here_not_there',
  /** The payer's bank has taken back what was paid. */
  'chargeback',
  /** An order number that was never ours: another system with the same merchant. */
  'unknown_order',
  /** The provider has not given the day's bill. */
  'bill_missing',
  /** It gave one that is not what it says of itself. */
  'bill_damaged',
  /** Somebody was let in, and neither charge nor report of that visit has come. */
  'visit_silent',
  /** A charge was said to follow, or could not be made, and none has come. */
  'charge_missing',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** Why, as far as a program can tell. */
export type Cause =
  | 'in_doubt_here'
  | 'given_up_here'
  | 'no_charge_here'
  | 'other_provider_here'
  | 'not_in_bill'
  | 'more_there'
  | 'less_there'
  | 'currency'
  | 'two_movements'
  | 'nobody_decided'
  | 'refund_not_in_bill'
  /** It went, and came back to us: whoever was to have it has nothing. */
  | 'refund_failed'
  | 'payer_disputes'
  | 'refunded_as_well'
  | 'not_our_number'
  | 'no_bill'
  | 'bill_unreadable'
  | 'nothing_heard'
  | 'charge_not_come'
  | 'left_open';

/** Who looks at it first: money of a shopper, money of the merchant, or ours that something went wrong. */
export type Owner = 'support' | 'finance' | 'system';
