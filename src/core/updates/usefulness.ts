import { judgedVisits } from '../../shared/model/judged-visits.ts';
import { ownOf } from '../../shared/util/own.ts';

/** Devices of a cabinet at most. */
const devicesMax = 32;

/** In how many of so many visits each device has said something that could be used. */
export interface UsefulVisits {
  readonly visits: number;
  readonly useful: Readonly<Record<string, number>>;
}

/** What a cabinet keeps of it. */
export interface Usefulness {
  /** What runs. */
  readonly version: string;
  /** The first visits with it, `judgedVisits` at most. */
  readonly first: UsefulVisits;
  /** Its latest visits, `judgedVisits` at most, each with the devices that were useful. */
  readonly latest: readonly (readonly string[])[];
  /** The latest visits of the version before; null: there was none, or nobody has shopped with it. */
  readonly before: UsefulVisits | null;
}

const nothing: UsefulVisits = { visits: 0, useful: {} };

/**
 * With what runs now. A version with which too few have shopped to tell is no measure for the next one: the one before it stays,
 * so that a bad version is not compared with another bad one that came shortly before.
 */
export function runningNow(kept: Usefulness | null, version: string): Usefulness {
  if (kept?.version === version) return kept;
  const isMeasure = kept !== null && kept.latest.length >= judgedVisits;
  return {
    version,
    first: nothing,
    latest: [],
    before: isMeasure ? countsOf(kept.latest) : (kept?.before ?? measureOf(kept)),
  };
}

/** Of a cabinet that is new: what there is, for want of something better. */
function measureOf(kept: Usefulness | null): UsefulVisits | null {
  return kept === null || kept.latest.length === 0 ? null : countsOf(kept.latest);
}

/** One more visit, in which these devices were useful. */
export function afterVisit(kept: Usefulness, useful: readonly string[]): Usefulness {
  const ids = useful.slice(0, devicesMax);
  const latest = [...kept.latest, ids].slice(-judgedVisits);
  return { ...kept, latest, first: kept.first.visits < judgedVisits ? countsOf(latest) : kept.first };
}

function countsOf(visits: readonly (readonly string[])[]): UsefulVisits {
  const useful: Record<string, number> = {};
  for (const id of visits.flat()) useful[id] = (ownOf(useful, id) ?? 0) + 1;
  return { visits: visits.length, useful };
}

/** A device that was useful in fewer visits than this share before tells nothing about a version. */
const usualShare = 0.5;
/** Worse: useful in less than this share of what it was before. */
const worseShare = 0.5;

/** Whether a device is worse than before. Null: too few visits, or it was of little use before. */
export function isWorse(
  now: { of: number; useful: number },
  before: { of: number; useful: number },
): boolean | null {
  if (now.of < judgedVisits || before.of < judgedVisits) return null;
  const usual = before.useful / before.of;
  return usual < usualShare ? null : now.useful / now.of < usual * worseShare;
}

/** At so many cabinets, and at this share of those that can tell, at least: less is a device that died. */
export const worseAtLeast = { cabinets: 2, share: 0.1 } as const;

/** Whether a version is to be held back for what it makes of a kind of device. */
export function isVersionWorse({
  judged,
  worse,
}: {
  readonly judged: number;
  readonly worse: number;
}): boolean {
  return worse >= worseAtLeast.cabinets && worse >= judged * worseAtLeast.share;
}
