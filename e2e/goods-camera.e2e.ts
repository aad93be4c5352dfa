import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';
import { runFilm } from '../src/simulator/run/running-film.ts';
import { type FilmSku, filmSkus, openFilmCabinet, showShelf } from './goods/film-cabinet.ts';
import { blackPicture } from './goods/shelf-film.ts';

/**
 * A cabinet with a camera inside, in the real app: Chromium's file camera shows a drawn shelf, everything behind it is the
 * product's (hidden view, worker, network, main, estimator). The screen says that the cabinet is simulated.
 */
test.describe.configure({ mode: 'serial' });

const logged = (event: string): number =>
  readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8').split(event).length - 1;

let harness: AppHarness;
const gone = new Set<FilmSku>();

const show = (): void => {
  showShelf(harness, { gone, isRunning: true });
};

test.beforeAll(async () => {
  harness = await openFilmCabinet();
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

/** Documents that look at goods, seen or not, as Electron counts them. */
const views = async (): Promise<number> =>
  (await harness.app?.evaluate(
    ({ webContents }) =>
      webContents.getAllWebContents().filter((one) => one.getURL().endsWith('/goods.html')).length,
  )) ?? 0;
const isAtRest = async (): Promise<true | null> => ((await views()) === 0 ? true : null);
/** What the cameras have said of each article when the door had shut, newest visit last. */
const afterwards = (): ReadonlyMap<string, number>[] =>
  readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"goods.after"'))
    .map((line) => {
      const { fields } = JSON.parse(line) as { fields: { views: { sku: string; changed: number }[] } };
      return new Map(fields.views.map(({ sku, changed }) => [sku, changed]));
    });
const pieces = async (sku: FilmSku): Promise<number> =>
  (await harness.cabinet.state()).goods.filter((one) => one.sku === sku && one.place.startsWith('shelf'))
    .length;

/** Whoever comes in is slower than a camera. */
async function enter(): Promise<void> {
  const before = logged('"goods.before"');
  await harness.screen.tap('action-choose-code');
  await until('the shelf is seen', () => Promise.resolve(logged('"goods.before"') > before ? true : null));
  await harness.cabinet.present();
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
}
async function leave(): Promise<void> {
  await harness.screen.tap('action-confirm');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('receipt');
  await harness.screen.tap('action-finish');
  await harness.screen.waitScreen('attract');
}

test('at rest no camera is open', async () => {
  await harness.screen.waitScreen('attract');
  expect(await views()).toBe(0);
});

test('what is taken is seen in its slot and in no other; then the camera is off again', async () => {
  await enter();
  expect(await views()).toBe(1);
  const count = await pieces('whole-wheat-crackers');
  for (let n = 0; n < count; n++) await harness.cabinet.take('whole-wheat-crackers');
  gone.add('whole-wheat-crackers');
  show();
  await leave();
  await until('the view is closed', isAtRest);
  await enter();
  await harness.cabinet.take('cola-can');
  await leave();
  await until('the view is closed', isAtRest);
  const [first, second, ...others] = afterwards();
  expect(others).toEqual([]);
  expect(first?.get('whole-wheat-crackers')).toBeGreaterThan(0.3);
  for (const sku of ['potato-chips-original', 'potato-chips-tomato'])
    expect(first?.get(sku)).toBeLessThan(0.1);
  for (const sku of filmSkus) expect(second?.get(sku)).toBeLessThan(0.1);
  expect(logged('goods.camera_trouble')).toBe(0);
});

test('a camera that sees black says nothing, staff is told, and the bill is that of tags and scales', async () => {
  await enter();
  await harness.cabinet.take('cola-can');
  runFilm(harness.cameraFile, blackPicture(), true);
  await until('the camera is in trouble', () =>
    Promise.resolve(logged('"goods.camera_trouble"') > 0 ? true : null),
  );
  await leave();
  await until('the view is closed', isAtRest);
  expect(afterwards()).toHaveLength(2);
  const charge = await until('it is paid', async () => {
    const paid = (await harness.operator.charges()).filter(({ state }) => state === 'paid');
    return paid.length === 3 ? paid.at(-1)! : null;
  });
  expect(charge).toMatchObject({ lines: [{ sku: 'cola-can', count: 1 }], heldLines: [] });
});
