import { runFilm } from '../../src/simulator/run/running-film.ts';
import { AppHarness } from '../../src/testkit/app/app-harness.ts';
import { type DrawnGoods, shelfPicture } from './shelf-film.ts';

/** A cabinet with scales and a camera inside: Chromium's file camera shows a drawn shelf, which a test fills and empties. */
export const filmSkus = ['potato-chips-original', 'potato-chips-tomato', 'whole-wheat-crackers'] as const;
export type FilmSku = (typeof filmSkus)[number];
const goods: Readonly<Record<FilmSku, DrawnGoods>> = {
  'potato-chips-original': { ground: [205, 170, 40], band: [120, 60, 30], stripe: 16 },
  'potato-chips-tomato': { ground: [190, 45, 40], band: [60, 120, 50], stripe: 28 },
  'whole-wheat-crackers': { ground: [60, 80, 170], band: [180, 190, 210], stripe: 40 },
};
const slots = filmSkus.map((sku, i) => ({ sku, left: 0.08 + 0.3 * i, top: 0.25, width: 0.16, height: 0.45 }));

/** `gone`: of these nothing stands there. `isRunning`: the camera runs, and goes on with it. */
export function showShelf(
  harness: AppHarness,
  { gone, isRunning }: { readonly gone: ReadonlySet<FilmSku>; readonly isRunning: boolean },
): void {
  const there = slots.map((slot) => [slot, gone.has(slot.sku) ? null : goods[slot.sku]] as const);
  runFilm(harness.cameraFile, shelfPicture(there), isRunning);
}

/** Not launched yet; every slot is full. */
export async function openFilmCabinet(cabinetId?: string): Promise<AppHarness> {
  const harness = await AppHarness.open({
    ...(cabinetId === undefined ? {} : { cabinetId }),
    ...{ cameraFile: 'y4m', simulator: { devices: { scale: 'scale-modbus' } } },
  });
  showShelf(harness, { gone: new Set(), isRunning: false });
  const shelf = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  harness.changeSettings({
    shelf: {
      ...harness.scaleShelf,
      cameras: [{ id: 'shelf-1', camera: harness.cameraFile, slots, shelf }],
    },
  });
  return harness;
}
