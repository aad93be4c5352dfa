import type { WebContents } from 'electron';
import type { IpcEventName, IpcEventPayload } from '../../shared/ipc/table.schema.ts';
import type { GalleryMessage, GoodsOrder } from '../../shared/model/goods-view.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** A view that dies is opened again at most so often in one visit; then there are no pictures of it. */
export const goodsViewOpenMax = 3;

/** One view that looks at goods, as its keeper uses it. */
export interface GoodsView {
  readonly contents: WebContents | null;
  send<N extends IpcEventName<'goods'>>(name: N, payload: IpcEventPayload<'goods', N>): void;
  /** Ends its process, and with it whatever of a camera it holds. */
  close(): void;
}

export interface GoodsViewKeeperOptions {
  readonly logger: Logger;
  readonly open: (gone: (why: string) => void) => GoodsView;
  readonly order: () => GoodsOrder | null;
  readonly gallery: () => GalleryMessage | null;
  /** It has died. */
  readonly onGone: () => void;
}

/** There is a view for as long as an order for the cameras inside stands, a fresh one for each visit; at rest there is none. */
export class GoodsViewKeeper {
  readonly #o: GoodsViewKeeperOptions;
  #view: GoodsView | null = null;
  #nonce: string | null = null;
  #openCount = 0;

  constructor(options: GoodsViewKeeperOptions) {
    this.#o = options;
  }

  /** The view that is there now, whose word counts; null: none. */
  get contents(): WebContents | null {
    return this.#view?.contents ?? null;
  }

  /** There is another order, or none. */
  orderChanged(): void {
    const order = this.#o.order();
    if (order?.nonce !== this.#nonce) {
      this.#close();
      this.#openCount = 0;
    }
    this.#nonce = order?.nonce ?? null;
    if (order === null) return;
    if (this.#view === null) this.#open();
    else this.#view.send('order', order);
  }

  /** The view has loaded and asks for all that it needs. */
  loaded(): void {
    const gallery = this.#o.gallery();
    if (gallery !== null) this.#view?.send('gallery', gallery);
    this.#view?.send('order', this.#o.order());
  }

  stop(): void {
    this.#nonce = null;
    this.#close();
  }

  #open(): void {
    if (this.#openCount >= goodsViewOpenMax) return;
    this.#openCount++;
    const view = this.#o.open((why) => {
      if (this.#view !== view) return;
      this.#o.logger.error('goods_view.gone', { why });
      this.#close();
      this.#o.onGone();
      if (this.#o.order() !== null) this.#open();
    });
    this.#view = view;
  }

  #close(): void {
    const view = this.#view;
    this.#view = null;
    view?.close();
  }
}
