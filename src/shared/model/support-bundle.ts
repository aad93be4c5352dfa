/** Words that cabinet, operator and page share about support bundles. */

/** One bundle at most, as it is written and sent: lines of JSON in gzip. */
export const supportBundleMaxBytes = 512 * 1024;

export const supportTargets = ['stick', 'operator'] as const;
export type SupportTarget = (typeof supportTargets)[number];

/** Why a bundle did not arrive; each has its words and its remedy in both languages. */
export const supportFailures = [
  'no_stick',
  'many_sticks',
  'stick_unsafe', // a link or another thing stands where the stick should be
  'stick_full',
  'stick_read_only',
  'stick_pulled',
  'stick_failed', // the system says something else
  'not_made', // the bundle itself could not be put together
  'offline',
  'operator_refused',
  'operator_has_enough', // more of this cabinet today than it takes
] as const;
export type SupportFailure = (typeof supportFailures)[number];

export function isSupportFailure(word: string): word is SupportFailure {
  return (supportFailures as readonly string[]).includes(word);
}
