import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor, env } from 'onnxruntime-web';
import sharp from 'sharp';
import { goodsLayers } from '../../build/goods-model/goods-model.ts';
import { colourDescriptor } from '../../src/core/vision/colour.ts';
import { type Look, type Views, networkLook } from '../../src/core/vision/head.ts';
import {
  type Picture,
  type Region,
  networkInput,
  resampled,
  viewsOf,
} from '../../src/core/vision/picture.ts';

/** A crop is looked at in these sizes, in pixels: shapes by the network, colours at the larger one. */
export const networkSide = 160;
export const colourSide = 192;

/** Looks at crops as the product does, one thread. */
export class GoodsNetwork {
  readonly #session: InferenceSession;
  readonly millisecondsPerCrop: number[] = [];

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(model: Uint8Array): Promise<GoodsNetwork> {
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    return new GoodsNetwork(await InferenceSession.create(model, { executionProviders: ['wasm'] }));
  }

  async look(picture: Picture, region: Region): Promise<Views> {
    const startMs = performance.now();
    const views: Look[] = [];
    for (const view of viewsOf(region)) views.push(await this.#look(picture, view));
    this.millisecondsPerCrop.push(performance.now() - startMs);
    return views;
  }

  async #look(picture: Picture, region: Region): Promise<Look> {
    const small = networkInput(resampled(picture, region, networkSide, networkSide));
    const layers = await this.#session.run({
      picture: new Tensor('float32', small, [1, 3, networkSide, networkSide]),
    });
    const network = networkLook(goodsLayers.map((name) => layers[name]?.data as Float32Array));
    const colour = colourDescriptor(resampled(picture, region, colourSide, colourSide));
    return { network, colour };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** A file as a picture; null when it cannot be read as one. */
export async function decode(path: string): Promise<Picture | null> {
  try {
    const { data, info } = await sharp(await readFile(path), { failOn: 'error' })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, rgb: data };
    return null;
  } catch {
    return null;
  }
}
