import { embedderNames, frameProblems } from './face.ts';
import { z } from 'zod';

export const embedderNameSchema = z.enum(embedderNames);
export const frameProblemSchema = z.enum(frameProblems);
export type FrameProblem = z.infer<typeof frameProblemSchema>;

/** Place of a face in the analysed frame, in its pixels. */
export const faceBoxSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});
export type FaceBox = z.infer<typeof faceBoxSchema>;

/** As the model gave it: not normalised, not compared with anything. */
export const descriptorSchema = z.object({
  model: embedderNameSchema,
  values: z.array(z.number()).max(1024),
});
export type Descriptor = z.infer<typeof descriptorSchema>;

/**
 * What leaves the face worker for one camera frame: numbers only, never a picture. `problems` is empty exactly when
 * there are a descriptor and a liveness score.
 */
export const faceReportSchema = z.object({
  problems: z.array(frameProblemSchema),
  faceCount: z.number().int().min(0),
  /** The largest face. */
  face: z
    .object({
      box: faceBoxSchema,
      /** The detector's own score, 0 to 1. */
      score: z.number(),
      eyeDistancePx: z.number(),
      /** Offset of the nose from the middle of the eyes, in eye distances; positive to the right in the picture. */
      yaw: z.number(),
      rollDegrees: z.number(),
      /** Variance of the Laplacian on the aligned grey face. */
      sharpness: z.number(),
      /** Mean grey of the aligned face, 0 to 255. */
      brightness: z.number(),
      /** Height of the eyes over their width, mean of both; falls in a blink. */
      eyeOpenness: z.number(),
    })
    .nullable(),
  /** Probability that this is a living face and not a picture of one, 0 to 1. */
  liveness: z.number().min(0).max(1).nullable(),
  descriptor: descriptorSchema.nullable(),
});
export type FaceReport = z.infer<typeof faceReportSchema>;
