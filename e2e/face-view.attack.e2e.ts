import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { NoPackages } from '../src/simulator/debian.ts';
import { FilmStudio } from '../src/simulator/run/camera-film.ts';
import { portraitFile, portraitShots } from '../src/simulator/run/portrait.ts';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';
import { type PageAnswer, sendAsPageOf } from './fixtures/send-as-page.ts';

/**
 * The attacker owns the page: runs any script in it and sends any message from its process. The camera, what it sees, and
 * consent must stay out of reach. A film (a drawing where there is no portrait) is the camera: Chromium's switch that
 * answers permission questions by itself is not used, so the handlers of the product answer.
 */
test.describe.configure({ mode: 'serial' });

let harness: AppHarness;

const sendAsPage = (path: string, payload: unknown): Promise<PageAnswer> =>
  sendAsPageOf(harness, path, payload);

const report = {
  ...{ problems: [], faceCount: 1, liveness: 0.99 },
  face: {
    ...{ box: { x: 200, y: 100, width: 200, height: 240 }, score: 0.99, eyeDistancePx: 80, yaw: 0 },
    ...{ rollDegrees: 0, sharpness: 90, brightness: 120, eyeOpenness: 0.3 },
  },
  descriptor: { model: 'fr-feature-512', values: Array.from({ length: 512 }, (_, i) => Math.sin(i)) },
};
const consent = { do: 'agree', consentVersion: '2026-11-25', agreed: true, fourteenOrOlder: true };

/** What the page gets when it asks for the camera itself. */
function askForCamera(): Promise<string> {
  return harness.screen.window.evaluate(async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      return `live: ${stream.getVideoTracks()[0]?.readyState ?? ''}`;
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    }
  });
}
const lineCount = (event: string): number =>
  readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8').split(event).length - 1;

test.beforeAll(async () => {
  const studio = await FilmStudio.open();
  harness = await AppHarness.open({ cameraFile: true });
  try {
    await studio.film(harness.cameraFile, portraitShots(portraitFile(() => undefined)), 12);
  } catch (error) {
    if (!(error instanceof NoPackages)) throw error;
    const scene = [0.5, 0.8].map((light) => ({ layers: [], light }));
    await studio.film(harness.cameraFile, scene, 12);
  }
  await studio.close();
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

test('the page is never given the camera: not before, during or after an order', async () => {
  expect(await askForCamera()).toBe('NotAllowedError');
  await harness.journeys.chooseFace();
  await harness.screen.find('live-picture');
  expect(await askForCamera()).toBe('NotAllowedError');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
  expect(await askForCamera()).toBe('NotAllowedError');
});

test('the page has no model, no face worker and no word of an order', async () => {
  await harness.journeys.chooseFace();
  await harness.screen.find('live-picture');
  const snapshot = JSON.stringify(await harness.screen.window.evaluate('window.kiosk.visit.getSnapshot({})'));
  expect(snapshot).toContain('"phase":"looking"');
  expect(snapshot).not.toMatch(/nonce|embedder/);
  const statuses = await harness.app?.evaluate(async ({ BrowserWindow }) => {
    const session = BrowserWindow.getAllWindows()[0]?.webContents.session;
    const paths = ['models/fr_feature.onnx', 'workers/x.js', 'face.html', 'index.html'];
    return Promise.all(
      paths.map(async (path) => (await session?.fetch(`app://kaimen/${path}`))?.status ?? 0),
    );
  });
  expect(statuses).toEqual([404, 404, 404, 200]);
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
});

test('forged frames, states, digits, starts and consent from the page are refused and logged', async () => {
  await harness.journeys.chooseFace();
  await harness.screen.find('live-picture');
  const before = lineCount('ipc.forbidden');
  const nonce = 'A'.repeat(22);
  const answers = [
    await sendAsPage('face.frame', { nonce, report }),
    await sendAsPage('face.cameraState', { nonce, state: 'live' }),
    await sendAsPage('face.act', { do: 'digits', digits: '0217' }),
    await sendAsPage('face.act', { do: 'start' }),
    await sendAsPage('face.agree', consent),
    await sendAsPage('face.getSnapshot', {}),
    await sendAsPage('face.drawn', { seq: 1 }),
  ];
  expect(answers.map(({ error }) => error?.code)).toEqual(answers.map(() => 'forbidden'));
  expect(lineCount('ipc.forbidden')).toBeGreaterThan(before);
  const stubs = await harness.screen.window.evaluate(() =>
    Object.keys((globalThis as unknown as { kiosk: object }).kiosk),
  );
  expect(stubs).not.toContain('face');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
});

test('consent and the start of the camera need a touch that main has seen', async () => {
  await harness.screen.tap('action-choose-face');
  await harness.screen.waitScreen('face');
  // Longer than a touch counts: nobody touches the notice.
  await harness.screen.faceView.waitForTimeout(1_200);
  const scripted = await harness.screen.faceView.evaluate(
    'window.kiosk.face.act({ do: "start" }).then((r) => r.error?.code)',
  );
  expect(scripted).toBe('forbidden');
  // A press by script is no touch either.
  await harness.screen.faceView.evaluate(() => {
    document.querySelector<HTMLElement>('[data-testid="action-start-face"]')?.click();
  });
  expect((await harness.screen.currentFacePhase())?.phase).toBe('notice');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');

  await harness.journeys.openAccount('M1001', 'enrol');
  expect((await sendAsPage('account.act', consent)).error?.code).toBe('bad_request');
  await harness.screen.tap('action-enrol');
  await harness.screen.find('action-agree');
  await harness.screen.faceView.waitForTimeout(1_200);
  const agreed = await harness.screen.faceView.evaluate(
    `window.kiosk.face.agree(${JSON.stringify(consent)}).then((r) => r.error?.code)`,
  );
  expect(agreed).toBe('forbidden');
  expect((await harness.screen.currentFacePhase())?.phase).toBe('consent');
  await harness.screen.tap('action-menu');
  await harness.screen.waitFacePhase('menu');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
});

test('after the order nothing of the camera lives on, cloned or not, and none is given again', async () => {
  await harness.journeys.chooseFace();
  await harness.screen.find('live-picture');
  const { faceView } = harness.screen;
  // The worst case: even the face view's own page keeps a clone of its track.
  const state = await faceView.evaluate(async () => {
    const clone = (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks()[0]?.clone();
    Object.assign(globalThis, { clone });
    return clone?.readyState;
  });
  expect(state).toBe('live');
  const gone = faceView.waitForEvent('close');
  await harness.screen.waitFacePhase('ended');
  // Its process ends with the order, and every track with it.
  await gone;
  const fresh = await until('a fresh face view', () =>
    Promise.resolve(harness.app?.windows().find((page) => page.url().endsWith('/face.html'))),
  );
  const asked = await fresh.evaluate(() =>
    navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'given',
      (error: unknown) => (error instanceof Error ? error.name : ''),
    ),
  );
  expect(asked).toBe('NotAllowedError');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
  await until('no face view is left', () =>
    Promise.resolve(!harness.app?.windows().some((page) => page.url().endsWith('/face.html'))),
  );
});

test('both run sandboxed and isolated, in sessions of their own that are only in memory', async () => {
  await harness.screen.tap('action-choose-face');
  await harness.screen.waitScreen('face');
  const seen = await harness.app?.evaluate(({ webContents, session }) => {
    const all = webContents.getAllWebContents().filter((one) => one.getURL().startsWith('app://'));
    return {
      preferences: all.map((one) => {
        const { sandbox, contextIsolation, nodeIntegration, webSecurity } = (
          one as unknown as { getLastWebPreferences(): Record<string, unknown> }
        ).getLastWebPreferences();
        return { sandbox, contextIsolation, nodeIntegration, webSecurity };
      }),
      kept: all.map((one) => one.session.isPersistent()),
      same: new Set([...all.map((one) => one.session), session.defaultSession]).size,
    };
  });
  const safe = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true };
  expect(seen).toEqual({ preferences: [safe, safe], kept: [false, false], same: 3 });
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
});
