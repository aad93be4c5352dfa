import { InferenceSession, Tensor, env } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { goodsModelFile, prepareModels, readModel } from '../bootstrap/models.mjs';
import { convertEarlyLayers, layerEnd } from './early-layers.ts';
import original from './original-runtime.json' with { type: 'json' };
import { halfToNumber, readTflite } from './tflite-file.ts';

const say = (text: string): void => void process.stderr.write(`[kaimen] ${text}\n`);
const source = prepareModels(say, [goodsModelFile()]) ? readModel(goodsModelFile()) : null;
if (source === null) say('SKIPPED: the network that looks at goods is not here and cannot be fetched');
const size = 300;
const tolerance = 1e-3;

/** A picture as the original runtime was given it: waves and steps, another in each channel. */
function drawn(): Float32Array {
  const values = new Float32Array(3 * size * size);
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const wave = Math.sin(x * 0.05 * (channel + 1) + y * 0.03) * 0.6;
        values[(channel * size + y) * size + x] = wave + (((x >> 5) + (y >> 4) + channel) % 3) * 0.25 - 0.3;
      }
  return values;
}

describe.skipIf(source === null)('convertEarlyLayers', () => {
  const tflite = source ?? new Uint8Array();
  const layers = Object.keys(original.layers) as (keyof typeof original.layers)[];

  it('gives what the original runtime gives', async () => {
    env.wasm.numThreads = 1;
    const network = await InferenceSession.create(convertEarlyLayers(tflite, layers), {
      executionProviders: ['wasm'],
    });
    const got = await network.run({ picture: new Tensor('float32', drawn(), [1, 3, size, size]) });
    for (const layer of layers) {
      const means = got[layer]?.data ?? [];
      expect(means.length).toBe(original.layers[layer].length);
      const worst = Math.max(
        ...original.layers[layer].map((expected, i) => Math.abs(Number(means[i]) - expected)),
      );
      expect(worst).toBeLessThan(tolerance);
    }
    await network.release();
  });

  it('takes only what the layers need', () => {
    const early = convertEarlyLayers(tflite, layers.slice(0, 1));
    expect(early.length).toBeLessThan(convertEarlyLayers(tflite, layers).length / 10);
  });

  it('says which layer the network has not', () => {
    expect(() => layerEnd(readTflite(tflite), 'expanded_conv_99')).toThrow('no layer expanded_conv_99');
  });

  it('refuses bytes that are no model', () => {
    expect(() => readTflite(new Uint8Array(64))).toThrow('not a TensorFlow Lite file');
  });
});

describe('halfToNumber', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x0001, 2 ** -24],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('reads %i', (half, value) => {
    expect(halfToNumber(half)).toBe(value);
  });
});
