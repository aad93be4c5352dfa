import type { GalleryMessage, GoodsOrder } from '../../shared/model/goods-view.schema.ts';
import type { Listeners } from '../../shared/util/listeners.ts';
import type { ShelfCameras } from './shelf-cameras.ts';

/** What the hidden view that looks at goods is told, and what it says: for the visit, or for whoever works at the cabinet. */
export interface GoodsEyes {
  /** What the cameras are to do now; null: they are off. */
  order(): GoodsOrder | null;
  gallery(): GalleryMessage | null;
  report: ShelfCameras['report'];
  viewGone(): void;
  /** There is another order, or none. */
  readonly changed: Listeners;
}
