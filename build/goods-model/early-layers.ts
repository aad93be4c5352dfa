import { OnnxGraph } from './onnx-file.ts';
import { type TfliteFile, type TfliteOperator, type TfliteTensor, readTflite } from './tflite-file.ts';

/**
 * The early layers of the detector (SSD MobileNet v2 of Open Images) as an ONNX network that onnxruntime-web runs: what
 * they see is general, while the detector's own classes are of no use for goods. Input: N pictures, red green blue,
 * −1…1, of any size. Output: the mean of each channel of each layer in `layers`.
 */
const scope = 'FeatureExtractor/MobilenetV2/';
const same = 0;
const noActivation = 0;
const relu6 = 3;

export function convertEarlyLayers(tflite: Uint8Array, layers: readonly string[]): Uint8Array {
  const file = withFloatWeights(readTflite(tflite));
  const [input = -1] = file.inputs;
  const ends = layers.map((layer) => layerEnd(file, layer));
  const graph = new OnnxGraph();
  graph.input('picture', ['n', 3, 'height', 'width']);
  graph.weights('zero', [], Float32Array.of(0));
  graph.weights('six', [], Float32Array.of(6));
  const names = { of: (tensor: number) => (tensor === input ? 'picture' : `tensor${tensor}`) };
  for (const operator of onTheWay(file, ends)) writeOperator(graph, file, operator, names);
  ends.forEach((end, i) => {
    const name = layers[i] ?? '';
    graph.node('GlobalAveragePool', [names.of(end)], `${name}-mean`);
    graph.node('Flatten', [`${name}-mean`], name, { axis: 1 });
    graph.output(name, ['n', file.tensors[end]?.shape[3] ?? 0]);
  });
  return graph.file();
}

/** The tensor that leaves a layer. */
export function layerEnd(file: TfliteFile, layer: string): number {
  const end = file.operators
    .filter(({ kind }) => kind !== 'dequantize')
    .flatMap(({ outputs }) => outputs)
    .find((output) => file.tensors[output]?.name.startsWith(`${scope}${layer}`));
  if (end === undefined) throw new Error(`the network has no layer ${layer}`);
  return end;
}

/** The weights are kept in 16 bits and widened by operators of their own: done here, once. */
function withFloatWeights(file: TfliteFile): TfliteFile {
  const tensors: TfliteTensor[] = [...file.tensors];
  for (const { kind, inputs, outputs } of file.operators) {
    if (kind !== 'dequantize') continue;
    const [from = -1] = inputs;
    const [to = -1] = outputs;
    const target = tensors[to];
    if (target !== undefined) tensors[to] = { ...target, values: () => file.tensors[from]?.values() ?? null };
  }
  return { ...file, tensors };
}

/** What must run for these tensors, in the order of the file, which is one that can be run. */
function onTheWay(file: TfliteFile, ends: readonly number[]): TfliteOperator[] {
  const wanted = new Set(ends);
  const found: TfliteOperator[] = [];
  for (const operator of file.operators.toReversed()) {
    if (operator.kind === 'dequantize' || !operator.outputs.some((output) => wanted.has(output))) continue;
    found.unshift(operator);
    for (const input of operator.inputs) wanted.add(input);
  }
  return found;
}

function writeOperator(
  graph: OnnxGraph,
  file: TfliteFile,
  { kind, inputs, outputs, options }: TfliteOperator,
  names: { of: (tensor: number) => string },
): void {
  const [first = -1, second = -1, third = -1] = inputs;
  const output = names.of(outputs[0] ?? -1);
  const withActivation = (activation: number, write: (to: string) => void): void => {
    if (activation === noActivation) {
      write(output);
      return;
    }
    if (activation !== relu6) throw new Error(`activation ${activation} is not known`);
    write(`${output}-before`);
    graph.node('Clip', [`${output}-before`, 'zero', 'six'], output);
  };
  if (kind === 'add') {
    withActivation(options.byte(0), (to) => graph.node('Add', [names.of(first), names.of(second)], to));
    return;
  }
  if (kind !== 'conv' && kind !== 'depthwise-conv') throw new Error('an operator is not known');
  const isDepthwise = kind === 'depthwise-conv';
  const { shape, values } = channelsFirst(file.tensors[second], isDepthwise);
  const bias = file.tensors[third]?.values() ?? null;
  if (bias === null) throw new Error('a bias is missing');
  graph.weights(`${output}-weights`, shape, values);
  graph.weights(`${output}-bias`, [bias.length], bias);
  withActivation(options.byte(isDepthwise ? 4 : 3), (to) => {
    graph.node('Conv', [names.of(first), `${output}-weights`, `${output}-bias`], to, {
      kernel_shape: shape.slice(2),
      strides: [options.int(2, 1), options.int(1, 1)],
      group: isDepthwise ? (shape[0] ?? 0) : 1,
      auto_pad: options.byte(0) === same ? 'SAME_UPPER' : 'VALID',
    });
  });
}

/** TensorFlow keeps (out, height, width, in), ONNX (out, in, height, width); depthwise the channels are `out`. */
function channelsFirst(
  tensor: TfliteTensor | undefined,
  isDepthwise: boolean,
): { shape: number[]; values: Float32Array } {
  const [outs = 0, height = 0, width = 0, last = 0] = tensor?.shape ?? [];
  const from = tensor?.values() ?? null;
  if (from === null) throw new Error('weights are missing');
  const [channels, ins] = isDepthwise ? [last, 1] : [outs, last];
  const values = new Float32Array(from.length);
  let to = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < ins; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const at = isDepthwise
            ? (y * width + x) * last + channel
            : ((channel * height + y) * width + x) * last + i;
          values[to++] = from[at] ?? 0;
        }
  return { shape: [channels, ins, height, width], values };
}
