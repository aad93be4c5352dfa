import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { SeededRandom } from '../../src/shared/random.ts';
import { drawnShelf, paint } from '../../src/testkit/core/drawn-shelf.ts';
import { type Picture, resampled } from '../../src/core/vision/picture.ts';

/**
 * What stands before the camera inside, as a film for Chromium's file camera: drawn goods on a drawn shelf, with the noise of a
 * sensor. It is changed in place, while the camera runs.
 */
const [width, height, frames] = [960, 540, 29];
const header = `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`;

/** Goods that no two are alike: ground, band, and how wide the stripes are. */
export interface DrawnGoods {
  readonly ground: readonly number[];
  readonly band: readonly number[];
  readonly stripe: number;
}
export interface DrawnSlot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The shelf with these in their slots; null: nothing. */
export function shelfPicture(there: readonly (readonly [DrawnSlot, DrawnGoods | null])[]): Picture {
  const picture = drawnShelf(11, width, height);
  for (const [slot, goods] of there) {
    const [left, top] = [Math.round(slot.left * width), Math.round(slot.top * height)];
    const [across, down] = [Math.round(slot.width * width), Math.round(slot.height * height)];
    if (goods === null) {
      paint(picture, left, top, across, down, [118, 116, 112]);
      for (let y = 0; y < down; y += 18) paint(picture, left, top + y, across, 3, [140, 138, 132]);
      continue;
    }
    paint(picture, left, top, across, down, goods.ground);
    for (let y = 10; y + goods.stripe < down; y += 2 * goods.stripe)
      paint(picture, left + 8, top + y, across - 16, goods.stripe, goods.band);
    paint(picture, left + Math.round(across / 3), top + Math.round(down / 3), 30, 30, [235, 235, 225]);
  }
  return resampled(picture, { left: 0.5, top: 0.5, width, height }, width, height);
}

/** A lens that somebody has covered. */
export const blackPicture = (): Picture => ({ width, height, rgb: new Uint8Array(3 * width * height) });

/**
 * Writes the film, or over the one that runs: of the same length, so that the camera goes on with it. No two of its pictures have
 * the same noise, and it is longer than anybody looks apart: a camera that shows one picture twice counts as frozen.
 */
export function filmShelf(path: string, picture: Picture, isRunning: boolean): void {
  const random = new SeededRandom(7);
  const noise = Int8Array.from({ length: 65_521 }, () => Math.round(random.between(-2, 2)));
  const planes = planesOf(picture);
  const parts = [Buffer.from(header)];
  for (let frame = 0; frame < frames; frame++) {
    const noisy = Buffer.from(planes);
    for (let i = 0; i < width * height; i++)
      noisy[i] = Math.min(255, Math.max(0, planes[i]! + noise[(i + 997 * frame) % noise.length]!));
    parts.push(Buffer.from('FRAME\n'), noisy);
  }
  const film = Buffer.concat(parts);
  if (!isRunning) {
    writeFileSync(path, film);
    return;
  }
  const file = openSync(path, 'r+');
  writeSync(file, film, 0, film.length, 0);
  closeSync(file);
}

/** Brightness, and both colours at half the size (BT.601). */
function planesOf({ rgb }: Picture): Buffer {
  const half = (width / 2) * (height / 2);
  const planes = Buffer.alloc(width * height + 2 * half);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const [r = 0, g = 0, b = 0] = rgb.subarray(at, at + 3);
      planes[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 === 1 || y % 2 === 1) continue;
      const to = width * height + (y / 2) * (width / 2) + x / 2;
      planes[to] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      planes[to + half] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  return planes;
}
