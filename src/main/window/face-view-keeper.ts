import type { WebContents } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import type { IpcEventName, IpcEventPayload } from '../../shared/ipc/table.schema.ts';
import type { Display } from '../../shared/model/display.schema.ts';
import { isFaceViewScreen } from '../../shared/model/face-screens.ts';
import type { CameraOrder } from '../../shared/model/face-view.schema.ts';
import type { KioskSnapshot, ScreenName } from '../../shared/model/visit.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { SeenTouch } from './seen-touch.ts';

export const faceViewLimits = {
  /** A view that a touch has warmed, and that nobody wanted then, ends after this. */
  unusedMs: 60_000,
  /** A view that dies is opened again at most so often in one visit; then the page says that the code is the way. */
  openMax: 5,
} as const;

/** One face view, as its keeper uses it. */
export interface FaceView {
  readonly contents: WebContents | null;
  send<N extends IpcEventName<'face'>>(name: N, payload: IpcEventPayload<'face', N>): void;
  /** Over the page. */
  show(): void;
  hide(): void;
  /** Ends its process, and with it whatever of a camera it holds. */
  close(): void;
}
export interface FaceViewEvents {
  readonly touched: () => void;
  readonly gone: (why: string) => void;
}

export interface FaceViewKeeperOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly open: (events: FaceViewEvents) => FaceView;
  readonly cameraOrder: () => CameraOrder | null;
  readonly display: () => Display;
}

/** From here a screen of the face view may follow soon. */
const mayFollowFrom: ReadonlySet<ScreenName> = new Set<ScreenName>([
  'identifying',
  'face',
  'account',
  'authorising',
  'refused',
]);

/**
 * When there is a face view, and what it has: opened and warmed at the first touch, over the page only while it draws what
 * is on screen, with the camera only while main has an order out. A view that has had the camera ends with the order, so
 * that no copy of its picture can outlive it; a fresh one takes its place where its screens go on. After the visit there
 * is none.
 */
export class FaceViewKeeper {
  readonly #options: FaceViewKeeperOptions;
  #view: FaceView | null = null;
  #snapshot: KioskSnapshot | null = null;
  #order: CameraOrder | null = null;
  /** Number of the snapshot from which on this view draws what is on screen; null: it does not. */
  #drawsSinceSeq: number | null = null;
  #openCount = 0;
  readonly #touch: SeenTouch;
  #cancelUnused: () => void = () => undefined;

  constructor(options: FaceViewKeeperOptions) {
    this.#options = options;
    this.#touch = new SeenTouch(options.clock);
  }

  /** The face view that is there now, whose word counts; null: none. */
  get contents(): WebContents | null {
    return this.#view?.contents ?? null;
  }

  /** Somebody has touched the page. */
  pageTouched(): void {
    const snapshot = this.#snapshot;
    if (snapshot?.visit.screen !== 'attract' || snapshot.faceOff !== null || this.#view !== null) return;
    this.#openView();
    this.#cancelUnused = this.#options.clock.after(faceViewLimits.unusedMs, () => {
      if (this.#snapshot?.visit.screen !== 'attract') return;
      this.#openCount = 0;
      this.#closeView();
    });
  }

  /** Call with each snapshot. */
  update(snapshot: KioskSnapshot): void {
    const before = this.#snapshot?.visit.screen;
    this.#snapshot = snapshot;
    const { screen } = snapshot.visit;
    const order = this.#options.cameraOrder();
    const isVisitOver = !mayFollowFrom.has(screen) && (screen !== 'attract' || before !== 'attract');
    // Not for another order in its place: the picture does not blink between the looks and their trial.
    if (isVisitOver || (this.#order !== null && order === null)) this.#closeView();
    if (isVisitOver) this.#openCount = 0;
    this.#order = order;
    if (isFaceViewScreen(snapshot.visit)) {
      if (this.#view === null) this.#openView();
      this.#drawsSinceSeq ??= snapshot.seq;
    } else {
      this.#drawsSinceSeq = null;
      this.#view?.hide();
    }
    this.#view?.send('snapshot', snapshot);
    this.#view?.send('camera', order);
  }

  displayChanged(display: Display): void {
    this.#view?.send('display', display);
  }

  /** The view has loaded and asks for all that it needs. */
  loaded(): void {
    this.#view?.send('display', this.#options.display());
    this.#view?.send('camera', this.#order);
  }

  /** The view has drawn that snapshot. */
  drawn(seq: number): void {
    if (this.#drawsSinceSeq !== null && seq >= this.#drawsSinceSeq) this.#view?.show();
  }

  /** Whether a touch on the view has just been seen. */
  takeTouch(): boolean {
    return this.#touch.take();
  }

  stop(): void {
    this.#snapshot = null;
    this.#closeView();
  }

  #openView(): void {
    if (this.#openCount >= faceViewLimits.openMax) return;
    this.#openCount++;
    const view = this.#options.open({
      touched: () => {
        if (this.#view === view) this.#touch.seen();
      },
      gone: (why) => {
        if (this.#view === view) this.#viewGone(why);
      },
    });
    this.#view = view;
  }

  #viewGone(why: string): void {
    this.#options.logger.error('face_view.gone', { why });
    this.#closeView();
    if (this.#snapshot !== null && isFaceViewScreen(this.#snapshot.visit)) this.update(this.#snapshot);
  }

  #closeView(): void {
    this.#cancelUnused();
    const view = this.#view;
    this.#view = null;
    this.#drawsSinceSeq = null;
    this.#touch.forget();
    view?.close();
  }
}
