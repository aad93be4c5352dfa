import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor, env } from 'onnxruntime-web';
import sharp from 'sharp';
import type { Views } from '../../src/core/vision/head.ts';
import { goodsLayers, lookAt } from '../../src/core/vision/look.ts';
import type { Picture, Region } from '../../src/core/vision/picture.ts';

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
    const views = await lookAt(picture, region, async (planes, side) => {
      const layers = await this.#session.run({ picture: new Tensor('float32', planes, [1, 3, side, side]) });
      return Object.fromEntries(goodsLayers.map((name) => [name, layers[name]?.data as Float32Array]));
    });
    this.millisecondsPerCrop.push(performance.now() - startMs);
    return views;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** In pixels: of less nothing is seen, and more is no photograph of one article. */
const leastSide = 32;
const mostPixels = 64_000_000;

/** A file as a picture; null when it cannot be read as one, or is too small or too large to be one of goods. */
export async function decode(path: string): Promise<Picture | null> {
  try {
    const { data, info } = await sharp(await readFile(path), {
      failOn: 'error',
      limitInputPixels: mostPixels,
    })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3 || Math.min(info.width, info.height) < leastSide) return null;
    return { width: info.width, height: info.height, rgb: data };
  } catch {
    return null;
  }
}
