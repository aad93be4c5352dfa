import { expect, test, vi } from 'vitest';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';

const toPage: { name: string; payload: unknown }[] = [];
const toFace: { name: string; payload: unknown }[] = [];
vi.mock('electron', () => ({}));
vi.mock('../ipc/register.ts', () => ({
  done: { ok: true, value: null },
  sendEvent: (_to: string, _contents: unknown, name: string, payload: unknown) =>
    toPage.push({ name, payload }),
}));
vi.mock('./face-view.ts', () => ({
  openFaceView: () => ({
    contents: null,
    send: (name: string, payload: unknown) => toFace.push({ name, payload }),
    ...{ show: () => undefined, hide: () => undefined, close: () => undefined },
  }),
}));
vi.mock('./hardening.ts', () => ({ harden: () => undefined, sessionOf: () => ({}) }));
vi.mock('./page-files.ts', () => ({ documentUrls: {}, serveRenderer: () => undefined }));
vi.mock('./kiosk-window.ts', () => ({
  plainWindow: () => null,
  openWindow: () => ({ webContents: { on: () => undefined }, on: () => undefined }),
}));

test('after the page was loaded anew, page and face view speak the same language', async () => {
  const { Screens } = await import('./screens.ts');
  const { kioskHandlers } = await import('../ipc/kiosk-handlers.ts');
  const { FakeClock } = await import('../../shared/clock.ts');
  const { silentLogger } = await import('../../shared/util/logger.ts');
  const screens = new Screens({
    pictures: { read: () => Promise.resolve(null) },
    appFolder: '/',
    windowSize: undefined,
    clock: new FakeClock(),
    logger: silentLogger,
    cameraOrder: () => null,
    shelf: { order: () => null, gallery: () => null, onGone: () => undefined },
    onPadLost: () => undefined,
    onKey: () => undefined,
  });
  const attract = { seq: 1, visit: { screen: 'attract' }, faceOff: null } as unknown as KioskSnapshot;
  const handlers = kioskHandlers(
    { faces: null, visitLoop: {}, snapshots: { current: () => attract } } as never,
    screens,
  );
  const call = (name: string, payload: unknown): unknown =>
    (handlers as never as Record<string, (p: unknown, c: string) => unknown>)[name]?.(payload, 'page');
  // The shopper wants English and large text; then the page's process ends, and it is loaded anew.
  call('display.set', { language: 'en', largeText: true });
  toPage.length = 0;
  call('visit.getSnapshot', {});
  const page = toPage.findLast(({ name }) => name === 'display')?.payload;
  expect(page).toEqual({ language: 'en', largeText: true });
  screens.publish({
    ...attract,
    ...{ seq: 2, visit: { screen: 'face', purpose: 'visit', face: { phase: 'notice' } } },
  } as unknown as KioskSnapshot);
  screens.faceView.loaded();
  expect(toFace.findLast(({ name }) => name === 'display')?.payload).toEqual(page);
});
