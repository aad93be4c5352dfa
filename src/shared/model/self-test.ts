/** Words that main and page share about the guided self-tests of service mode. */

export const selfTests = [
  'door',
  'scanner',
  'tags',
  'scale',
  'sound',
  'touch',
  'network',
  'machine',
] as const;
export type SelfTest = (typeof selfTests)[number];

/** What whoever stands there has to do now, or waits for. */
export const testSteps = [
  'looking', // nothing: it is measured
  'is_shut', // say whether the door is shut
  'opening', // the bolt is released
  'pull',
  'shut',
  'locking', // wait until the bolt has caught
  'holds', // pull at the shut door, and say whether it holds
  'scan',
  'empty', // take everything off the lane, and say so
  'weight', // lay the known weight on it, and say so
  'heard', // say whether the sound was heard
  'touch', // touch every field
] as const;
export type TestStep = (typeof testSteps)[number];

/** What a test has found wrong; each has its words and its remedy in both languages. */
export const testFindings = [
  'ended', // broken off: it says nothing
  'no_device',
  'device_silent',
  'contact_reversed',
  'not_opened',
  'not_seen_open',
  'not_seen_shut',
  'does_not_hold',
  'nothing_scanned',
  'nothing_read',
  'antenna_silent',
  'reader_slow',
  'reader_beyond',
  'not_still',
  'not_zero',
  'wrong_weight',
  'not_heard',
  'not_touched',
  'name_unknown',
  'no_connection',
  'not_trusted',
  'no_answer',
  'clock_off',
  'device_on_the_way',
  'disk_low',
  'memory_low',
] as const;
export type TestFinding = (typeof testFindings)[number];

/** What a test has measured. */
export const testFacts = [
  'door', // which of several the findings are about
  'tags',
  'reads_per_s',
  'tags_carried',
  'antenna', // reads of one antenna; `of`: which
  'zero_g',
  'weight_g',
  'name_ms',
  'connect_ms',
  'answer_ms',
  'clock_off_s',
  'disk_free_mb',
  'memory_free_mb',
  'app_mb',
] as const;
export type TestFact = (typeof testFacts)[number];

/** Of the map that says which antenna hears which place. */
export const heatMapLimits = { antennaCount: 16, placeCount: 128, nameCount: 3 } as const;

/** Known weights that the span of a scale is tried with, g. */
export const knownWeightsG = [500, 1_000, 2_000] as const;
