/**
 * How the simulated world behaves. Sources: Rahmati et al., DSN 2007 (tags by their place); OIML R 60-1:2017 § 5.5 (creep of
 * load cells); users' reports of cheap cells with an HX711 (noise, spikes, drift); for the camera this project's own
 * measurement of a recogniser on composed shelf pictures (194 changed slots: 91 % surely right, 8.8 % in doubt, none surely
 * wrong, one missed). What says "proposal" has no source but judgement, and none of it was chosen by what comes out.
 */
export interface Physics {
  /** Multiplies every chance by which a tag that is there is lastingly not heard. */
  readonly shadows: number;
  /** Multiplies noise, spikes and drift of scales, and the errors of cameras. */
  readonly noise: number;
}

/** A tag's chance to be heard in a round by the antenna before it (DSN 2007, fitted; proposal for the division). */
export const hearing = {
  facing: 0.85,
  sideways: 0.6,
  bottle: 0.45,
  can: 0.7,
  /** By the next antenna: a full row lies between. */
  next: 0.6,
  /** A round of the reader, ms: 200 tags at 400 reads a second. */
  roundMs: 500,
  /** How well the cabinet knows these chances, one σ of their logarithm (proposal). */
  knownWithin: 0.1,
} as const;

export const tagFaults = {
  /** A tag of another piece is shadowed for the rest of a visit (proposal). */
  lastingShadowAVisit: 0.005,
  /** Of an item: half of the tags that fail are dead from the start, half are torn off and stay (together 1 %, proposal). */
  dead: 0.005,
  tornOff: 0.005,
  /** Visits in which wet bottles of one lane are silent, and how many (proposal). */
  wetAVisit: 0.01,
  wetMax: 6,
  /** A hand lies over a lane while it takes something: 0.5 to 3 s; it rarely leaves something turned away (proposal). */
  handAnAction: 0.3,
  handMs: [500, 3_000],
  handLeavesShadow: 0.01,
} as const;

export const scaleFaults = {
  sigmaG: 1.5,
  /** Wrong values, grams, so many an hour. */
  spikesAnHour: 3,
  spikeG: [38, 95],
  driftG: 2,
  /** 0.7 of the error limit in 30 min at full load: 2.4 g of 10 kg. */
  creepShare: 2.4e-4,
  /** What is left leans against something that is not weighed (proposal). */
  contactAnAction: 0.005,
  contactG: [5, 25],
  /** A hand leans on the shelf (proposal). */
  leanAnAction: 0.05,
  leanG: [200, 2_500],
  /** The compressor shakes all scales (proposal). */
  shakeAVisit: 0.05,
} as const;

/** Of a front from which something left, and of one from which nothing did. */
export const cameraFaults = {
  doubt: 0.085,
  missed: 0.005,
  /** None of 194 was measured, which bounds it at 1.5 %; a third of that is taken. */
  wrong: 0.005,
  doubtOfSame: 0.007,
  ghost: 0.001,
  /** No usable picture of a camera in a visit (proposal). */
  noPicture: 0.01,
  /** A piece that was put in the wrong place covers a front. */
  covered: 0.3,
} as const;

/** What shoppers do (all proposals). */
export const shoppers = {
  /** Chance of 0, 1, 2, 3 and 4 articles; whoever takes more grabs up to a dozen. */
  wants: [0.15, 0.5, 0.22, 0.09, 0.035],
  secondPiece: 0.1,
  dithers: 0.1,
  misplaces: 0.03,
  swaps: 0.005,
  ownThingIn: 0.003,
  quick: 0.03,
  /** Confirms the list while the door is open; a list that is right, and one that is wrong. */
  confirmsRight: 0.7,
  confirmsWrong: 0.2,
  /** Answers a question; and answers it truly. */
  answers: 0.9,
  truly: 0.95,
} as const;
