import { filmHeight as height, filmWidth as width } from '../../src/simulator/run/running-film.ts';
import { drawnShelf, paint } from '../../src/testkit/core/drawn-shelf.ts';
import { type Picture, resampled } from '../../src/core/vision/picture.ts';

/** What stands before the camera inside: drawn goods on a drawn shelf. */

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
