/**
 * With a charge a cabinet says that it has sent it before, and that the operator may have taken it then: it had said so, or
 * nothing came back that says that it had not. An operator that does not have it may have lost it (its database was put back
 * to a backup), and may have had it debited before that: so it asks the provider first. A header, because the body is the
 * same bytes for ever. It is not signed: with it nothing is done but asking first. An operator from before there was this
 * header does not look at it.
 */
export const sentBeforeHeader = 'kaimen-sent-before';

export interface SentBefore {
  /** How long ago it was first sent, ms, as far as nobody knows what came of that; null: the operator had it, or nobody knows. */
  readonly agoMs: number | null;
}

export function sentBeforeText({ agoMs }: SentBefore): string {
  return agoMs === null ? '-' : String(agoMs);
}

/** Null: there is no such header. One that cannot be read says that it was sent, and not when. */
export function parseSentBefore(header: string | readonly string[] | undefined): SentBefore | null {
  if (header === undefined) return null;
  const isAge = typeof header === 'string' && /^\d{1,15}$/.test(header);
  return { agoMs: isAge ? Number(header) : null };
}
