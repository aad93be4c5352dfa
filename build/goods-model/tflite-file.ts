/**
 * Reads a TensorFlow Lite model: a FlatBuffers file after `schema.fbs` of TensorFlow (file identifier TFL3). Only what
 * convolutional networks need. The bytes are pinned by their SHA-256 before they come here, so a file that cannot be
 * read is a bug and throws.
 */
export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** What the file keeps for it (weights), read when it is asked for; null for what is computed. */
  readonly values: () => Float32Array | null;
}

export interface TfliteOperator {
  readonly kind: OperatorKind;
  /** −1 stands for an input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: OperatorOptions;
}

/** Fields of an operator's options table by their number in the schema. */
export interface OperatorOptions {
  byte: (field: number) => number;
  int: (field: number, byDefault: number) => number;
}

export interface TfliteFile {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const identifier = 'TFL3';
/** BuiltinOperator of the schema; the others are never on the way to the layers that are used. */
const operatorKinds = { 0: 'add', 3: 'conv', 4: 'depthwise-conv', 6: 'dequantize' } as const;
export type OperatorKind = (typeof operatorKinds)[keyof typeof operatorKinds] | 'other';

/** TensorType of the schema. */
const float32 = 0;
const float16 = 1;

export function readTflite(bytes: Uint8Array): TfliteFile {
  const reader = new FlatReader(bytes);
  if (reader.text(4, 4) !== identifier) throw new Error('not a TensorFlow Lite file');
  const model = reader.indirect(0);
  const kinds = reader.tables(model, 1).map((code) => {
    // The old field is one byte; codes above 127 are in the new one.
    const number = Math.max(reader.byteField(code, 0), reader.intField(code, 3, 0));
    return number in operatorKinds ? operatorKinds[number as keyof typeof operatorKinds] : 'other';
  });
  const buffers = reader.tables(model, 4).map((buffer) => reader.bytesField(buffer, 0));
  const [graph] = reader.tables(model, 2);
  if (graph === undefined) throw new Error('the file has no graph');
  return {
    tensors: reader.tables(graph, 0).map((tensor) => ({
      name: reader.textField(tensor, 3),
      shape: reader.intsField(tensor, 0),
      values: () => valuesOf(buffers[reader.intField(tensor, 2, 0)] ?? null, reader.byteField(tensor, 1)),
    })),
    operators: reader.tables(graph, 3).map((operator) => {
      const options = reader.tableField(operator, 4);
      return {
        kind: kinds[reader.intField(operator, 0, 0)] ?? 'other',
        inputs: reader.intsField(operator, 1),
        outputs: reader.intsField(operator, 2),
        options: {
          byte: (field) => (options === null ? 0 : reader.byteField(options, field)),
          int: (field, byDefault) =>
            options === null ? byDefault : reader.intField(options, field, byDefault),
        },
      };
    }),
    inputs: reader.intsField(graph, 1),
    outputs: reader.intsField(graph, 2),
  };
}

function valuesOf(bytes: Uint8Array | null, type: number): Float32Array | null {
  if (bytes === null || bytes.length === 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (width: number, at: (offset: number) => number): Float32Array => {
    const values = new Float32Array(bytes.length / width);
    for (let i = 0; i < values.length; i++) values[i] = at(i * width);
    return values;
  };
  if (type === float32) return read(4, (offset) => view.getFloat32(offset, true));
  if (type === float16) return read(2, (offset) => halfToNumber(view.getUint16(offset, true)));
  return null;
}

/** IEEE 754 binary16. */
export function halfToNumber(half: number): number {
  const sign = half >> 15 === 0 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** FlatBuffers: a table begins with the distance back to its list of field offsets; all offsets are relative. */
class FlatReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  indirect(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  text(at: number, length: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  byteField(table: number, field: number): number {
    const at = this.#field(table, field);
    return at === null ? 0 : this.#view.getInt8(at);
  }

  intField(table: number, field: number, byDefault: number): number {
    const at = this.#field(table, field);
    return at === null ? byDefault : this.#view.getInt32(at, true);
  }

  tableField(table: number, field: number): number | null {
    const at = this.#field(table, field);
    return at === null ? null : this.indirect(at);
  }

  textField(table: number, field: number): string {
    const bytes = this.bytesField(table, field);
    return bytes === null ? '' : new TextDecoder().decode(bytes);
  }

  bytesField(table: number, field: number): Uint8Array | null {
    const list = this.#list(table, field);
    return list === null ? null : this.#bytes.subarray(list.at, list.at + list.length);
  }

  intsField(table: number, field: number): number[] {
    return this.#items(table, field, (at) => this.#view.getInt32(at, true));
  }

  tables(table: number, field: number): number[] {
    return this.#items(table, field, (at) => this.indirect(at));
  }

  #items(table: number, field: number, read: (at: number) => number): number[] {
    const list = this.#list(table, field);
    return list === null ? [] : Array.from({ length: list.length }, (_, i) => read(list.at + 4 * i));
  }

  #list(table: number, field: number): { at: number; length: number } | null {
    const at = this.tableField(table, field);
    return at === null ? null : { at: at + 4, length: this.#view.getUint32(at, true) };
  }

  #field(table: number, field: number): number | null {
    const offsets = table - this.#view.getInt32(table, true);
    const entry = 4 + 2 * field;
    if (entry >= this.#view.getUint16(offsets, true)) return null;
    const offset = this.#view.getUint16(offsets + entry, true);
    return offset === 0 ? null : table + offset;
  }
}
