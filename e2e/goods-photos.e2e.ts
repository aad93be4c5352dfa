import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { runFilm } from '../src/simulator/run/running-film.ts';
import type { AppHarness } from '../src/testkit/app/app-harness.ts';
import { ConsoleClient } from '../src/testkit/app/console-client.ts';
import { StaffDriver } from '../src/testkit/app/staff-driver.ts';
import { type FilmSku, openFilmCabinet, showShelf } from './goods/film-cabinet.ts';
import { blackPicture } from './goods/shelf-film.ts';

/**
 * A restocker shows the camera inside of the real app what goods look like, with fingers: Chromium's file camera, the hidden
 * view, its network and main's memory are the product's own; the shelf is drawn.
 */
const [cabinetId, staffNo, pin, reason] = ['A-0217', '4410', '580213', 'he begins on Monday'];
const sku: FilmSku = 'potato-chips-tomato';
let harness: AppHarness;
let staff: StaffDriver;
const log = (): string => readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8');

test.beforeAll(async () => {
  harness = await openFilmCabinet(cabinetId);
  const office = await ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
  const hired = { role: 'restocker', cabinets: null, reason, version: null, name: '王补货' } as const;
  await office.call('setCabinetStaff', hired, { staffNo });
  await harness.launch();
  staff = new StaffDriver(harness.screen);
  await expect.poll(() => log().includes('staff_list.changed'), { timeout: 60_000 }).toBe(true);
  await staff.firstSignIn(office, { cabinetId, staffNo, pin, reason });
});
test.afterAll(async () => {
  await harness.close();
});

async function reach(testId: string): Promise<void> {
  const it = harness.screen.window.getByTestId(testId);
  await expect(it).toBeEnabled({ timeout: 60_000 });
  await it.scrollIntoViewIfNeeded();
  await harness.screen.tap(testId);
}
/** The camera shows it from its next picture on; one that was taken before is none of it. */
function show(isThere: boolean): void {
  showShelf(harness, { gone: isThere ? new Set() : new Set([sku]), isRunning: true });
}
async function shoot(button: 'action-take-empty' | 'action-take-photo', outcome: string): Promise<void> {
  await reach(button);
  const { window } = harness.screen;
  await expect(window.getByTestId('action-photo-done')).toBeEnabled({ timeout: 60_000 });
  await expect(window.getByTestId('last-act')).toContainText(outcome);
}

test('the slot empty, then one piece: known by its photos; none is said to be none; undone', async () => {
  const { window } = harness.screen;
  show(false);
  await harness.screen.tap('key-room-goods');
  await harness.screen.tap('key-goods-photos');
  await reach(`key-photo-${sku}`);
  await reach('key-photo-slot-shelf-1-1');
  await expect(window.getByTestId('action-take-photo')).toBeHidden();
  await shoot('action-take-empty', '完成');
  await expect(window.getByTestId('shelf-picture')).toBeVisible();
  const count = window.getByTestId('photo-count');

  await shoot('action-take-photo', '里面没有商品');
  await expect(count).toContainText('还没有照片');
  show(true);
  await expect(async () => {
    await shoot('action-take-photo', '完成');
  }).toPass({ timeout: 60_000 });
  await expect(count).toContainText('1 张');
  await expect(window.getByTestId('photo-step')).toContainText('背面');
  await shoot('action-take-photo', '完成');
  await expect(count).toContainText('2 张');

  runFilm(harness.cameraFile, blackPicture(), true);
  await expect(async () => {
    await shoot('action-take-photo', '全黑');
  }).toPass({ timeout: 60_000 });

  await reach('action-undo-photo');
  await expect(window.getByTestId('last-act')).toContainText('完成');
  const kept = /^(\d+) 张/.exec((await count.textContent()) ?? '')?.[1];
  await reach('action-photo-done');
  await expect(window.getByTestId(`key-photo-${sku}`)).toContainText(`${kept} 张`);
  await expect(window.getByTestId('action-undo-photo')).toBeVisible();
});

test('with the session the camera goes off', async () => {
  await harness.screen.tap('action-leave');
  await harness.screen.waitScreen('attract');
  const views = () =>
    harness.app?.evaluate(
      ({ webContents }) =>
        webContents.getAllWebContents().filter((one) => one.getURL().endsWith('/goods.html')).length,
    );
  await expect.poll(views).toBe(0);
});
