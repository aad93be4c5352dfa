import type { WebContents } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import type { IpcEventName, IpcEventPayload } from '../../shared/ipc/table.schema.ts';
import type { Display } from '../../shared/model/display.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** A view that has not said so long after it was opened that it draws is taken for dead: it lies over everything. */
export const pinViewLoadMaxMs = 10_000;

/** One PIN view, as its keeper uses it: over the page from the moment it is opened, so that no touch gets to the page. */
export interface PinView {
  readonly contents: WebContents | null;
  send<N extends IpcEventName<'pin'>>(name: N, payload: IpcEventPayload<'pin', N>): void;
  /** Ends its process, and with it whatever was typed. */
  close(): void;
}

export interface PinViewKeeperOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly open: (gone: (why: string) => void) => PinView;
  readonly display: () => Display;
  /** It has died, or what lies below it: nobody comes in by it. */
  readonly onLost: () => void;
}

/**
 * When there is a PIN view: exactly while main asks for something (`ServiceController.padView`), a fresh one for each pad. What
 * was typed at one is gone with it.
 */
export class PinViewKeeper {
  readonly #o: PinViewKeeperOptions;
  #view: PinView | null = null;
  #pad: PinPad | null = null;
  #cancelLoad: () => void = () => undefined;

  constructor(options: PinViewKeeperOptions) {
    this.#o = options;
  }

  /** The PIN view that is there now, whose word counts; null: none. */
  get contents(): WebContents | null {
    return this.#view?.contents ?? null;
  }

  /** Call with each change of what is asked for; null: nothing. */
  update(pad: PinPad | null): void {
    if (pad?.padId !== this.#pad?.padId) this.#close();
    this.#pad = pad;
    if (pad === null) return;
    if (this.#view === null) this.#open();
    else this.#view.send('pad', pad);
  }

  displayChanged(display: Display): void {
    this.#view?.send('display', display);
  }
  snapshotChanged(snapshot: KioskSnapshot): void {
    this.#view?.send('snapshot', snapshot);
  }

  /** The view has loaded and asks for all that it needs. */
  loaded(): void {
    this.#cancelLoad();
    this.#view?.send('display', this.#o.display());
    if (this.#pad !== null) this.#view?.send('pad', this.#pad);
  }

  /** It has died, or the page below it has (been loaded anew): it is closed, and said to have been. */
  lost(why: string): void {
    if (this.#view === null) return;
    this.#o.logger.error('pin_view.lost', { why });
    this.#close();
    this.#o.onLost();
  }

  stop(): void {
    this.#pad = null;
    this.#close();
  }

  #open(): void {
    const view = this.#o.open((why) => {
      if (this.#view === view) this.lost(why);
    });
    this.#view = view;
    this.#cancelLoad = this.#o.clock.after(pinViewLoadMaxMs, () => {
      if (this.#view === view) this.lost('not loaded');
    });
  }

  #close(): void {
    this.#cancelLoad();
    const view = this.#view;
    this.#view = null;
    view?.close();
  }
}
