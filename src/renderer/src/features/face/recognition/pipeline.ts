import type { EmbedderName } from '../../../../../shared/model/face.ts';
import type { FaceReport } from '../../../../../shared/model/face.schema.ts';
import { type Failure, type Result, fail, ok } from '../../../../../shared/result.ts';
import {
  type Detection,
  type Landmarked,
  detectFaces,
  findLandmarks,
  loadDetector,
  startFaceApi,
  stockDescriptor,
} from './face-api-nets.ts';
import { alignedSize, alignment, fivePoints } from './geometry.ts';
import { type FaceFailure, type FaceFailureCode, type ReadFile, loadModel } from './models.ts';
import { openOnnx } from './onnx.ts';
import {
  enrolLimits,
  identifyLimits,
  judgeFrame,
  lightOf,
  measureFace,
  tooDarkToJudge,
  tooDarkToSee,
} from './quality.ts';
import { type Raster, contextRegion, cropTo, toPlanesBgr, warp } from './raster.ts';
import { applyTable, stretchTable } from './stretch.ts';
import type { FrameTimings, Purpose } from './worker-protocol.ts';

/** Larger frames are made smaller to fit, smaller ones are taken as they are: the limits are meant for this size. */
const frameMax = { width: 640, height: 480 };

const livenessSize = 128;
/** How much of the surroundings the liveness model sees: the frame of a photograph, a hand that holds it. */
const livenessScale = 2.7;

/** Makes a descriptor out of an aligned face, or out of the library's own crop. */
interface Embedder {
  readonly name: EmbedderName;
  embed(aligned: Raster, found: Landmarked): Promise<Float32Array>;
}

export interface Analysis {
  readonly report: FaceReport;
  readonly timings: FrameTimings;
}

/** Everything from a camera frame to numbers. Lives in the worker; frames go no further. */
export class FacePipeline {
  readonly #embedder: Embedder;
  readonly #liveness: (planes: Float32Array) => Promise<Float32Array>;
  readonly #canvas = new OffscreenCanvas(frameMax.width, frameMax.height);

  private constructor(embedder: Embedder, liveness: (planes: Float32Array) => Promise<Float32Array>) {
    this.#embedder = embedder;
    this.#liveness = liveness;
  }

  /**
   * Reads, checks and starts all models. One that is missing or not the pinned one: no face identification at all.
   * `onStep` hears of each step that is done: it goes on, however slow the machine is.
   */
  static async open(
    embedder: EmbedderName,
    read: ReadFile,
    onStep: () => void,
  ): Promise<Result<FacePipeline, FaceFailure>> {
    const names = [
      'tiny_face_detector.bin',
      'face_landmark_68.bin',
      'fr_liveness.onnx',
      embedder === 'fr-feature-512' ? 'fr_feature.onnx' : 'face_recognition.bin',
    ] as const;
    const files: ArrayBuffer[] = [];
    for (const name of names) {
      const file = await loadModel(name, read);
      if (!file.ok) return file;
      files.push(file.value);
      onStep();
    }
    const [detector, landmarks, liveness, embedding] = files as [
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
    ];
    try {
      await startFaceApi();
      onStep();
      loadDetector(detector, landmarks);
      onStep();
      const judge = await openOnnx(liveness, livenessSize);
      onStep();
      const made = await openEmbedder(embedder, embedding);
      onStep();
      const pipeline = new FacePipeline(made, (planes) => judge.run(planes));
      await pipeline.#warmUp();
      return ok(pipeline);
    } catch (error) {
      const failure: Failure<FaceFailureCode> = { code: 'face.start_failed', message: String(error) };
      return fail(failure.code, failure.message);
    }
  }

  /** One frame. The bitmap is used up. */
  async analyse(bitmap: ImageBitmap, purpose: Purpose): Promise<Analysis> {
    const timings: FrameTimings = {
      stretch: 0,
      detect: 0,
      landmarks: 0,
      align: 0,
      embed: 0,
      liveness: 0,
      total: 0,
    };
    const beganMs = performance.now();
    let lapMs = beganMs;
    const lap = (step: keyof FrameTimings): void => {
      const nowMs = performance.now();
      timings[step] += nowMs - lapMs;
      lapMs = nowMs;
    };
    const frame = this.#draw(bitmap);
    const evened = applyTable(frame, stretchTable(frame));
    this.#show(evened);
    lap('stretch');
    const found = await detectFaces(this.#canvas);
    lap('detect');
    const report = await this.#look(frame, evened, found, purpose, lap);
    timings.total = performance.now() - beganMs;
    return { report, timings };
  }

  async #look(
    frame: Raster,
    evened: Raster,
    found: readonly Detection[],
    purpose: Purpose,
    lap: (step: keyof FrameTimings) => void,
  ): Promise<FaceReport> {
    const [largest, ...others] = found;
    const nothing = { faceCount: found.length, face: null, liveness: null, descriptor: null };
    if (largest === undefined)
      return { ...nothing, problems: [tooDarkToSee(frame) ? 'too_dark' : 'no_face'] };
    const landmarked = await findLandmarks(this.#canvas, largest);
    lap('landmarks');
    const aligned = warp(evened, alignment(fivePoints(landmarked.landmarks)), alignedSize);
    const face = measureFace(largest, landmarked.landmarks, aligned);
    const limits = purpose === 'enrol' ? enrolLimits : identifyLimits;
    const problems = judgeFrame(frame, face, others, limits);
    lap('align');
    if (problems.length > 0) return { ...nothing, face, problems };
    const values = await this.#embedder.embed(aligned, landmarked);
    lap('embed');
    // The light is not evened for this one: it judges by how the light falls.
    const around = cropTo(frame, contextRegion(frame, largest.box, livenessScale), livenessSize);
    const liveness = firstOfSoftmax(await this.#liveness(toPlanesBgr(around, (value) => value)));
    lap('liveness');
    if (tooDarkToJudge(lightOf(frame, largest.box), liveness)) {
      return { ...nothing, face, problems: ['too_dark'] };
    }
    const descriptor = { model: this.#embedder.name, values: Array.from(values) };
    return { faceCount: found.length, face, problems, liveness, descriptor };
  }

  /** The first run of a network takes many times as long as the later ones: not in front of a shopper. */
  async #warmUp(): Promise<void> {
    const { width, height } = this.#canvas;
    const frame = this.#context().getImageData(0, 0, width, height);
    await detectFaces(this.#canvas);
    const box = { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
    const landmarked = await findLandmarks(this.#canvas, { box, score: 1 });
    const aligned = cropTo(frame, { left: 0, top: 0, width, height }, alignedSize);
    await this.#embedder.embed(aligned, landmarked);
    await this.#liveness(new Float32Array(3 * livenessSize * livenessSize));
  }

  #draw(bitmap: ImageBitmap): Raster {
    const scale = Math.min(frameMax.width / bitmap.width, frameMax.height / bitmap.height, 1);
    this.#canvas.width = Math.max(Math.round(bitmap.width * scale), 1);
    this.#canvas.height = Math.max(Math.round(bitmap.height * scale), 1);
    const context = this.#context();
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, this.#canvas.width, this.#canvas.height);
    bitmap.close();
    return context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #show({ data, width, height }: Raster): void {
    this.#context().putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  }

  #context(): OffscreenCanvasRenderingContext2D {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('no 2d context');
    return context;
  }
}

async function openEmbedder(name: EmbedderName, bytes: ArrayBuffer): Promise<Embedder> {
  if (name === 'face-api-128') {
    stockDescriptor.load(bytes);
    return { name, embed: (_aligned, found) => stockDescriptor.compute(found) };
  }
  const net = await openOnnx(bytes, alignedSize);
  // Trained on blue first, around zero.
  return { name, embed: (aligned) => net.run(toPlanesBgr(aligned, (value) => (value - 127) / 128)) };
}

/** Share of the first class, "a living face", in the softmax over all classes. */
function firstOfSoftmax(logits: Float32Array): number {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  return (powers[0] ?? 0) / powers.reduce((sum, value) => sum + value, 0);
}
