import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import type { IpcCallPath, IpcErrorCode } from '../../src/shared/ipc/table.schema.ts';
import { isFaceViewScreen } from '../../src/shared/model/face-screens.ts';
import type { PinPad } from '../../src/shared/model/pin-pad.schema.ts';
import type { ServiceView } from '../../src/shared/model/service.schema.ts';
import type { KioskSnapshot } from '../../src/shared/model/visit.schema.ts';
import { type SampleState, interludes } from '../fixtures/snapshots.ts';
import {
  type CaptureOrder,
  type Comparison,
  type Drawer,
  type GalleryTools,
  type SheetOrder,
  installTools,
  type ViewDrawer,
  openView,
  resizeWindow,
  showPad,
  showState,
} from './main-tools.ts';
import {
  type Language,
  type TextSize,
  chooseVariant,
  findCutOff,
  freezeClock,
  pressInPage,
  settlePage,
  waitForPainted,
} from './page-tools.ts';

const shapes = { portrait: [1080, 1920], landscape: [1920, 1080] } as const;
type Shape = keyof typeof shapes;
export type Theme = 'day' | 'night';
export interface Variant {
  readonly shape: Shape;
  readonly language: Language;
  readonly text: TextSize;
}
/** Every way in which a state is drawn, in the order of its sheet: portrait in the first row, landscape below. */
const variants: readonly Variant[] = (['portrait', 'landscape'] as const).flatMap((shape) =>
  (['zh', 'en'] as const).flatMap((language) =>
    (['normal', 'large'] as const).map((text) => ({ shape, language, text })),
  ),
);
/** Pictures in the first row of a sheet. */
export const sheetColumns = 4;

/** The hour of each theme; the date is that of the sample receipts. */
const nowMs: Readonly<Record<Theme, number>> = {
  day: Date.UTC(2026, 10, 22, 4, 0),
  night: Date.UTC(2026, 10, 22, 15, 0),
};
const timeZone = 'Asia/Shanghai';
/** Only against hanging: a busy machine needs long. */
const timeoutMs = 120_000;
/**
 * No graphics card, whose drivers differ; and whatever has changed is drawn whole: a part drawn into what stood there
 * leaves other pixels at the edges of letters and of round buttons, depending on what stood there.
 */
const sameAlways = ['--disable-gpu', '--disable-partial-raster'];
const failingCalls: [IpcCallPath, IpcErrorCode][] = [
  ['visit.confirmBasket', 'stale'],
  ['visit.chooseCode', 'internal'],
];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface GalleryOptions {
  /** Folder of the built app. */
  readonly appDir: string;
  readonly theme: Theme;
  /** A channel of a pixel may differ by this (of 255) and still be the same. */
  readonly channelTolerance: number;
}

/**
 * One running app whose state is put in by hand: its own window, page, views over it, preload scripts and policies, and nothing
 * else. Page and views are loaded once; states, language and text size are swapped in the one that draws them.
 */
export class GalleryWindow {
  readonly #app: ElectronApplication;
  readonly #pages: Readonly<Record<Drawer, Page>>;
  readonly #dataDir: string;
  #seq = 1;
  #shape: Shape = 'portrait';
  #screen = '';
  #by: Drawer = 'page';
  #isService = false;
  #padId = 0;

  private constructor(app: ElectronApplication, pages: Readonly<Record<Drawer, Page>>, dataDir: string) {
    this.#app = app;
    this.#pages = pages;
    this.#dataDir = dataDir;
  }

  /** Needs KAIMEN_ELECTRON and a display, as `build/run.mjs` gives them. */
  static async open({ appDir, theme, channelTolerance }: GalleryOptions): Promise<GalleryWindow> {
    const executablePath = process.env['KAIMEN_ELECTRON'];
    if (executablePath === undefined) throw new Error('KAIMEN_ELECTRON is not set: use npm run screens');
    const dataDir = await mkdtemp(join(tmpdir(), 'kaimen-screens-'));
    // Settings that cannot be read: the app is out of service, whatever is drawn.
    await writeFile(join(dataDir, 'config.json'), 'not a setting');
    const size = shapes.portrait.join('x');
    const app = await _electron.launch({
      executablePath,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...sameAlways, appDir],
      env: {
        ...(process.env as Record<string, string>),
        KAIMEN_DATA_DIR: dataDir,
        KAIMEN_WINDOW: size,
        TZ: timeZone,
      },
      timeout: timeoutMs,
    });
    const page = await app.firstWindow({ timeout: timeoutMs });
    page.setDefaultTimeout(timeoutMs);
    const isStarted = (): Promise<void> => page.getByTestId('screen-out_of_service').waitFor();
    await isStarted();
    await page.context().addInitScript(freezeClock, nowMs[theme]);
    await page.reload();
    await isStarted();
    const open = async (drawer: ViewDrawer): Promise<Page> => {
      const opened = app.waitForEvent('window', { timeout: timeoutMs });
      await app.evaluate(openView, { preload: join(appDir, `out/preload/${drawer}.cjs`), drawer });
      const view = await opened;
      view.setDefaultTimeout(timeoutMs);
      return view;
    };
    const [face, pin] = [await open('face'), await open('pin')];
    for (const one of [page, face, pin]) await one.evaluate(axeSource);
    await app.evaluate(installTools, channelTolerance);
    const opened = new GalleryWindow(app, { page, face, pin }, dataDir);
    await opened.#refuseSome();
    return opened;
  }

  async close(): Promise<void> {
    await this.#app.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Draws the state in every variant, in the order of the sheet; each stands still on screen while it is yielded. */
  async *drawn(state: SampleState): AsyncGenerator<Variant> {
    let shape: Shape | null = null;
    for (const variant of variants) {
      if (variant.shape !== shape) await this.#show(state, variant.shape);
      ({ shape } = variant);
      const { language, text } = variant;
      await this.#page.evaluate(chooseVariant, { language, text });
      await this.#page.evaluate(settlePage, timeoutMs);
      yield variant;
    }
  }

  /** Where the state on screen is drawn. */
  get #page(): Page {
    return this.#pages[this.#by];
  }

  async cutOff(): Promise<string[]> {
    return this.#page.evaluate(findCutOff);
  }

  /** What axe-core finds wrong for people with bad eyes or big fingers. */
  async violations(): Promise<string[]> {
    return this.#page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
      const { violations } = await axe.run({ resultTypes: ['violations'] });
      return violations.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 120) ?? ''}`);
    });
  }

  async capture(order: Omit<CaptureOrder, 'by'>): Promise<Comparison> {
    return this.#app.evaluate(
      (_electronModule, o) =>
        (globalThis as unknown as { galleryTools: GalleryTools }).galleryTools.capture(o),
      { ...order, by: this.#by },
    );
  }

  /** Puts all that was captured since the last sheet side by side into one file. */
  async writeSheet(order: SheetOrder): Promise<void> {
    await this.#app.evaluate((_electronModule, o) => {
      (globalThis as unknown as { galleryTools: GalleryTools }).galleryTools.writeSheet(o);
    }, order);
  }

  /** Puts a state on screen in that shape, as if the shopper had just come to it. */
  async #show(state: SampleState, shape: Shape): Promise<void> {
    await this.#resize(shape);
    if (this.#isService) await this.#sendService(null);
    await this.#sendPad(null);
    // A screen keeps what it has: another one in between makes it anew.
    const { screen } = state.snapshot.visit;
    if (screen === this.#screen)
      await this.#send(screen === 'recovering' ? interludes.outOfService : interludes.recovering);
    if (state.before !== undefined) {
      await this.#send(state.before);
      await this.#page.evaluate(settlePage, timeoutMs);
    }
    await this.#send(state.snapshot);
    this.#screen = screen;
    await this.#sendService(state.service ?? null);
    await this.#sendPad(state.pad ?? null);
    for (const testId of state.taps ?? []) {
      await this.#page.getByTestId(testId).waitFor();
      await this.#page.evaluate(pressInPage, testId);
    }
  }

  async #resize(shape: Shape): Promise<void> {
    if (shape === this.#shape) return;
    this.#shape = shape;
    const [width, height] = shapes[shape];
    await this.#app.evaluate(resizeWindow, [width, height] as const);
  }

  /** What is not to be seen is not laid out anew: so this is asked of who draws, once it does. */
  async #isResized(): Promise<void> {
    await this.#page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, shapes[this.#shape]);
  }

  async #send(snapshot: KioskSnapshot): Promise<void> {
    this.#seq++;
    this.#by = isFaceViewScreen(snapshot.visit) ? 'face' : 'page';
    await this.#app.evaluate(showState, { state: { ...snapshot, seq: this.#seq }, by: this.#by });
    await this.#isResized();
    await this.#page.evaluate(waitForPainted, { seq: this.#seq, timeoutMs });
    await this.#page.getByTestId(`screen-${snapshot.visit.screen}`).waitFor();
  }

  async #sendService(view: ServiceView | null): Promise<void> {
    if (view === null && !this.#isService) return;
    this.#isService = view !== null;
    await this.#app.evaluate(({ BrowserWindow }, sent) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send('kiosk:service', sent);
    }, view);
    await this.#page.getByTestId(view === null ? `screen-${this.#screen}` : 'screen-service').waitFor();
  }

  async #sendPad(pad: PinPad | null): Promise<void> {
    if (pad === null && this.#by !== 'pin') return;
    await this.#app.evaluate(showPad, pad && { ...pad, padId: ++this.#padId });
    this.#by = pad === null ? 'page' : 'pin';
    if (pad === null) return;
    await this.#isResized();
    await this.#page.getByTestId('pad-value').waitFor();
  }

  /** Some calls fail here, so that the sentences about a touch that came to nothing can be drawn. */
  async #refuseSome(): Promise<void> {
    await this.#app.evaluate(({ ipcMain }, failing) => {
      for (const [path, code] of failing) {
        ipcMain.removeHandler(`kiosk:${path}`);
        ipcMain.handle(`kiosk:${path}`, () => ({ ok: false, error: { code, message: 'refused' } }));
      }
    }, failingCalls);
  }
}
