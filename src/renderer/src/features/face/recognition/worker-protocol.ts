import type { EmbedderName } from '../../../../../shared/model/face.ts';
import type { FaceReport } from '../../../../../shared/model/face.schema.ts';
import type { FaceFailure } from './models.ts';

/** What a frame is looked at for: the limits of a template are stricter. */
export type Purpose = 'identify' | 'enrol';

/** How long each step of one frame took, ms. */
export interface FrameTimings {
  stretch: number;
  detect: number;
  landmarks: number;
  align: number;
  embed: number;
  liveness: number;
  total: number;
}

/** To the worker. `start` comes once and first. The bitmap of a frame is transferred: the page keeps no copy. */
export type ToWorker =
  | { readonly kind: 'start'; readonly embedder: EmbedderName }
  | { readonly kind: 'frame'; readonly seq: number; readonly purpose: Purpose; readonly bitmap: ImageBitmap };

/** From the worker: exactly one answer to each message, in order. While it starts: a word after each step, too. */
export type FromWorker =
  | { readonly kind: 'step' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'off'; readonly failure: FaceFailure }
  | {
      readonly kind: 'report';
      readonly seq: number;
      readonly report: FaceReport;
      readonly timings: FrameTimings;
    };
