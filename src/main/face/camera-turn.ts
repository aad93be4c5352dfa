import { type CameraRotation, cameraRotations } from '../../shared/model/camera-rotation.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** So many orders in a row without any face, and the camera may stand turned: nobody starts it to stand beside it. */
export const facelessOrderMax = 3;
/** An order with fewer frames than this says nothing: the shopper chose another way in at once. */
export const framesPerOrderMin = 10;

export interface CameraTurnOptions {
  /** As the settings have it. */
  readonly configured: CameraRotation;
  readonly logger: Logger;
  /** For staff: what is to be looked at. */
  readonly tellStaff: (detail: string) => void;
}

/**
 * How the camera stands. Begins with the settings; when order after order finds nobody, the other three rotations are tried,
 * one an order, and the one with a face is kept until the program ends. Staff is told once that nobody is ever found, and
 * once which rotation the settings should have.
 */
export class CameraTurn {
  readonly #options: CameraTurnOptions;
  #rotation: CameraRotation;
  #faceless = 0;
  #frames = 0;
  #hasFace = false;
  #isNobodyTold = false;
  #isTurnTold = false;

  constructor(options: CameraTurnOptions) {
    this.#options = options;
    this.#rotation = options.configured;
  }

  /** For the next order. */
  get rotation(): CameraRotation {
    return this.#rotation;
  }

  /** A frame of the order that runs. */
  frame(faceCount: number): void {
    this.#frames++;
    if (faceCount === 0 || this.#hasFace) return;
    this.#hasFace = true;
    this.#faceless = 0;
    this.#isNobodyTold = false;
    if (this.#rotation === this.#options.configured || this.#isTurnTold) return;
    this.#isTurnTold = true;
    this.#tell(`camera_turned: set face.rotation to ${this.#rotation}`);
  }

  /** The order has ended. */
  ended(): void {
    const isFaceless = this.#frames >= framesPerOrderMin && !this.#hasFace;
    this.#frames = 0;
    this.#hasFace = false;
    if (!isFaceless) return;
    this.#faceless++;
    if (this.#faceless < facelessOrderMax) return;
    const next = cameraRotations.indexOf(this.#rotation) + 1;
    this.#rotation = cameraRotations[next % cameraRotations.length] ?? 0;
    // All four have been tried.
    if (this.#isNobodyTold || this.#faceless < facelessOrderMax + cameraRotations.length - 1) return;
    this.#isNobodyTold = true;
    this.#tell('camera_finds_nobody');
  }

  #tell(detail: string): void {
    this.#options.logger.warn('face.camera_turn', { detail });
    this.#options.tellStaff(detail);
  }
}
