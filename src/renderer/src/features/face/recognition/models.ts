import catalogue from '../../../../../../resources/models/models.json';
import { type Failure, type Result, fail, ok } from '../../../../../shared/result.ts';

/** Why there is no face identification. */
export type FaceFailureCode =
  /** A model file is not there (built without it). */
  | 'face.model_missing'
  /** A model file is not the pinned one: damaged, or swapped. */
  | 'face.model_corrupt'
  /** A model or its runtime would not start. */
  | 'face.start_failed'
  /** The worker broke down or did not answer in time. */
  | 'face.worker_failed';
export type FaceFailure = Failure<FaceFailureCode>;

export type ModelName =
  | 'tiny_face_detector.bin'
  | 'face_landmark_68.bin'
  | 'face_recognition.bin'
  | 'fr_feature.onnx'
  | 'fr_liveness.onnx';

/** Reads a file of our own scheme; null when it is not there. */
export type ReadFile = (path: string) => Promise<ArrayBuffer | null>;

/** The bytes of a model, which are those that were measured, or why not. */
export async function loadModel(name: ModelName, read: ReadFile): Promise<Result<ArrayBuffer, FaceFailure>> {
  const pinned = catalogue.files.find((file) => file.name === name);
  if (pinned === undefined) return fail('face.model_missing', `${name} is not in models.json`);
  const bytes = await read(`/models/${name}`);
  if (bytes === null) return fail('face.model_missing', `${name} is not there`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (sha256 !== pinned.sha256) return fail('face.model_corrupt', `${name} has SHA-256 ${sha256}`);
  return ok(bytes);
}
