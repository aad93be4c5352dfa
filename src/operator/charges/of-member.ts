import { or, isNotNull } from 'drizzle-orm';
import { charge } from '../storage/schema.ts';

/**
 * Charges that are their member's by more than a cabinet's word: the operator itself has let the member in for them, a
 * human has decided about them, or their money has moved. The others wait for a human, and mean nothing for the member
 * until then: whoever has a cabinet's key can name any member in as many as they like.
 */
export const isOfMember = or(
  charge.visitKnown,
  isNotNull(charge.approvedMinor),
  isNotNull(charge.debitedMinor),
);
