/**
 * What stands in the history of a charge (`charge_event.detail`) that this database has lost once, or of which it has lost
 * what people decided. By it refunds/refund-plan.ts knows that nobody here can say what was paid back.
 */
export const lostWords = {
  /** It came again after it had been lost. */
  wasHere: 'was here before, and is lost',
  /** Begins what its cabinet knows of people's hand in it. */
  cabinetKnows: 'its cabinet knows:',
  /** Its cabinet has said nothing of it since. */
  silent: 'the database was put back, and its cabinet has not asked about it since',
} as const;
