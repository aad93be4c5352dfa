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

/**
 * What is looked for: a picture before the door opens, what changes behind the open door, a picture once it has shut; `still`: no
 * visit, whoever works at the cabinet wants to see a shelf, or to show what an article looks like.
 */
export const shelfPhases = ['before', 'open', 'after', 'still'] as const;
export type ShelfPhase = (typeof shelfPhases)[number];

/** Why a still says nothing; `nothing`: nothing stands in the slot that was not there in the picture of it empty. */
export const stillFaults = [...shelfCameraTroubles, 'nothing'] as const;
export type StillFault = (typeof stillFaults)[number];

/** A picture of a shelf as it is kept and sent has so many characters of base64 at most. */
export const jpegLengthMax = 32_000;
