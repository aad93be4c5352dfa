import { systemClock } from '../../../shared/clock.ts';
import type { GoodsViewApi } from '../../../shared/ipc/table.schema.ts';
import type { GoodsOrder } from '../../../shared/model/goods-view.schema.ts';
import { Camera } from '../camera/camera.ts';
import type { FromGoodsWorker, ToGoodsWorker } from './worker-protocol.ts';

/** Chromium's own: the pictures of a track as a stream, without an element that would have to be seen. */
declare const MediaStreamTrackProcessor: new (options: {
  readonly track: MediaStreamTrack;
  readonly maxBufferSize: number;
}) => { readonly readable: ReadableStream<VideoFrame> };

/** Enough for a package of 100 pixels; no more of them than are looked at. */
const pictureSize = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 10 } };

/** Made by this view's own preload script; the only link to the rest of the app. */
const api = window.kiosk as unknown as GoodsViewApi;
const worker = new Worker(new URL('./goods-worker.ts', import.meta.url), { type: 'module', name: 'goods' });
const cameras = new Map<string, Camera>();
let order: GoodsOrder | null = null;

const tell = (message: ToGoodsWorker, transfer: Transferable[] = []): void => {
  worker.postMessage(message, transfer);
};
const say = ({ nonce, report }: FromGoodsWorker): void => void api.goods.report({ nonce, report });

worker.onmessage = ({ data }: MessageEvent<FromGoodsWorker>) => {
  say(data);
};
worker.onerror = () => {
  // Without it nothing is looked at: main opens another view.
  for (const { camera } of order?.cameras ?? [])
    say({ nonce: order?.nonce ?? '', report: { kind: 'camera', camera: camera.id, trouble: 'off' } });
};

/** Opens each camera of the order, once. */
function open(camera: GoodsOrder['cameras'][number]['camera']): void {
  if (cameras.has(camera.id)) return;
  const report = (trouble: 'missing' | 'busy' | 'denied' | null): void => {
    if (order !== null) say({ nonce: order.nonce, report: { kind: 'camera', camera: camera.id, trouble } });
  };
  const opened = new Camera(navigator.mediaDevices, systemClock, pictureSize, {
    stream: (stream) => {
      const [track] = stream?.getVideoTracks() ?? [];
      if (track === undefined) {
        tell({ kind: 'gone', camera: camera.id });
        return;
      }
      const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
      tell({ kind: 'camera', camera: camera.id, pictures: readable }, [readable]);
      report(null);
    },
    trouble: (why) => {
      tell({ kind: 'gone', camera: camera.id });
      report(why);
    },
  });
  cameras.set(camera.id, opened);
  opened.open(camera.camera);
}

api.on('gallery', (gallery) => {
  tell({ kind: 'gallery', gallery });
});
api.on('order', (next) => {
  order = next;
  for (const { camera } of next?.cameras ?? []) open(camera);
  if (next === null) {
    for (const camera of cameras.values()) camera.close();
    cameras.clear();
  }
  tell({ kind: 'order', order: next });
});
void api.goods.loaded({});
