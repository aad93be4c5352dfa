/** Writes an ONNX model (protocol buffers after `onnx.proto3`): float inputs and outputs, weights, nodes. */
const irVersion = 8;
const operatorSetVersion = 17;
const float = 1;

/** AttributeProto.AttributeType */
const intAttribute = 2;
const textAttribute = 3;
const intsAttribute = 7;

type Attribute = number | string | readonly number[];
/** A name stands for a size that each run chooses. */
type Size = number | string;

export class OnnxGraph {
  readonly #nodes: Uint8Array[] = [];
  readonly #weights: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];

  input(name: string, shape: readonly Size[]): void {
    this.#inputs.push(message(11, valueInfo(name, shape)));
  }

  output(name: string, shape: readonly Size[]): void {
    this.#outputs.push(message(12, valueInfo(name, shape)));
  }

  weights(name: string, shape: readonly number[], values: Float32Array): void {
    const raw = new Uint8Array(4 * values.length);
    const view = new DataView(raw.buffer);
    values.forEach((value, i) => view.setFloat32(4 * i, value, true));
    this.#weights.push(
      message(5, [...shape.map((size) => integer(1, size)), integer(2, float), text(8, name), bytes(9, raw)]),
    );
  }

  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, Attribute> = {},
  ): void {
    this.#nodes.push(
      message(1, [
        ...inputs.map((name) => text(1, name)),
        text(2, output),
        text(3, output),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
      ]),
    );
  }

  file(): Uint8Array {
    const graph = [...this.#nodes, text(2, 'goods'), ...this.#weights, ...this.#inputs, ...this.#outputs];
    return join([
      integer(1, irVersion),
      text(2, 'kaimen'),
      message(7, graph),
      message(8, [text(1, ''), integer(2, operatorSetVersion)]),
    ]);
  }
}

function valueInfo(name: string, shape: readonly Size[]): Uint8Array[] {
  const sizes = shape.map((size) =>
    message(1, [typeof size === 'string' ? text(2, size) : integer(1, size)]),
  );
  return [text(1, name), message(2, [message(1, [integer(1, float), message(2, sizes)])])];
}

function attribute(name: string, value: Attribute): Uint8Array[] {
  if (typeof value === 'string') return [text(1, name), text(4, value), integer(20, textAttribute)];
  if (typeof value === 'number') return [text(1, name), integer(3, value), integer(20, intAttribute)];
  return [text(1, name), ...value.map((one) => integer(8, one)), integer(20, intsAttribute)];
}

const message = (field: number, parts: readonly Uint8Array[]): Uint8Array => bytes(field, join(parts));
const text = (field: number, value: string): Uint8Array => bytes(field, new TextEncoder().encode(value));
const integer = (field: number, value: number): Uint8Array => join([varint(field << 3), varint(value)]);

function bytes(field: number, value: Uint8Array): Uint8Array {
  return join([varint((field << 3) | 2), varint(value.length), value]);
}

/** Seven bits a byte, the lowest first; no negative number is ever written. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    out.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return Uint8Array.from(out);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
