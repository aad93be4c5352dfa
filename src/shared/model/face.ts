/** Models that make a descriptor out of a face. Vectors of different models have nothing to do with each other. */
export const embedderNames = ['fr-feature-512', 'face-api-128'] as const;
export type EmbedderName = (typeof embedderNames)[number];

/** Numbers in one descriptor of each model. */
export const descriptorLengths: Readonly<Record<EmbedderName, number>> = {
  'fr-feature-512': 512,
  'face-api-128': 128,
};

/** What keeps a frame from being used, gravest first: the screen turns the first one into one instruction. */
export const frameProblems = [
  'no_face',
  'several_faces',
  'too_far',
  'cut_off',
  'turned_away',
  'tilted',
  'too_dark',
  'too_bright',
  'blurred',
] as const;

/** In this picture no face was found, and it is too dark to say that there is none: nobody has left for it. */
export function isTooDarkToSee(report: {
  readonly faceCount: number;
  readonly problems: readonly (typeof frameProblems)[number][];
}): boolean {
  return report.faceCount === 0 && report.problems.includes('too_dark');
}

/** Liveness from which a frame counts as of a living face; below `refuse` as a picture; between them it is doubtful. */
export const livenessThresholds = { pass: 0.9, refuse: 0.5 } as const;
