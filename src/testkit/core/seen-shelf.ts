import { type Gallery, article } from '../../core/vision/gallery.ts';
import type { Descriptor } from '../../core/vision/head.ts';
import { unit } from '../../core/vision/linear.ts';
import { type Picture, type Region, resampled } from '../../core/vision/picture.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import { SeededRandom } from '../../shared/random.ts';
import { drawnShelf, paint, relit } from './drawn-shelf.ts';

/** A drawn shelf of two slots with a camera over it: goods are painted boxes, told apart by their colours. */
const slots = ['TEA', 'COLA'].map((sku, i) => ({
  ...{ sku, left: 0.2 + 0.4 * i, top: 0.3, width: 0.15, height: 0.4 },
}));
export const shelfCamera: ShelfCamera = {
  ...{ id: 'shelf-1', camera: 'Shelf', slots },
  shelf: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};
const colours = { TEA: [210, 60, 60], COLA: [60, 60, 210] } as const;
export type PaintedSku = keyof typeof colours;
const [width, height] = [480, 270];

export function shelfWith(...there: (PaintedSku | null)[]): Picture {
  const picture = drawnShelf(5, width, height);
  for (const [i, sku] of there.entries()) {
    const slot = slots[i];
    if (sku === null || slot === undefined) continue;
    const [left, top] = [Math.round(slot.left * width), Math.round(slot.top * height)];
    paint(picture, left, top, 72, 108, colours[sku]);
    for (let line = 0; line < 5; line++) paint(picture, left, top + 20 * line, 72, 6, [90, 90, 90]);
  }
  return resampled(picture, { left: 0.5, top: 0.5, width, height }, width, height);
}

/** Tells goods by the colour of their middle: enough for these. */
export function seeColour(picture: Picture, region: Region): Promise<Descriptor> {
  const middle = { ...region, left: region.left + region.width / 3, width: region.width / 3 };
  const [r = 0, g = 0, b = 0] = resampled(picture, middle, 1, 1).rgb;
  // As long as what main takes for a descriptor.
  const seen = new Float32Array(30);
  seen.set([r - 110, g - 110, b - 110]);
  return Promise.resolve(unit(seen));
}

let seed = 1;
/** The same once more, as a sensor gives it: with noise. */
export function noisy(picture: Picture): Picture {
  const random = new SeededRandom(++seed);
  return relit(picture, (value) => value + random.between(-2, 2));
}
export const thrice = (picture: Picture): Picture[] => [noisy(picture), noisy(picture), noisy(picture)];

/** As cameras fail. */
export const pictureFaults = {
  unplugged: (): Picture | null => null,
  black: (picture: Picture): Picture => noisy(relit(picture, () => 3)),
  dark: (picture: Picture): Picture => noisy(relit(picture, (value) => value * 0.25)),
  bright: (picture: Picture): Picture => noisy(relit(picture, (value) => value + 150)),
  frozen: (picture: Picture): Picture => picture,
  turned: (picture: Picture): Picture =>
    noisy(resampled(picture, { left: 40, top: 10, width, height }, width, height)),
} as const;
export type PictureFault = keyof typeof pictureFaults;

/** How both goods and an empty slot look to `seeColour`. */
export async function colourGallery(): Promise<Gallery> {
  const crop = (i: number): Region => {
    const slot = slots[i] ?? { left: 0, top: 0, width: 0, height: 0 };
    const side = 1.16 * 108;
    const [x, y] = [(slot.left + slot.width / 2) * width, (slot.top + slot.height / 2) * height];
    return { left: x - side / 2, top: y - side / 2, width: side, height: side };
  };
  const seen = async (picture: Picture, i: number) => ({
    descriptor: await seeColour(picture, crop(i)),
    session: 'first',
  });
  const [full, empty] = [shelfWith('TEA', 'COLA'), shelfWith(null, null)];
  return {
    headVersion: 'colours',
    articles: [article('TEA', [await seen(full, 0)]), article('COLA', [await seen(full, 1)])],
    empty: article('empty', [await seen(empty, 0), await seen(empty, 1)]),
  };
}
