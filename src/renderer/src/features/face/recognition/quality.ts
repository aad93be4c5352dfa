import type { FaceBox, FaceReport, FrameProblem } from '../../../../../shared/model/face.schema.ts';
import { livenessThresholds } from '../../../../../shared/model/face.ts';
import { type Point, alignedSize, distance, eyeOpenness, fivePoints } from './geometry.ts';
import { type Raster, cropTo, toGrey } from './raster.ts';

/** What a face must be like before it is worth a descriptor. Lengths in pixels of a frame of 640×480. */
export interface QualityLimits {
  readonly scoreMin: number;
  readonly boxWidthMinPx: number;
  readonly eyeDistanceMinPx: number;
  readonly yawMax: number;
  readonly rollMaxDegrees: number;
  readonly sharpnessMin: number;
  readonly brightnessMin: number;
  readonly brightnessMax: number;
  /** Another face is ignored when its side is at most this share of the largest one's … */
  readonly otherFaceSideMax: number;
  /** … or when the detector's score for it is below this. */
  readonly otherFaceScoreMin: number;
  /** So much of the face's box must lie within the frame. */
  readonly insideShareMin: number;
}

/** For finding out who it is. What was measured for the limits is in the README. */
export const identifyLimits: QualityLimits = {
  scoreMin: 0.3,
  boxWidthMinPx: 90,
  eyeDistanceMinPx: 35,
  yawMax: 0.45,
  rollMaxDegrees: 30,
  sharpnessMin: 20,
  brightnessMin: 60,
  brightnessMax: 200,
  otherFaceSideMax: 0.8,
  otherFaceScoreMin: 0.5,
  insideShareMin: 0.85,
};

/** For a template, which every later visit is compared with. */
export const enrolLimits: QualityLimits = {
  ...identifyLimits,
  scoreMin: 0.7,
  eyeDistanceMinPx: 60,
  yawMax: 0.15,
  sharpnessMin: 40,
};

export type FaceMeasures = NonNullable<FaceReport['face']>;

/** Below this mean brightness a liveness that would not pass by itself counts for nothing, nor does a face that is not found. */
const dimLight = 30;
/** So many places a side are enough to know the light by. */
const lightGrid = 16;
/** The part of the aligned face that has no hair and no background: sharpness is measured there. */
const skin = { left: 16, right: 96, top: 16, bottom: 104 };

/** Measures a face: `aligned` is its 112×112 crop, the landmarks are in the frame's pixels. */
export function measureFace(
  detection: { box: FaceBox; score: number },
  landmarks: readonly Point[],
  aligned: Raster,
): FaceMeasures {
  const five = fivePoints(landmarks);
  const eyeDistancePx = distance(five.leftEye, five.rightEye);
  const alongX = (five.rightEye.x - five.leftEye.x) / eyeDistancePx;
  const alongY = (five.rightEye.y - five.leftEye.y) / eyeDistancePx;
  const noseX = five.nose.x - (five.leftEye.x + five.rightEye.x) / 2;
  const noseY = five.nose.y - (five.leftEye.y + five.rightEye.y) / 2;
  const grey = toGrey(aligned);
  return {
    box: detection.box,
    score: detection.score,
    eyeDistancePx,
    yaw: (noseX * alongX + noseY * alongY) / eyeDistancePx,
    rollDegrees: (Math.atan2(alongY, alongX) * 180) / Math.PI,
    sharpness: laplacianVariance(grey),
    brightness: grey.reduce((sum, value) => sum + value, 0) / grey.length,
    eyeOpenness: eyeOpenness(landmarks),
  };
}

/**
 * Whether it is only too dark to tell a living face from a picture: in light as little as this the liveness model
 * calls living people pictures (README), and nobody is to be taken for one because the lamp is broken. `light`:
 * `lightOf` the face.
 */
export function tooDarkToJudge(light: number, liveness: number): boolean {
  return !(light >= dimLight) && !(liveness >= livenessThresholds.pass);
}

/**
 * Whether a frame in which no face was found is too dark for one to be found: nobody can tell whether somebody stands
 * there, and what helps them is light. Judged in the middle, where a face would be: a lamp at the edge lights nobody.
 */
export function tooDarkToSee(frame: Raster): boolean {
  const side = Math.min(frame.width, frame.height) / 2;
  const middle = { x: (frame.width - side) / 2, y: (frame.height - side) / 2, width: side, height: side };
  return !(lightOf(frame, middle) >= dimLight);
}

/** Mean brightness (0 to 255, BT.601) of what the camera saw in this box, before any evening of the light. */
export function lightOf(frame: Raster, box: FaceBox): number {
  const side = Math.max(box.width, box.height);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const region = { left: middle.x - side / 2, top: middle.y - side / 2, width: side, height: side };
  const grey = toGrey(cropTo(frame, region, lightGrid));
  return grey.reduce((sum, value) => sum + value, 0) / grey.length;
}

/** All that is wrong with the frame, gravest first; empty when it may be used. */
export function judgeFrame(
  frame: { width: number; height: number },
  face: FaceMeasures,
  others: readonly { box: FaceBox; score: number }[],
  limits: QualityLimits,
): FrameProblem[] {
  const { box } = face;
  const found: [FrameProblem, boolean][] = [
    [
      'several_faces',
      others.some(
        (other) =>
          other.score >= limits.otherFaceScoreMin &&
          sideOf(other.box) > limits.otherFaceSideMax * sideOf(box),
      ),
    ],
    ['too_far', !(box.width >= limits.boxWidthMinPx && face.eyeDistancePx >= limits.eyeDistanceMinPx)],
    ['cut_off', !(insideShare(frame, box) >= limits.insideShareMin)],
    ['turned_away', !(Math.abs(face.yaw) <= limits.yawMax && face.score >= limits.scoreMin)],
    ['tilted', !(Math.abs(face.rollDegrees) <= limits.rollMaxDegrees)],
    ['too_dark', !(face.brightness >= limits.brightnessMin)],
    ['too_bright', !(face.brightness <= limits.brightnessMax)],
    ['blurred', !(face.sharpness >= limits.sharpnessMin)],
  ];
  return found.filter(([, wrong]) => wrong).map(([problem]) => problem);
}

function sideOf(box: FaceBox): number {
  return Math.sqrt(box.width * box.height);
}

function insideShare(frame: { width: number; height: number }, box: FaceBox): number {
  const width = Math.min(box.x + box.width, frame.width) - Math.max(box.x, 0);
  const height = Math.min(box.y + box.height, frame.height) - Math.max(box.y, 0);
  return (Math.max(width, 0) * Math.max(height, 0)) / (box.width * box.height);
}

function laplacianVariance(grey: Float32Array): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = skin.top; y < skin.bottom; y++) {
    for (let x = skin.left; x < skin.right; x++) {
      const i = y * alignedSize + x;
      const around =
        (grey[i - 1] ?? 0) + (grey[i + 1] ?? 0) + (grey[i - alignedSize] ?? 0) + (grey[i + alignedSize] ?? 0);
      const value = 4 * (grey[i] ?? 0) - around;
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}
