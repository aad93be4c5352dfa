import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { SeededRandom } from '../../shared/random.ts';

/**
 * One picture as a film for Chromium's file camera, with the noise of a sensor, which is changed in place while the camera
 * runs. What stands before the camera is simulated with it, and nothing else.
 */
export const [filmWidth, filmHeight] = [960, 540];
const [width, height, frames] = [filmWidth, filmHeight, 29];
const header = `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`;

/** Red, green and blue of each pixel, 960×540. */
export interface FilmPicture {
  readonly rgb: Uint8Array;
}

/**
 * Writes the film, or over the one that runs: of the same length, so that the camera goes on with it. No two of its pictures have
 * the same noise, and it is longer than anybody looks apart: a camera that shows one picture twice counts as frozen.
 */
export function runFilm(path: string, picture: FilmPicture, isRunning: boolean): void {
  const random = new SeededRandom(7);
  const noise = Int8Array.from({ length: 65_521 }, () => Math.round(random.between(-2, 2)));
  const planes = planesOf(picture);
  const parts = [Buffer.from(header)];
  for (let frame = 0; frame < frames; frame++) {
    const noisy = Buffer.from(planes);
    for (let i = 0; i < width * height; i++)
      noisy[i] = Math.min(
        255,
        Math.max(0, (planes[i] ?? 0) + (noise[(i + 997 * frame) % noise.length] ?? 0)),
      );
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
function planesOf({ rgb }: FilmPicture): Buffer {
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
