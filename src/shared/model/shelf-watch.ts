/**
 * How a camera inside is, by its last pictures. `missing`: not plugged in; `busy`: it does not start, or gives no picture;
 * `denied`: the system does not let us have it; `frozen`: the same picture again and again; `turned`: it shows another view
 * than it did; `unclear`: blurred or covered; `off`: nothing looks at its pictures (the program for that does not run).
 */
export const shelfCameraTroubles = [
  'missing',
  'busy',
  'denied',
  'black',
  'dark',
  'bright',
  'frozen',
  'turned',
  'unclear',
  'off',
] as const;
export type ShelfCameraTrouble = (typeof shelfCameraTroubles)[number];

/** What is looked for: a picture before the door opens, what changes behind the open door, a picture once it has shut. */
export const shelfPhases = ['before', 'open', 'after'] as const;
export type ShelfPhase = (typeof shelfPhases)[number];

/** A picture of a shelf as it is kept and sent has so many characters of base64 at most. */
export const jpegLengthMax = 32_000;
