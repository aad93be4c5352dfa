import { assert } from '../../shared/assert.ts';

/** Red, green, blue, a byte each, row by row from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A part of a picture, in pixels of it; may reach beyond its edges, where the edge goes on. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One channel as numbers. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

export function centredSquare({ width, height }: Picture, share = 1): Region {
  const side = Math.min(width, height) * share;
  return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
}

/** Of what is looked at twice, the second look takes this share of both sides. */
const innerShare = 0.84;

/**
 * What is looked at to say what something is: all of it, and its middle. The two together tell goods apart better than
 * either (docs/goods.md).
 */
export function viewsOf(region: Region): readonly [Region, Region] {
  const { left, top, width, height } = region;
  const edge = (1 - innerShare) / 2;
  const middle = {
    left: left + width * edge,
    top: top + height * edge,
    width: width * innerShare,
    height: height * innerShare,
  };
  return [region, middle];
}

/** Which pixels of a line make one pixel of the new line, and with what weight. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array;
  readonly most: number;
}

/** A region in another size. Made smaller, each pixel is the mean of what it covers; made larger, in between. */
export function resampled(picture: Picture, region: Region, width: number, height: number): Picture {
  assert(region.width > 0 && region.height > 0 && width > 0 && height > 0, 'a picture has a size');
  const across = tapsOf(region.left, region.width, width, picture.width);
  const down = tapsOf(region.top, region.height, height, picture.height);
  const top = Math.min(...down.first);
  const bottom = Math.max(...down.first.map((first, i) => first + down.count[i]!));
  const rows = new Float32Array((bottom - top) * width * 3);
  for (let y = top; y < bottom; y++) narrow(picture, y, across, rows, (y - top) * width * 3);
  const rgb = new Uint8Array(width * height * 3);
  const line = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    const first = down.first[y]!;
    const count = down.count[y]!;
    for (let i = 0; i < count; i++) {
      const weight = down.weights[y * down.most + i]!;
      const from = (first + i - top) * width * 3;
      for (let x = 0; x < line.length; x++) line[x] = line[x]! + weight * rows[from + x]!;
    }
    for (let x = 0; x < line.length; x++) rgb[y * width * 3 + x] = line[x]! + 0.5;
  }
  return { width, height, rgb };
}

function narrow({ width, rgb }: Picture, y: number, across: Taps, to: Float32Array, at: number): void {
  for (let x = 0; x < across.first.length; x++) {
    const first = (y * width + across.first[x]!) * 3;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let i = 0; i < across.count[x]!; i++) {
      const weight = across.weights[x * across.most + i]!;
      red += weight * rgb[first + 3 * i]!;
      green += weight * rgb[first + 3 * i + 1]!;
      blue += weight * rgb[first + 3 * i + 2]!;
    }
    to[at + 3 * x] = red;
    to[at + 3 * x + 1] = green;
    to[at + 3 * x + 2] = blue;
  }
}

/** A triangle as wide as the step, but never narrower than two pixels: in between, or the mean of what is covered. */
function tapsOf(start: number, length: number, steps: number, available: number): Taps {
  const step = length / steps;
  const reach = Math.max(1, step);
  const most = Math.ceil(2 * reach) + 2;
  const taps = {
    first: new Int32Array(steps),
    count: new Int32Array(steps),
    weights: new Float32Array(steps * most),
    most,
  };
  for (let i = 0; i < steps; i++) {
    const centre = start + (i + 0.5) * step - 0.5;
    const low = Math.ceil(centre - reach);
    const high = Math.floor(centre + reach);
    const first = within(low, available);
    taps.first[i] = first;
    taps.count[i] = within(high, available) - first + 1;
    let sum = 0;
    for (let at = low; at <= high; at++) {
      const weight = Math.max(0, 1 - Math.abs(at - centre) / reach);
      const slot = i * most + within(at, available) - first;
      taps.weights[slot] = taps.weights[slot]! + weight;
      sum += weight;
    }
    for (let k = 0; k < taps.count[i]!; k++) taps.weights[i * most + k] = taps.weights[i * most + k]! / sum;
  }
  return taps;
}

const within = (at: number, available: number): number => Math.min(available - 1, Math.max(0, at));

/** Red, green, blue as planes one after another, −1…1: what the network takes. */
export function networkInput({ width, height, rgb }: Picture): Float32Array {
  const pixels = width * height;
  const values = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i++)
    for (let channel = 0; channel < 3; channel++)
      values[channel * pixels + i] = rgb[3 * i + channel]! / 127.5 - 1;
  return values;
}

/** Brightness, 0…255. */
export function grey({ width, height, rgb }: Picture): Plane {
  const values = new Float32Array(width * height);
  for (let i = 0; i < values.length; i++)
    values[i] = 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!;
  return { width, height, values };
}
