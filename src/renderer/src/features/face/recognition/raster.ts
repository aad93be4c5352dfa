import type { FaceBox } from '../../../../../shared/model/face.schema.ts';
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
  const { a, b, tx, ty } = back;
  return sample(source, size, samples, { xu: a, xv: -b, x0: tx, yu: b, yv: a, y0: ty });
}

/** Scales a rectangle of `source` to a square of `size` pixels, bilinear with one sample a pixel. */
export function cropTo(source: Raster, region: Region, size: number): Raster {
  const { left, top } = region;
  const map = { xu: region.width / size, xv: 0, x0: left, yu: 0, yv: region.height / size, y0: top };
  return sample(source, size, 1, map);
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

/** Where a pixel of the target lies in the source: x = xu·u + xv·v + x0, y = yu·u + yv·v + y0. */
interface Affine {
  readonly xu: number;
  readonly xv: number;
  readonly x0: number;
  readonly yu: number;
  readonly yv: number;
  readonly y0: number;
}

/**
 * Fills a square: each pixel is the mean of samples² bilinear samples of `source` at the place that `map` gives it. One loop
 * without calls: it runs for every frame, and with a function for each place it took twice the time.
 */
function sample(source: Raster, size: number, samples: number, map: Affine): Raster {
  const { width, height, data } = source;
  const { xu, xv, x0, yu, yv, y0 } = map;
  const target = new Uint8ClampedArray(size * size * channels);
  const share = 1 / (samples * samples);
  for (let at = 0; at < size * size; at++) {
    const row = Math.floor(at / size);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < samples * samples; k++) {
      const u = at - row * size + ((k % samples) + 0.5) / samples;
      const v = row + (Math.floor(k / samples) + 0.5) / samples;
      // Whole numbers are the middles of pixels.
      const x = xu * u + xv * v + x0 - 0.5;
      const y = yu * u + yv * v + y0 - 0.5;
      const left = Math.floor(x);
      const top = Math.floor(y);
      for (let corner = 0; corner < 4; corner++) {
        const px = left + (corner & 1);
        const py = top + (corner >> 1);
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const weight = share * (1 - Math.abs(x - px)) * (1 - Math.abs(y - py));
        const i = (py * width + px) * channels;
        red += weight * (data[i] ?? 0);
        green += weight * (data[i + 1] ?? 0);
        blue += weight * (data[i + 2] ?? 0);
      }
    }
    const i = at * channels;
    target[i] = red;
    target[i + 1] = green;
    target[i + 2] = blue;
    target[i + 3] = 255;
  }
  return { width: size, height: size, data: target };
}
