import { describe, expect, it } from 'vitest';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import { SeededRandom } from '../../shared/random.ts';
import { drawnShelf, paint, relit } from '../../testkit/core/drawn-shelf.ts';
import { type Gallery, article } from './gallery.ts';
import type { Descriptor } from './head.ts';
import { unit } from './linear.ts';
import { masked } from './mask.ts';
import { type Picture, resampled } from './picture.ts';
import { ShelfWatch } from './shelf-watch.ts';

const slots = ['TEA', 'COLA'].map((sku, i) => ({
  sku,
  left: 0.2 + 0.4 * i,
  top: 0.3,
  width: 0.15,
  height: 0.4,
}));
const whole: ShelfCamera['shelf'] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
const camera: ShelfCamera = { id: 'shelf-1', camera: 'Shelf', shelf: whole, slots };
const colours = { TEA: [210, 60, 60], COLA: [60, 60, 210] } as const;

/** Tells goods by their mean colour: enough for these. */
const see = (picture: Picture, region: Parameters<typeof resampled>[1]): Promise<Descriptor> => {
  const middle = { ...region, left: region.left + region.width / 3, width: region.width / 3 };
  const [r = 0, g = 0, b = 0] = resampled(picture, middle, 1, 1).rgb;
  return Promise.resolve(unit(Float32Array.from([r - 110, g - 110, b - 110])));
};
let seed = 1;
/** The same again: a sensor has noise. */
const noisy = (picture: Picture): Picture => {
  const random = new SeededRandom(++seed);
  return relit(picture, (value) => value + random.between(-2, 2));
};
const thrice = (picture: Picture): Picture[] => [noisy(picture), noisy(picture), noisy(picture)];

function shelf(...there: (keyof typeof colours | null)[]): Picture {
  const picture = drawnShelf(5);
  for (const [i, sku] of there.entries()) {
    const slot = slots[i]!;
    if (sku === null) continue;
    const [left, top] = [Math.round(slot.left * 480), Math.round(slot.top * 270)];
    paint(picture, left, top, 72, 108, colours[sku]);
    for (let line = 0; line < 5; line++) paint(picture, left, top + 20 * line, 72, 6, [90, 90, 90]);
  }
  return resampled(picture, { left: 0.5, top: 0.5, width: 480, height: 270 }, 480, 270);
}
const full = shelf('TEA', 'COLA');
const empty = shelf(null, null);

async function gallery(): Promise<Gallery> {
  const watch = new ShelfWatch({ camera, stood: null, see });
  const seen = async (
    picture: Picture,
    slot: number,
  ): Promise<{ descriptor: Descriptor; session: string }> => {
    expect(watch.before(thrice(picture)).trouble).toBeNull();
    return { descriptor: (await watch.learn(slot))!, session: 'first' };
  };
  return {
    headVersion: 'colours',
    articles: [article('TEA', [await seen(full, 0)]), article('COLA', [await seen(full, 1)])],
    empty: article('empty', [await seen(empty, 0), await seen(empty, 1)]),
  };
}

describe('ShelfWatch', () => {
  it('sees which article has left, and which has not', async () => {
    const watch = new ShelfWatch({ camera, stood: null, see });
    expect(watch.before(thrice(full))).toEqual({ trouble: null });
    const after = await watch.after(thrice(shelf(null, 'COLA')), await gallery());
    expect(after).toMatchObject({ trouble: null });
    if (after.trouble !== null) return;
    const [tea, cola] = after.views;
    expect(tea).toMatchObject({ sku: 'TEA' });
    expect(Math.min(tea!.changed, tea!.named)).toBeGreaterThan(0.9);
    expect(cola).toEqual({ sku: 'COLA', changed: 0.02, named: 0.5 });
  });
  it('knows of an article that was never seen before only that something changed', async () => {
    const watch = new ShelfWatch({ camera, stood: null, see });
    watch.before(thrice(full));
    const after = await watch.after(thrice(empty), { headVersion: 'colours', articles: [], empty: null });
    expect(after).toMatchObject({ views: slots.map(({ sku }) => ({ sku, changed: 0.5 })) });
  });
  it('says which slots differ while the door is open', () => {
    const watch = new ShelfWatch({ camera, stood: null, see });
    watch.before(thrice(full));
    const { shares } = watch.during(noisy(shelf(null, 'COLA')), noisy(full));
    expect(shares[0]).toBeGreaterThan(0.4);
    expect(shares[1]).toBeLessThan(0.1);
  });

  const black = relit(full, () => 3);
  const moved = resampled(full, { left: 40, top: 10, width: 480, height: 270 }, 480, 270);
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
    const stood = new ShelfWatch({ camera, stood: null, see });
    stood.before(thrice(full));
    const watch = new ShelfWatch({ camera, stood: stood.kept, see });
    expect(watch.before(pictures)).toEqual({ trouble });
    // What it sees later has nothing to stand beside.
    expect(await watch.after(thrice(full), await gallery())).toHaveProperty('trouble', 'busy');
    const other = new ShelfWatch({ camera, stood: null, see });
    other.before(thrice(full));
    expect(await other.after(pictures, await gallery()), 'nor after').toEqual({ trouble });
  });
  it('a camera that stands as it did is not turned, however empty the shelf', () => {
    const stood = new ShelfWatch({ camera, stood: null, see });
    stood.before(thrice(full));
    expect(new ShelfWatch({ camera, stood: stood.kept, see }).before(thrice(empty))).toEqual({
      trouble: null,
    });
  });
  it('keeps nothing that is no shelf, and looks at the shelf all the same', async () => {
    const triangle: ShelfCamera = {
      ...camera,
      shelf: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    };
    const watch = new ShelfWatch({ camera: triangle, stood: null, see });
    const dark = relit(full, (value, x, y) => (x / 480 + y / 270 > 1 ? value * 0.1 : value));
    expect(watch.before(thrice(dark)), 'dark outside is not dark').toEqual({ trouble: null });
    await watch.after(thrice(dark), await gallery());
    const at = ({ rgb, width }: Picture, x: number, y: number): number => rgb[3 * (y * width + x)]!;
    const { before, after } = watch.pictures;
    for (const kept of [before!, after!])
      expect([at(kept, 10, 10) > 0, at(kept, 400, 200)]).toEqual([true, 0]);
    const small = watch.kept!;
    expect([at(small, 10, 10) > 0, at(small, 200, 100), small.width]).toEqual([true, 0, 240]);
    const later = new ShelfWatch({ camera: triangle, stood: small, see });
    expect(later.before(thrice(full))).toEqual({ trouble: null });
    expect(later.before(thrice(moved))).toEqual({ trouble: 'turned' });
    expect(masked(full, whole).rgb).toEqual(full.rgb);
  });
});
