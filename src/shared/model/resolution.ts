/**
 * How a charge was put right that waited for a human, or that had been decided otherwise:
 * - `debited`: the debit went (or goes) ahead as billed; by the provider: it had been debited after all;
 * - `lines_released`, `lines_dropped`: held lines are billed after all, or never;
 * - `adjusted`: less is debited than was billed; `settled`: paid in another way;
 * - `written_off`: nothing (more) is asked for, and less was paid than the screen named; `voided`: there was nothing to pay;
 * - `refunded`, `refunded_in_part`: what was debited is paid back, all of it or a part; by the system: it had been debited
 *   although people had decided otherwise;
 * - `dispute_denied`: what was reported has been looked at, and is not paid back.
 */
export const resolutionHows = [
  'debited',
  'lines_released',
  'lines_dropped',
  'adjusted',
  'settled',
  'written_off',
  'voided',
  'refunded',
  'refunded_in_part',
  'dispute_denied',
] as const;
export type ResolutionHow = (typeof resolutionHows)[number];

/** Who put it right: no names, the shopper is told what kind of actor it was. */
export const resolutionActors = ['shopper', 'support', 'provider', 'system'] as const;
export type ResolutionActor = (typeof resolutionActors)[number];

/** What was decided about a charge, as the operator says it. */
export interface Resolution {
  /** One of `resolutionHows`; a newer operator may have more words: kept as said. */
  readonly how: string;
  readonly by: ResolutionActor;
  /** By the operator's clock, ms; later than that of the decision before. With the rest it tells one decision from another. */
  readonly atMs: number;
}

/** Of three columns that are set together; null: nothing was decided. */
export function resolutionOf(
  how: string | null,
  by: ResolutionActor | null,
  atMs: number | null,
): Resolution | null {
  return how === null || by === null || atMs === null ? null : { how, by, atMs };
}

/** What a screen has words for; `other`: the operator has put it right, in a way that this version does not know. */
export const shownResolutionHows = [...resolutionHows, 'other'] as const;
export type ShownResolutionHow = (typeof shownResolutionHows)[number];

export interface ShownResolution {
  readonly how: ShownResolutionHow;
  readonly by: ResolutionActor;
  readonly atMs: number;
}

export function shownResolution(resolution: Resolution): ShownResolution {
  const how = resolutionHows.find((known) => known === resolution.how) ?? 'other';
  return { how, by: resolution.by, atMs: resolution.atMs };
}

/** The last known decision, told again: what is said with it is said under it. */
export function isSameResolution(known: Resolution | null, told: Resolution | null): boolean {
  return (
    known !== null &&
    told !== null &&
    known.how === told.how &&
    known.by === told.by &&
    known.atMs === told.atMs
  );
}

/**
 * A decision that is another one than the one known, and not an older one. Of one charge the operator gives a later decision
 * a later time, whatever its clock says (debit-store.ts); an older one is told after its database was put back, and the one
 * that is known here it has forgotten. (Of the same ms: from before that was so.)
 */
export function isNewResolution(known: Resolution | null, told: Resolution | null): told is Resolution {
  return told !== null && !isSameResolution(known, told) && told.atMs >= (known?.atMs ?? 0);
}
