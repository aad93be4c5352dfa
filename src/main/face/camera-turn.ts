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
/** So many orders in a row in which all was too dark to find a face, and staff is told: covered, dead, or without a light. */
export const darkOrderMax = 12;
/** A rotation is known by an order in which so many frames, and this share of all, show a face: by chance none has that. */
const facesPerOrderMin = 2;
const faceShareMin = 0.5;

export interface CameraTurnOptions {
  /** As the settings have it; null: nobody has looked yet, it is taken for upright. */
  readonly configured: CameraRotation | null;
  /** Puts it into the settings; false: they were not written. */
  readonly keep: (rotation: CameraRotation) => boolean;
  readonly logger: Logger;
  /** For staff: what is to be looked at. */
  readonly tellStaff: (detail: string) => void;
}

/**
 * How the camera stands. Begins with the settings; when order after order finds nobody, the other three rotations are tried,
 * one an order, and the one with a face is put into the settings, once. Staff is told of that, and once, until somebody is
 * found, that nobody ever is, and that all is dark.
 */
export class CameraTurn {
  readonly #options: CameraTurnOptions;
  #configured: CameraRotation | null;
  #rotation: CameraRotation;
  #known: CameraRotation | null;
  #faceless = 0;
  #frames = 0;
  #faces = 0;
  #darkFrames = 0;
  #dark = 0;
  #isNobodyTold = false;
  #isDarkTold = false;
  #isTurnTold = false;

  constructor(options: CameraTurnOptions) {
    this.#options = options;
    const { configured } = options;
    this.#configured = this.#known = configured;
    this.#rotation = configured ?? 0;
  }

  /** For the next order. */
  get rotation(): CameraRotation {
    return this.#rotation;
  }

  /** A frame of the order that runs. One that is too dark to find a face in says nothing of how the camera stands. */
  frame(report: Pick<FaceReport, 'faceCount' | 'problems'>): void {
    if (isTooDarkToSee(report)) {
      this.#darkFrames++;
      return;
    }
    this.#frames++;
    if (report.faceCount > 0) this.#faces++;
  }

  /** The order has ended. */
  ended(): void {
    const [frames, faces, darkFrames] = [this.#frames, this.#faces, this.#darkFrames];
    this.#frames = this.#faces = this.#darkFrames = 0;
    if (faces > 0 || frames >= framesPerOrderMin) this.#dark = 0;
    if (faces > 0) this.#found(frames, faces);
    else if (frames >= framesPerOrderMin) this.#foundNobody();
    else if (darkFrames >= framesPerOrderMin) this.#sawNothing();
  }

  #found(frames: number, faces: number): void {
    this.#faceless = 0;
    // A poster that is taken for a face now and then is nobody.
    if (faces < facesPerOrderMin || faces < frames * faceShareMin) return;
    this.#isNobodyTold = this.#isDarkTold = false;
    this.#known = this.#rotation;
    if (this.#rotation === this.#configured) return;
    // Told first: the power may go as soon as it is kept, and nothing would be told then.
    const isNews = this.#rotation !== (this.#configured ?? 0) && !this.#isTurnTold;
    if (isNews) this.#tell(`camera_turned: face.rotation becomes ${this.#rotation}`);
    const isKept = this.#options.keep(this.#rotation);
    if (isKept) this.#configured = this.#rotation;
    else if (isNews) this.#tell(`camera_turned: not written, set face.rotation to ${this.#rotation}`);
    this.#isTurnTold = !isKept && (isNews || this.#isTurnTold);
  }

  #sawNothing(): void {
    this.#dark++;
    if (this.#isDarkTold || this.#dark < darkOrderMax) return;
    this.#isDarkTold = true;
    this.#tell('camera_too_dark: see whether it is covered, and to its light');
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
