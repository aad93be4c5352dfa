/**
 * How many tags a reader can carry. A tag counts as gone for the bill after so many silent rounds that the chance of its being
 * there all the same is below `finalEpsilon` (core/recognition/presence.ts): ln(finalEpsilon) / ln(1 - p) rounds, and one that
 * is under way. With N tags and R reads a second over all of them, each is heard every N / R s on the mean, and so one round
 * takes p × N / R s. The final reading of N tags takes about 11.4 × N / R s, and it may take `finalReadingMaxMs`.
 */

/**
 * Two messages of a reader further apart than this: it did not listen in between (duty pause, silence), ms. One that says
 * when it began to listen for a message is believed instead: a round of many tags may take longer.
 */
export const listeningGapMaxMs = 250;
/** The chance of a wrong "gone" that the bill accepts. */
export const finalEpsilon = 1e-8;
/** Chance that a tag which is there is heard in one round. */
export const readProbabilityTypical = 0.7;
/** What a shopper waits for the final reading as a rule; and at most, when the reader is slow. */
export const finalReadingMs = 3_000;
export const finalReadingMaxMs = 20_000;
/**
 * So few are too many for no reader. One that hardly hears even these has another fault than their number; what is taken of
 * them is held when the longest wait does not tell.
 */
export const fewTags = 3;
/** A reading answers with what it has this long before it must end. */
export const forceBeforeMs = 200;

const roundsToSettle = Math.log(finalEpsilon) / Math.log(1 - readProbabilityTypical) + 1;
const meanGapsToSettle = roundsToSettle * readProbabilityTypical;

/** How long the final reading takes, ms. */
export function settlingMs(tagCount: number, readsPerS: number): number {
  return tagCount === 0 ? 0 : (meanGapsToSettle * 1000 * tagCount) / readsPerS;
}

/** The most tags that are read to the end within `withinMs` of the shut door. */
export function tagsCarried(readsPerS: number, withinMs: number): number {
  return Math.floor(((withinMs - forceBeforeMs) * readsPerS) / (meanGapsToSettle * 1000));
}

/**
 * `fits`: read within the usual wait; `slow`: shoppers wait longer; `beyond`: more than `fewTags`, and not even the longest wait
 * tells.
 */
export type CapacityVerdict = 'fits' | 'slow' | 'beyond';

export function judgeCapacity(tagCount: number, readsPerS: number): CapacityVerdict {
  if (tagCount <= tagsCarried(readsPerS, finalReadingMs)) return 'fits';
  const isRead = tagCount <= fewTags || tagCount <= tagsCarried(readsPerS, finalReadingMaxMs);
  return isRead ? 'slow' : 'beyond';
}
