import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { sampleStates } from './fixtures/snapshots.ts';
import { GalleryWindow, sheetColumns } from './gallery/gallery-window.ts';

/**
 * Looks whether the screens look as they did: each state below is drawn in every variant, put together on one small
 * sheet, and compared with the sheet in e2e/sheets. A change that is meant is drawn anew and looked at:
 * `npm run e2e -- gallery --update-snapshots`. Every state in full size: `npm run screens`.
 */
const states = [
  'attract',
  'attract-simulated',
  'attract-offline',
  'attract-code-only',
  'attract-failed',
  'identifying',
  'identifying-scanner-only',
  'face-notice',
  'face-looking-hold',
  'face-digits-typed',
  'face-ended-not_recognised',
  'account-menu-enrolled',
  'account-consent-ticked',
  'account-capture',
  'account-records',
  'purchases-list',
  'purchases-one-collecting',
  'purchases-pay',
  'purchases-report',
  'authorising',
  'refused-network-unreachable',
  'unlocking-preparing',
  'unlocking-open-now',
  'shopping-empty',
  'shopping-three',
  'shopping-confirmed',
  'shopping-doubtful',
  'shopping-put-back',
  'shopping-worst-simulated',
  'checking-differs-all',
  'receipt-paid',
  'receipt-paid-held-part',
  'receipt-review-held',
  'receipt-dispute-marked',
  'nothing-not_opened',
  'recovering',
  'out-of-service-starting',
  'out-of-service-door_open_without_visit',
  'out-of-service-lock-timeout',
] as const;

/** A sheet has its pictures at this part of their size and in few colours, so that all of them stay small in git. */
const shrink = 15;
const colourSteps = 16;
const sheetBytesMax = 40 * 1024;
/** Another release of Chromium draws the edges of letters a little differently: so much counts as the same. */
const tolerance = { threshold: 0.1, maxDiffPixelRatio: 0.001 };

/** Only against hanging: the app starts, and draws eight pictures a test, as quickly as the machine lets it. */
const timeoutMs = 300_000;
test.describe.configure({ timeout: timeoutMs });

const project = fileURLToPath(new URL('..', import.meta.url));
let window: GalleryWindow;
let folder: string;

test.beforeAll(async () => {
  test.setTimeout(timeoutMs);
  folder = await mkdtemp(join(tmpdir(), 'kaimen-sheets-'));
  window = await GalleryWindow.open({ appDir: project, theme: 'day', channelTolerance: 0 });
});

test.afterAll(async () => {
  await window.close();
  await rm(folder, { recursive: true, force: true });
});

for (const name of states) {
  test(`${name} looks as before`, async () => {
    const state = sampleStates[name];
    if (state === undefined) throw new Error(`no such state: ${name}`);
    for await (const { shape, language, text } of window.drawn(state)) {
      await test.step(`${shape} ${language} ${text}`, async () => {
        await window.capture({ file: null, before: null, shrink });
      });
    }
    const file = join(folder, `${name}.png`);
    await window.writeSheet({ file, columns: sheetColumns, colourSteps });
    const sheet = await readFile(file);
    expect(sheet.length).toBeLessThanOrEqual(sheetBytesMax);
    expect(sheet).toMatchSnapshot(`${name}.png`, tolerance);
  });
}
