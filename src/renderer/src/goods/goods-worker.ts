import { type Gallery, galleryFrom } from '../../../core/vision/gallery.ts';
import { type GoodsSeer, ShelfEye } from '../../../core/vision/shelf-eye.ts';
import { systemClock } from '../../../shared/clock.ts';
import { CameraPictures, base64Of, bytesOf, jpegOf } from './camera-pictures.ts';
import { openGoodsNet } from './goods-net.ts';
import type { FromGoodsWorker, ToGoodsWorker } from './worker-protocol.ts';

/** Entry of the goods worker: pictures of the cameras inside in, numbers and small masked pictures out. */
const scope = globalThis as unknown as {
  postMessage(message: FromGoodsWorker): void;
  onmessage: ((event: MessageEvent<ToGoodsWorker>) => void) | null;
};

const cameras = new Map<string, CameraPictures>();
/** Cameras that are asked before they are open. */
const awaited = new Map<string, () => void>();
const openMs = 6_000;
let gallery: Gallery | null = null;
let net: Promise<GoodsSeer | null> | null = null;

async function readOwnFile(path: string): Promise<ArrayBuffer | null> {
  const answer = await fetch(path);
  return answer.ok ? answer.arrayBuffer() : null;
}

/** It may be asked for a picture while the camera still starts. */
async function opened(camera: string): Promise<CameraPictures | null> {
  if (!cameras.has(camera))
    await new Promise<void>((resolve) => {
      awaited.set(camera, resolve);
      setTimeout(resolve, openMs);
    });
  awaited.delete(camera);
  return cameras.get(camera) ?? null;
}

const eye = new ShelfEye({
  clock: systemClock,
  grab: async (camera) => (await (await opened(camera))?.next()) ?? null,
  seer: () => (net ??= openGoodsNet(readOwnFile).catch(() => null)),
  gallery: () => gallery,
  jpegOf,
  base64Of,
  pictureOf: ({ width, height, grey }) => {
    const rgb = new Uint8Array(3 * width * height);
    for (const [i, value] of bytesOf(grey)
      .subarray(0, width * height)
      .entries())
      rgb.fill(value, 3 * i, 3 * i + 3);
    return { width, height, rgb };
  },
  say: (nonce, report) => {
    scope.postMessage({ nonce, report });
  },
});

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case 'gallery':
      gallery = galleryFrom(data.gallery, (text) => new Float32Array(bytesOf(text).slice().buffer));
      break;
    case 'order':
      eye.setOrder(data.order);
      break;
    case 'camera':
      cameras.get(data.camera)?.close();
      cameras.set(data.camera, new CameraPictures(data.pictures));
      awaited.get(data.camera)?.();
      break;
    case 'gone':
      cameras.get(data.camera)?.close();
      cameras.delete(data.camera);
      awaited.get(data.camera)?.();
      break;
  }
};
