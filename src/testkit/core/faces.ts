import type { Descriptor, FaceReport } from '../../shared/model/face.schema.ts';
import { descriptorLengths } from '../../shared/model/face.ts';

/**
 * Descriptors with known similarities: person `index` looks along its own axis, leaning by `lean` towards a common
 * one.
 */
export function descriptorOf(index: number, similarity = 1, length = 20): Descriptor {
  const values = new Array<number>(descriptorLengths['fr-feature-512']).fill(0);
  values[index] = similarity * length;
  // The rest of the length goes into a direction in which nobody is enrolled.
  values[values.length - 1] = Math.sqrt(1 - similarity ** 2) * length;
  return { model: 'fr-feature-512', values };
}

const face = {
  box: { x: 220, y: 120, width: 200, height: 200 },
  score: 0.9,
  eyeDistancePx: 70,
  yaw: 0.02,
  rollDegrees: 1,
  sharpness: 150,
  brightness: 120,
  eyeOpenness: 0.3,
};

/** What the worker says of a good frame; `liveness` null and problems: of one that is no good. */
export function reportOf(
  changes: Partial<typeof face> = {},
  liveness = 0.99,
  problems: FaceReport['problems'] = [],
): FaceReport {
  const usable = problems.length === 0;
  return {
    problems,
    faceCount: 1,
    face: { ...face, ...changes },
    liveness: usable ? liveness : null,
    descriptor: usable ? descriptorOf(0) : null,
  };
}

export const emptyReport: FaceReport = {
  problems: ['no_face'],
  faceCount: 0,
  face: null,
  liveness: null,
  descriptor: null,
};

/** Too dark for a face to be found. */
export const darkReport: FaceReport = { ...emptyReport, problems: ['too_dark'] };
