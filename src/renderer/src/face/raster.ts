import type { FaceBox } from '../../../shared/model/face.ts';
import { type Similarity, inverse } from './geometry.ts';

/** Red, green, blue, alpha, 8 bits each, row by row from the top; `ImageData` is one. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

const channels = 4;
/** At most this many samples a side are averaged for one pixel when a picture is made smaller. */
const samplesMax = 4;

/** Rectangle in the pixels of a raster. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Takes the square of `size` pixels out of `source` that `toTarget` maps it to, bilinear; outside of the source is black.
 * Where that makes it smaller, several samples a pixel are averaged, so that fine detail does not turn into noise.
 */
export function warp(source: Raster, toTarget: Similarity, size: number): Raster {
  const back = inverse(toTarget);
  const samples = Math.min(Math.max(Math.ceil(Math.hypot(back.a, back.b) - 0.25), 1), samplesMax);
  return sample(source, size, samples, (u, v) => [
    back.a * u - back.b * v + back.tx,
    back.b * u + back.a * v + back.ty,
  ]);
}

/** Scales a rectangle of `source` to a square of `size` pixels, bilinear with one sample a pixel. */
export function cropTo(source: Raster, region: Region, size: number): Raster {
  const kx = region.width / size;
  const ky = region.height / size;
  return sample(source, size, 1, (u, v) => [region.left + u * kx, region.top + v * ky]);
}

/**
 * The face with its surroundings as the liveness model was trained on it: the box grown by `scale` around its middle,
 * less where the frame is too small for that, and pushed back inside where it sticks out.
 * (Silent-Face-Anti-Spoofing, `CropImage._get_new_box`.)
 */
export function contextRegion(frame: { width: number; height: number }, box: FaceBox, scale: number): Region {
  const right = frame.width - 1;
  const bottom = frame.height - 1;
  const grow = Math.min(right / box.width, bottom / box.height, scale);
  const width = box.width * grow;
  const height = box.height * grow;
  const left = box.x + box.width / 2 - width / 2;
  const top = box.y + box.height / 2 - height / 2;
  return {
    left: Math.min(Math.max(left, 0), right - width),
    top: Math.min(Math.max(top, 0), bottom - height),
    width,
    height,
  };
}

/** Mean of the colours, weighted as the eye sees them (ITU-R BT.601), one value a pixel, 0 to 255. */
export function toGrey(source: Raster): Float32Array {
  const grey = new Float32Array(source.width * source.height);
  const { data } = source;
  for (let i = 0, k = 0; i < grey.length; i++, k += channels) {
    grey[i] = 0.299 * (data[k] ?? 0) + 0.587 * (data[k + 1] ?? 0) + 0.114 * (data[k + 2] ?? 0);
  }
  return grey;
}

/** Planes of blue, green and red, one after the other, each value through `scale`: what the ONNX models take. */
export function toPlanesBgr(source: Raster, scale: (value: number) => number): Float32Array {
  const count = source.width * source.height;
  const planes = new Float32Array(3 * count);
  const { data } = source;
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 3; plane++) {
      planes[plane * count + i] = scale(data[channels * i + 2 - plane] ?? 0);
    }
  }
  return planes;
}

/** Fills a square: each pixel is the mean of samples² bilinear samples of `source` at the place that `from` names. */
function sample(
  source: Raster,
  size: number,
  samples: number,
  from: (u: number, v: number) => readonly [x: number, y: number],
): Raster {
  const target = new Uint8ClampedArray(size * size * channels);
  const weight = 1 / (samples * samples);
  const sum: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      sum.fill(0);
      for (let k = 0; k < samples * samples; k++) {
        const u = column + ((k % samples) + 0.5) / samples;
        const v = row + (Math.floor(k / samples) + 0.5) / samples;
        const [x, y] = from(u, v);
        addSample(source, x - 0.5, y - 0.5, sum);
      }
      const i = (row * size + column) * channels;
      target[i] = sum[0] * weight;
      target[i + 1] = sum[1] * weight;
      target[i + 2] = sum[2] * weight;
      target[i + 3] = 255;
    }
  }
  return { width: size, height: size, data: target };
}

/** Adds the colour between the four pixels around (x, y), where whole numbers are the middles of pixels. */
function addSample(source: Raster, x: number, y: number, sum: [number, number, number]): void {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const right = x - x0;
  const below = y - y0;
  addPixel(source, x0, y0, (1 - right) * (1 - below), sum);
  addPixel(source, x0 + 1, y0, right * (1 - below), sum);
  addPixel(source, x0, y0 + 1, (1 - right) * below, sum);
  addPixel(source, x0 + 1, y0 + 1, right * below, sum);
}

function addPixel(source: Raster, x: number, y: number, weight: number, sum: [number, number, number]): void {
  if (x < 0 || y < 0 || x >= source.width || y >= source.height) return;
  const i = (y * source.width + x) * channels;
  sum[0] += weight * (source.data[i] ?? 0);
  sum[1] += weight * (source.data[i + 1] ?? 0);
  sum[2] += weight * (source.data[i + 2] ?? 0);
}
