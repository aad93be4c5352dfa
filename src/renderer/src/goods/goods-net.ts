import runtimeWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import { readHead } from '../../../core/vision/head-file.ts';
import { describe } from '../../../core/vision/head.ts';
import { lookAt } from '../../../core/vision/look.ts';
import type { GoodsSeer } from '../../../core/vision/shelf-eye.ts';

/** The network and the head that ship, one thread; null: they are not here. */
export async function openGoodsNet(
  read: (path: string) => Promise<ArrayBuffer | null>,
): Promise<GoodsSeer | null> {
  const [network, head] = [await read('/models/goods-network.onnx'), await read('/models/goods-head.bin')];
  if (network === null || head === null) return null;
  const known = readHead(new Uint8Array(head));
  if (!known.ok) return null;
  ort.env.wasm.wasmPaths = { wasm: runtimeWasm };
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(network), {
    executionProviders: ['wasm'],
  });
  const run = async (planes: Float32Array, side: number): Promise<Record<string, Float32Array>> => {
    const results = await session.run({ picture: new ort.Tensor('float32', planes, [1, 3, side, side]) });
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  };
  return {
    headVersion: known.value.head.version,
    see: async (picture, region) => describe(known.value.head, await lookAt(picture, region, run)),
  };
}
