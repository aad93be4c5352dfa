import { join } from 'node:path';
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import type { Display } from '../../shared/model/display.schema.ts';
import type { CameraOrder } from '../../shared/model/face-view.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { sendEvent } from '../ipc/register.ts';
import { RepeatedWarnings } from '../platform/repeated-warnings.ts';
import type { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import { onTouch, openFaceView } from './face-view.ts';
import { FaceViewKeeper } from './face-view-keeper.ts';
import { openGoodsView } from './goods-view.ts';
import { GoodsViewKeeper, type GoodsViewKeeperOptions } from './goods-view-keeper.ts';
import { harden, sessionOf } from './hardening.ts';
import { openWindow, plainWindow } from './kiosk-window.ts';
import { documentUrls, serveRenderer } from './page-files.ts';

const callers = ['page', 'face', 'goods'] as const;

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
  /** A key that somebody or something types. No page sees any: one would press the button that was touched last. */
  readonly onKey: (input: Electron.Input) => void;
}

/**
 * What the person in front sees: the page in its window, and the face view that lies over it at times. And the hidden view that
 * looks at goods.
 */
export class Screens {
  #window: BrowserWindow;
  readonly faceView: FaceViewKeeper;
  readonly goodsView: GoodsViewKeeper;
  #display: Display = { language: 'zh', largeText: false };
  #mayClose = false;

  constructor(options: ScreensOptions) {
    const { appFolder, clock, logger, cameraOrder, shelf } = options;
    const warnings = new RepeatedWarnings(clock, logger);
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
    const open = (): BrowserWindow => {
      const window = openWindow({ preload: preloadOf('page'), size: options.windowSize, clock, logger });
      takeKeys(window.webContents);
      onTouch(window.webContents, () => {
        this.faceView.pageTouched();
      });
      window.on('closed', () => {
        if (this.#mayClose || plainWindow(options.windowSize) !== null) return;
        logger.error('page.closed');
        this.faceView.stop();
        this.goodsView.stop();
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
    return caller === 'face' ? this.faceView.contents : this.goodsView.contents;
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
  }

  /** Service mode is not as it was; null: closed. */
  publishService(view: ServiceView | null): void {
    sendEvent('page', this.#window.webContents, 'service', view);
  }

  /** The page was loaded, perhaps anew: it goes on in the language and size that the face view has. */
  pageLoaded(): void {
    sendEvent('page', this.#window.webContents, 'display', this.#display);
  }

  /** One of the two shows another language or size: the other one follows. */
  setDisplay(by: IpcCaller, display: Display): void {
    this.#display = display;
    if (by === 'page') this.faceView.displayChanged(display);
    else sendEvent('page', this.#window.webContents, 'display', display);
  }
}
