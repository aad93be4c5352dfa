import type { GalleryMessage, GoodsOrder, GoodsReport } from '../../../shared/model/goods-view.schema.ts';

/** To the worker. Pictures come to it as streams, past the document. */
export type ToGoodsWorker =
  | { readonly kind: 'gallery'; readonly gallery: GalleryMessage }
  | { readonly kind: 'order'; readonly order: GoodsOrder | null }
  | { readonly kind: 'camera'; readonly camera: string; readonly pictures: ReadableStream<VideoFrame> }
  | { readonly kind: 'gone'; readonly camera: string };

/** From it. */
export interface FromGoodsWorker {
  readonly nonce: string;
  readonly report: GoodsReport;
}
