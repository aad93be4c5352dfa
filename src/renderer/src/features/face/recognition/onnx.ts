import runtimeWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';

/** A network with one picture in and one vector out. */
export interface OnnxNet {
  /** Planes of a picture of `size`×`size` in, the raw output out. */
  run(planes: Float32Array): Promise<Float32Array>;
}

/** Makes a network of a verified file; one thread, as the other runtime in this worker. */
export async function openOnnx(bytes: ArrayBuffer, size: number): Promise<OnnxNet> {
  ort.env.wasm.wasmPaths = { wasm: runtimeWasm };
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(bytes), { executionProviders: ['wasm'] });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  if (input === undefined || output === undefined) throw new Error('a network without input or output');
  return {
    run: async (planes) => {
      const tensor = new ort.Tensor('float32', planes, [1, 3, size, size]);
      const result = (await session.run({ [input]: tensor }))[output];
      const values = result?.data;
      if (!(values instanceof Float32Array)) throw new Error('the output is not of 32-bit floats');
      return values;
    },
  };
}
