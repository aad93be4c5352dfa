import type { EmbedderName } from '../../shared/model/face.ts';

/**
 * Similarities (cosine, 1 is the same) that the decisions about a face are made at. Measured per model; the figures and
 * how they were found are in the README of this folder.
 */
export interface FaceThresholds {
  /** From here on it is that person, … */
  readonly accept: number;
  /** … if the next best person is at least this much less alike. */
  readonly margin: number;
  /** From here on it may be that person; below it is nobody that is known. */
  readonly uncertain: number;
  /** Somebody this much like an enrolled person is not enrolled a second time under another name. */
  readonly alreadyEnrolled: number;
}

/**
 * Up to `enrolledMax` people in the cabinet's vault, this similarity is asked for: more people, more who look alike.
 */
interface AcceptStep {
  readonly enrolledMax: number;
  readonly accept: number;
}

const acceptSteps: Readonly<Record<EmbedderName, readonly AcceptStep[]>> = {
  'fr-feature-512': [
    { enrolledMax: 1_000, accept: 0.55 },
    { enrolledMax: 5_000, accept: 0.58 },
    { enrolledMax: Infinity, accept: 0.6 },
  ],
  'face-api-128': [
    { enrolledMax: 1_000, accept: 0.96 },
    { enrolledMax: 5_000, accept: 0.965 },
    { enrolledMax: Infinity, accept: 0.97 },
  ],
};

const others: Readonly<Record<EmbedderName, Omit<FaceThresholds, 'accept'>>> = {
  'fr-feature-512': { margin: 0.1, uncertain: 0.45, alreadyEnrolled: 0.5 },
  // This model finds all faces much alike. Never the first choice, and the operator is told when it is used.
  'face-api-128': { margin: 0.01, uncertain: 0.95, alreadyEnrolled: 0.955 },
};

/** What holds for this model with so many people enrolled; `accept` never falls as they become more. */
export function faceThresholds(model: EmbedderName, enrolledCount: number): FaceThresholds {
  const accept = acceptSteps[model].find((step) => enrolledCount <= step.enrolledMax)?.accept ?? 1;
  return { accept, ...others[model] };
}
