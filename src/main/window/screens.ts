import { join } from 'node:path';
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import type { Display } from '../../shared/model/display.schema.ts';
import type { CameraOrder } from '../../shared/model/face-view.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { sendEvent } from '../ipc/register.ts';
import { RepeatedWarnings } from '../platform/repeated-warnings.ts';
import type { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import { openFaceView } from './face-view.ts';
import { FaceViewKeeper } from './face-view-keeper.ts';
import { openGoodsView } from './goods-view.ts';
import { GoodsViewKeeper, type GoodsViewKeeperOptions } from './goods-view-keeper.ts';
import { harden, sessionOf } from './hardening.ts';
import { openWindow, plainWindow } from './kiosk-window.ts';
import { documentUrls, serveRenderer } from './page-files.ts';
import { openPinView } from './pin-view.ts';
import { PinViewKeeper } from './pin-view-keeper.ts';
import { SeenTouch } from './seen-touch.ts';
import { onTouch } from './view-over-page.ts';

const callers = ['page', 'face', 'pin', 'goods'] as const;

export interface ScreensOptions {
  /** Where `preload` and `renderer` of the built app lie. */
  readonly appFolder: string;
  readonly windowSize: string | undefined;
  readonly pictures: Pick<GoodsPictureFiles, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the camera is to do now; null: it is off. */
  readonly cameraOrder: () => CameraOrder | null;
  /** The cameras inside: what they are to do now, and what is known of goods. */
  readonly shelf: Pick<GoodsViewKeeperOptions, 'order' | 'gallery' | 'onGone'>;
  /** The number pad has gone as nobody meant it to. */
  readonly onPadLost: () => void;
  /** A key that somebody or something types. No page sees any: one would press the button that was touched last. */
  readonly onKey: (input: Electron.Input) => void;
}

/**
 * What the person in front sees: the page in its window, and the face view or the PIN view that lies over it at times. And the
 * hidden view that looks at goods.
 */
export class Screens {
  #window: BrowserWindow;
  readonly faceView: FaceViewKeeper;
  readonly goodsView: GoodsViewKeeper;
  readonly pinView: PinViewKeeper;
  readonly #pageTouch: SeenTouch;
  #display: Display = { language: 'zh', largeText: false };
  #mayClose = false;
  #isServiceShown = false;

  constructor(options: ScreensOptions) {
    const { appFolder, clock, logger, cameraOrder, shelf } = options;
    const warnings = new RepeatedWarnings(clock, logger);
    this.#pageTouch = new SeenTouch(clock);
    harden(logger, warnings, {
      face: () => cameraOrder() !== null,
      goods: () => shelf.order() !== null,
    });
    const folder = join(appFolder, 'renderer');
    for (const caller of callers)
      serveRenderer({ session: sessionOf(caller), caller, folder, pictures: options.pictures, warnings });
    const preloadOf = (caller: IpcCaller): string => join(appFolder, 'preload', `${caller}.cjs`);
    const takeKeys = (contents: Electron.WebContents): void => {
      contents.on('before-input-event', (event, input) => {
        event.preventDefault();
        options.onKey(input);
      });
    };
    // Before the page, which tells it when it begins anew.
    this.pinView = new PinViewKeeper({
      clock,
      logger,
      display: () => this.#display,
      onLost: options.onPadLost,
      open: (gone) => {
        const view = openPinView({ window: this.#window, preload: preloadOf('pin'), logger, gone });
        if (view.contents !== null) takeKeys(view.contents);
        return view;
      },
    });
    const open = (): BrowserWindow => {
      const window = openWindow({ preload: preloadOf('page'), size: options.windowSize, clock, logger });
      takeKeys(window.webContents);
      onTouch(window.webContents, () => {
        this.#pageTouch.seen();
        this.faceView.pageTouched();
      });
      // A page that begins anew knows nothing of what it asked for: the pad over it ends, and says so.
      window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) this.pinView.lost('page navigates');
      });
      window.webContents.on('render-process-gone', () => {
        this.pinView.lost('page gone');
      });
      window.on('closed', () => {
        if (this.#mayClose || plainWindow(options.windowSize) !== null) return;
        logger.error('page.closed');
        this.faceView.stop();
        this.goodsView.stop();
        this.pinView.lost('page closed');
        this.#window = open();
      });
      return window;
    };
    this.#window = open();
    this.goodsView = new GoodsViewKeeper({
      logger,
      ...shelf,
      open: (gone) => {
        const view = openGoodsView({ preload: preloadOf('goods'), logger, gone });
        if (view.contents !== null) takeKeys(view.contents);
        return view;
      },
    });
    this.faceView = new FaceViewKeeper({
      clock,
      logger,
      cameraOrder,
      display: () => this.#display,
      open: (events) => {
        const view = openFaceView({ window: this.#window, preload: preloadOf('face'), logger, events });
        if (view.contents !== null) takeKeys(view.contents);
        return view;
      },
    });
  }

  /** Who has sent a message: only the main frame of the one document of the page, or of a view that is there now. */
  readonly callerOf = ({
    sender,
    senderFrame: frame,
  }: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): IpcCaller | null => {
    if (frame === null || frame.parent !== null) return null;
    const caller = callers.find((one) => sender === this.#contentsOf(one));
    return caller !== undefined && frame.url === documentUrls[caller] ? caller : null;
  };

  #contentsOf(caller: IpcCaller): Electron.WebContents | null {
    if (caller === 'page') return this.#window.webContents;
    return { face: this.faceView, pin: this.pinView, goods: this.goodsView }[caller].contents;
  }

  /** Whether a touch on the page has just been seen; it is used up. */
  takePageTouch(withinMs?: number): boolean {
    return this.#pageTouch.take(withinMs);
  }
  /** Whether somebody touches the page, as far as main itself has seen. */
  isPageTouched(): boolean {
    return this.#pageTouch.isFresh();
  }

  /** Ends the process of one of them; it is loaded anew as after any other end. */
  endCaller(caller: IpcCaller): void {
    const contents = this.#contentsOf(caller);
    if (contents?.isDestroyed() === false) contents.forcefullyCrashRenderer();
  }

  /**
   * The app ends: the window may close. Before that another one is opened in its place, for a script of the page can close
   * it; a plain window, of development, is closed by whoever sits there.
   */
  mayClose(): void {
    this.#mayClose = true;
  }

  /** Somebody has started the app again: what they want to see is this one. */
  toFront(): void {
    const window = this.#window;
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.moveTop();
    window.focus();
  }

  publish(snapshot: KioskSnapshot): void {
    sendEvent('page', this.#window.webContents, 'snapshot', snapshot);
    this.faceView.update(snapshot);
    this.pinView.snapshotChanged(snapshot);
  }

  /** Service mode is not as it was: what the page draws of it (null: closed), and what is asked for over it (null: nothing). */
  publishService(view: ServiceView | null, pad: PinPad | null): void {
    const isShown = view !== null || pad !== null;
    if (!isShown && !this.#isServiceShown) return;
    this.#isServiceShown = isShown;
    // First, so that no touch gets to the page in between.
    if (pad !== null) this.pinView.update(pad);
    sendEvent('page', this.#window.webContents, 'service', view);
    if (pad === null) this.pinView.update(null);
  }

  /** The page was loaded, perhaps anew: it goes on in the language and size that the views have. */
  pageLoaded(): void {
    sendEvent('page', this.#window.webContents, 'display', this.#display);
  }

  /** One of them shows another language or size: the others follow. */
  setDisplay(by: IpcCaller, display: Display): void {
    this.#display = display;
    if (by !== 'page') sendEvent('page', this.#window.webContents, 'display', display);
    if (by !== 'face') this.faceView.displayChanged(display);
    if (by !== 'pin') this.pinView.displayChanged(display);
  }
}
