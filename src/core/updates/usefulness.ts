import { judgedVisits, quietHoursMax } from '../../shared/model/judged-visits.ts';
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
  /** For how long the program has run here in all, ms; when it is off, nobody is missed. */
  readonly ranMs: number;
  /** `ranMs` when this version began. */
  readonly sinceMs: number;
  /** `ranMs` at its latest visits, `judgedVisits` at most. */
  readonly visitedMs: readonly number[];
  /** In how long as many visits as are judged came with the version before, of `ranMs`; null: too few came to tell. */
  readonly usualMs: number | null;
  /** People in a row who were turned away for a cause that was not theirs, since somebody was let in. */
  readonly turnedAway: number;
}

/** What tells that nobody gets in, where enough did before. */
export interface Quiet {
  /** Since the latest visit with this version, or since it began; whole days. */
  readonly hours: number;
  readonly usualHours: number;
  readonly turnedAway: number;
}

const hourMs = 3_600_000;
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
    ranMs: kept?.ranMs ?? 0,
    sinceMs: kept?.ranMs ?? 0,
    visitedMs: [],
    usualMs: usualOf(kept),
    turnedAway: 0,
  };
}

/** Of a cabinet that is new: what there is, for want of something better. */
function measureOf(kept: Usefulness | null): UsefulVisits | null {
  return kept === null || kept.latest.length === 0 ? null : countsOf(kept.latest);
}

function usualOf(kept: Usefulness | null): number | null {
  const [first, last] = [kept?.visitedMs[0], kept?.visitedMs.at(-1)];
  if (first === undefined || last === undefined || (kept?.visitedMs.length ?? 0) < judgedVisits)
    return kept?.usualMs ?? null;
  return last - first;
}

/** One more visit, in which these devices were useful. */
export function afterVisit(kept: Usefulness, useful: readonly string[]): Usefulness {
  const ids = useful.slice(0, devicesMax);
  const latest = [...kept.latest, ids].slice(-judgedVisits);
  const first = kept.first.visits < judgedVisits ? countsOf(latest) : kept.first;
  return { ...kept, latest, first };
}

/** Somebody is let in, whatever can be told of the devices in the end. */
export const afterOpening = (kept: Usefulness): Usefulness => ({
  ...kept,
  visitedMs: [...kept.visitedMs, kept.ranMs].slice(-judgedVisits),
  turnedAway: 0,
});

/** The program has run for so much longer. */
export const afterRunning = (kept: Usefulness, ms: number): Usefulness => ({
  ...kept,
  ranMs: kept.ranMs + Math.max(0, ms),
});

/** Somebody was turned away for a cause that was not theirs. */
export const afterTurnedAway = (kept: Usefulness): Usefulness => ({
  ...kept,
  turnedAway: Math.min(judgedVisits, kept.turnedAway + 1),
});

/** Null: with the version before too few shopped to tell. */
export function quietOf({ ranMs, sinceMs, visitedMs, usualMs, turnedAway }: Usefulness): Quiet | null {
  if (usualMs === null) return null;
  const days = Math.floor((ranMs - (visitedMs.at(-1) ?? sinceMs)) / (24 * hourMs));
  const hours = Math.min(quietHoursMax, 24 * days);
  return { hours, usualHours: Math.min(quietHoursMax, Math.ceil(usualMs / hourMs)), turnedAway };
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

/** A weekend is none, nor one with a day at each end. */
const quietLeastHours = 96;

/**
 * Whether nobody gets in with a version: as many in a row as are judged were turned away for causes that were not theirs, or
 * nobody came for as long as it took that many to come before. Null: it cannot be told yet.
 */
export function isDeserted(visits: number, { hours, usualHours, turnedAway }: Quiet): boolean | null {
  if (visits >= judgedVisits) return false;
  if (turnedAway >= judgedVisits || hours >= Math.max(quietLeastHours, usualHours)) return true;
  return null;
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
