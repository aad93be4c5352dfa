import { describe, expect, it } from 'vitest';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import { drawnShelf, relit } from '../../testkit/core/drawn-shelf.ts';
import {
  colourGallery,
  noisy,
  pictureFaults,
  seeColour,
  shelfCamera,
  shelfWith,
  thrice,
} from '../../testkit/core/seen-shelf.ts';
import { masked } from './mask.ts';
import type { Picture } from './picture.ts';
import { ShelfWatch } from './shelf-watch.ts';

const full = shelfWith('TEA', 'COLA');
const empty = shelfWith(null, null);

describe('ShelfWatch', () => {
  it('sees which article has left, and which has not', async () => {
    const watch = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    expect(watch.before(thrice(full))).toEqual({ trouble: null });
    const after = await watch.after(thrice(shelfWith(null, 'COLA')), await colourGallery());
    expect(after).toMatchObject({ trouble: null });
    if (after.trouble !== null) return;
    const [tea, cola] = after.views;
    expect(tea).toMatchObject({ sku: 'TEA' });
    expect(Math.min(tea!.changed, tea!.named)).toBeGreaterThan(0.9);
    expect(cola).toEqual({ sku: 'COLA', changed: 0.02, named: 0.5 });
  });
  it('knows of an article that was never seen before only that something changed', async () => {
    const watch = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    watch.before(thrice(full));
    const after = await watch.after(thrice(empty), { headVersion: 'colours', articles: [], empty: null });
    expect(after).toMatchObject({ views: shelfCamera.slots.map(({ sku }) => ({ sku, changed: 0.5 })) });
  });
  it('says which slots differ while the door is open', () => {
    const watch = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    watch.before(thrice(full));
    const { shares } = watch.during(noisy(shelfWith(null, 'COLA')), noisy(full));
    expect(shares[0]).toBeGreaterThan(0.4);
    expect(shares[1]).toBeLessThan(0.1);
  });

  const black = relit(full, () => 3);
  const moved = pictureFaults.turned(full);
  it.each<[string, Picture[], string]>([
    ['black', thrice(black), 'black'],
    ['black without noise', [black, black, black], 'black'],
    ['dark', thrice(relit(full, (value) => value * 0.25)), 'dark'],
    ['bright', thrice(relit(full, (value) => value + 150)), 'bright'],
    ['one picture again and again', [full, full, full], 'frozen'],
    ['another view', thrice(drawnShelf(77)), 'turned'],
    ['moved', thrice(moved), 'turned'],
    ['none at all', [], 'busy'],
  ])('no picture before, because it is %s', async (_, pictures, trouble) => {
    const stood = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    stood.before(thrice(full));
    const watch = new ShelfWatch({ camera: shelfCamera, stood: stood.kept, see: seeColour });
    expect(watch.before(pictures)).toEqual({ trouble });
    // What it sees later has nothing to stand beside.
    expect(await watch.after(thrice(full), await colourGallery())).toHaveProperty('trouble', 'busy');
    const other = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    other.before(thrice(full));
    expect(await other.after(pictures, await colourGallery()), 'nor after').toEqual({ trouble });
  });
  it('a camera that stands as it did is not turned, however empty the shelf', () => {
    const stood = new ShelfWatch({ camera: shelfCamera, stood: null, see: seeColour });
    stood.before(thrice(full));
    expect(
      new ShelfWatch({ camera: shelfCamera, stood: stood.kept, see: seeColour }).before(thrice(empty)),
    ).toEqual({
      trouble: null,
    });
  });
  it('keeps nothing that is no shelf, and looks at the shelf all the same', async () => {
    const triangle: ShelfCamera = {
      ...shelfCamera,
      shelf: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    };
    const watch = new ShelfWatch({ camera: triangle, stood: null, see: seeColour });
    const dark = relit(full, (value, x, y) => (x / 480 + y / 270 > 1 ? value * 0.1 : value));
    expect(watch.before(thrice(dark)), 'dark outside is not dark').toEqual({ trouble: null });
    await watch.after(thrice(dark), await colourGallery());
    const at = ({ rgb, width }: Picture, x: number, y: number): number => rgb[3 * (y * width + x)]!;
    const [before, after] = [watch.picture('before'), watch.picture('after')];
    for (const kept of [before!, after!])
      expect([at(kept, 10, 10) > 0, at(kept, 400, 200)]).toEqual([true, 0]);
    const small = watch.kept!;
    expect([at(small, 10, 10) > 0, at(small, 200, 100), small.width]).toEqual([true, 0, 240]);
    const later = new ShelfWatch({ camera: triangle, stood: small, see: seeColour });
    expect(later.before(thrice(full))).toEqual({ trouble: null });
    expect(later.before(thrice(moved))).toEqual({ trouble: 'turned' });
    expect(masked(full, shelfCamera.shelf).rgb).toEqual(full.rgb);
  });
});
