import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as faceapi from 'face-api.js/dist/face-api.esm.js';
import landmarkWeights from 'face-api.js/model/face_landmark_68_model-weights_manifest.json';
import recognitionWeights from 'face-api.js/model/face_recognition_model-weights_manifest.json';
import detectorWeights from 'face-api.js/model/tiny_face_detector_model-weights_manifest.json';
import type { FaceBox } from '../../../../../shared/model/face.schema.ts';
import type { Point } from './geometry.ts';

/** Side of the square that the detector looks at: finds faces from 75 pixels on in a frame of 640×480. */
const detectorSize = 320;
/** Below this it is taken for something else … */
const detectorScoreMin = 0.3;
/** … and from here on it is surely a face. */
const detectorScoreSure = 0.5;

export interface Detection {
  readonly box: FaceBox;
  readonly score: number;
}

/** The landmarks of a face, in the pixels of the frame it was found in. */
export interface Landmarked {
  readonly frame: OffscreenCanvas;
  readonly landmarks: readonly Point[];
}

/** tfjs as face-api.js brings it; these functions are there but not in its types. */
const tf = faceapi.tf as typeof faceapi.tf & {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  setWasmPaths(paths: Record<string, string>): void;
  setThreadsCount(count: number): void;
};

/** Stands for classes that a page has and a worker has not: nothing is an instance of it. */
function NotHere(): void {
  // Never called: only `instanceof` looks at it.
}

/**
 * Starts tfjs in this worker: WASM with SIMD, one thread (a second one would take the core of the page). Only the SIMD
 * file is offered: every processor since 2013 has it.
 */
export async function startFaceApi(): Promise<void> {
  faceapi.env.setEnv({
    Canvas: OffscreenCanvas as unknown as typeof HTMLCanvasElement,
    CanvasRenderingContext2D: OffscreenCanvasRenderingContext2D as unknown as typeof CanvasRenderingContext2D,
    Image: NotHere as unknown as typeof HTMLImageElement,
    ImageData,
    Video: NotHere as unknown as typeof HTMLVideoElement,
    createCanvasElement: () => new OffscreenCanvas(1, 1) as unknown as HTMLCanvasElement,
    createImageElement: () => unused('an image element'),
    createVideoElement: () => unused('a video element'),
    createCanvas: () => unused('a canvas'),
    fetch: () => unused('fetch'),
    readFile: () => unused('a file'),
  } as unknown as Parameters<typeof faceapi.env.setEnv>[0]);
  // It wants a path for each of its files; without cross-origin isolation it does not take the threaded one.
  const names = [
    'tfjs-backend-wasm-simd.wasm',
    'tfjs-backend-wasm.wasm',
    'tfjs-backend-wasm-threaded-simd.wasm',
  ];
  tf.setWasmPaths(Object.fromEntries(names.map((name) => [name, simdWasm])));
  tf.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs has no WASM backend here');
  await tf.ready();
}

function unused(what: string): never {
  throw new Error(`face-api.js asked for ${what}`);
}

type Net =
  | typeof faceapi.nets.tinyFaceDetector
  | typeof faceapi.nets.faceLandmark68Net
  | typeof faceapi.nets.faceRecognitionNet;
type Manifest = { weights: object[] }[];

function fill(net: Net, bytes: ArrayBuffer, manifest: Manifest): void {
  const specs = manifest.flatMap((group) => group.weights) as Parameters<typeof tf.io.decodeWeights>[1];
  net.loadFromWeightMap(tf.io.decodeWeights(bytes, specs));
}

export function loadDetector(detector: ArrayBuffer, landmarks: ArrayBuffer): void {
  fill(faceapi.nets.tinyFaceDetector, detector, detectorWeights);
  fill(faceapi.nets.faceLandmark68Net, landmarks, landmarkWeights);
}

/** All faces in the frame: the largest that is surely one first; if none is, the largest. */
export async function detectFaces(frame: OffscreenCanvas): Promise<Detection[]> {
  const options = new faceapi.TinyFaceDetectorOptions({
    inputSize: detectorSize,
    scoreThreshold: detectorScoreMin,
  });
  const found = await faceapi.nets.tinyFaceDetector.locateFaces(asInput(frame), options);
  return found
    .map(({ box: { x, y, width, height }, score }) => ({ box: { x, y, width, height }, score }))
    .sort((p, q) => rank(q) - rank(p));
}

function rank({ box, score }: Detection): number {
  const moreThanAnyFrame = 1e9;
  return box.width * box.height + (score >= detectorScoreSure ? moreThanAnyFrame : 0);
}

/** The 68 landmarks of one face, in the pixels of the frame. */
export async function findLandmarks(frame: OffscreenCanvas, { box, score }: Detection): Promise<Landmarked> {
  const size = new faceapi.Dimensions(frame.width, frame.height);
  const relative = new faceapi.Rect(
    box.x / frame.width,
    box.y / frame.height,
    box.width / frame.width,
    box.height / frame.height,
  );
  const detection = new faceapi.FaceDetection(score, relative, size);
  const [crop] = await faceapi.extractFaces(asInput(frame), [detection]);
  if (crop === undefined) throw new Error('no crop of the face');
  const found = await faceapi.nets.faceLandmark68Net.detectLandmarks(crop);
  if (Array.isArray(found)) throw new Error('landmarks of more than one face');
  const { landmarks } = faceapi.extendWithFaceLandmarks({ detection }, found);
  return { frame, landmarks: landmarks.positions.map(({ x, y }) => ({ x, y })) };
}

/** The library's own 128 numbers of a face (named `face-api-128`; see the README for how weak they are). */
export const stockDescriptor = {
  load(bytes: ArrayBuffer): void {
    fill(faceapi.nets.faceRecognitionNet, bytes, recognitionWeights);
  },
  /** From the library's own crop: upright, placed by eyes and mouth. */
  async compute({ frame, landmarks }: Landmarked): Promise<Float32Array> {
    const points = landmarks.map(({ x, y }) => new faceapi.Point(x / frame.width, y / frame.height));
    const placed = new faceapi.FaceLandmarks68(points, frame).align(null, { useDlibAlignment: true });
    const place = new faceapi.Rect(placed.x, placed.y, placed.width, placed.height);
    const [crop] = await faceapi.extractFaces(asInput(frame), [place]);
    if (crop === undefined) throw new Error('no crop of the face');
    const values = await faceapi.nets.faceRecognitionNet.computeFaceDescriptor(crop);
    if (Array.isArray(values)) throw new Error('descriptors of more than one face');
    return values;
  },
};

/**
 * face-api.js takes a canvas of a worker like one of a page once it has been told (setEnv), but its types do not say
 * so.
 */
function asInput(canvas: OffscreenCanvas): HTMLCanvasElement {
  return canvas as unknown as HTMLCanvasElement;
}
