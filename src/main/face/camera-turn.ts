import { isTooDarkToSee } from '../../shared/model/face.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { type CameraRotation, cameraRotations } from '../../shared/model/camera-rotation.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** So many orders in a row without any face, and the camera may stand turned: nobody starts it to stand beside it. */
export const facelessOrderMax = 3;
/** And so many where it is known how it stands: faces were found so, or somebody has set it. People do walk away. */
export const facelessOrderOfKnownMax = 12;
/** An order with fewer frames than this says nothing: the shopper chose another way in at once. */
export const framesPerOrderMin = 10;
/** A rotation is known by an order in which so many frames, and this share of all, show a face: by chance none has that. */
const facesPerOrderMin = 2;
const faceShareMin = 0.5;

export interface CameraTurnOptions {
  /** As the settings have it. */
  readonly configured: CameraRotation;
  /** Puts it into the settings; false: they were not written. */
  readonly keep: (rotation: CameraRotation) => boolean;
  readonly logger: Logger;
  /** For staff: what is to be looked at. */
  readonly tellStaff: (detail: string) => void;
}

/**
 * How the camera stands. Begins with the settings; when order after order finds nobody, the other three rotations are tried,
 * one an order, and the one with a face is put into the settings, once. Staff is told of that, and once that nobody is
 * ever found.
 */
export class CameraTurn {
  readonly #options: CameraTurnOptions;
  #configured: CameraRotation;
  #rotation: CameraRotation;
  #known: CameraRotation | null;
  #faceless = 0;
  #frames = 0;
  #faces = 0;
  #isNobodyTold = false;
  #isTurnTold = false;

  constructor(options: CameraTurnOptions) {
    this.#options = options;
    const { configured } = options;
    this.#rotation = this.#configured = configured;
    // Upright is what the settings say before anybody has looked.
    this.#known = configured === 0 ? null : configured;
  }

  /** For the next order. */
  get rotation(): CameraRotation {
    return this.#rotation;
  }

  /** A frame of the order that runs. One that is too dark to find a face in says nothing of how the camera stands. */
  frame(report: Pick<FaceReport, 'faceCount' | 'problems'>): void {
    if (isTooDarkToSee(report)) return;
    this.#frames++;
    if (report.faceCount > 0) this.#faces++;
  }

  /** The order has ended. */
  ended(): void {
    const [frames, faces] = [this.#frames, this.#faces];
    this.#frames = this.#faces = 0;
    if (faces > 0) this.#found(frames, faces);
    else if (frames >= framesPerOrderMin) this.#foundNobody();
  }

  #found(frames: number, faces: number): void {
    this.#faceless = 0;
    this.#isNobodyTold = false;
    if (faces < facesPerOrderMin || faces < frames * faceShareMin) return;
    this.#known = this.#rotation;
    if (this.#rotation === this.#configured) return;
    const isKept = this.#options.keep(this.#rotation);
    if (isKept) this.#configured = this.#rotation;
    if (isKept || !this.#isTurnTold)
      this.#tell(
        `camera_turned: ${isKept ? 'face.rotation is now' : 'set face.rotation to'} ${this.#rotation}`,
      );
    this.#isTurnTold = !isKept;
  }

  #foundNobody(): void {
    this.#faceless++;
    const max = this.#known === null ? facelessOrderMax : facelessOrderOfKnownMax;
    if (this.#faceless < max) return;
    const next = cameraRotations.indexOf(this.#rotation) + 1;
    this.#rotation = cameraRotations[next % cameraRotations.length] ?? 0;
    // All four have been tried.
    if (this.#isNobodyTold || this.#faceless < max + cameraRotations.length - 1) return;
    this.#isNobodyTold = true;
    this.#tell('camera_finds_nobody');
  }

  #tell(detail: string): void {
    this.#options.logger.warn('face.camera_turn', { detail });
    this.#options.tellStaff(detail);
  }
}
