import * as z from 'zod';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Head, Projection } from './head.ts';

/**
 * A head as a file: a line of JSON, then numbers. Each axis is kept in 16 bits against its own largest number; the means
 * in 32.
 */
const headerSchema = z.object({
  version: z.string().min(1),
  /** The articles that it was learned from: what it says of them is no measurement. */
  learnedFrom: z.array(z.string()),
  network: z.object({ length: z.int().positive(), axes: z.int().positive() }),
  colour: z.object({ length: z.int().positive(), axes: z.int().positive() }),
});

export interface HeadFile {
  readonly head: Head;
  readonly learnedFrom: readonly string[];
}

const largest = 32_767;
const newline = 10;
const headerMax = 65_536;

/** Letters beyond ASCII as JSON writes them in ASCII. */
function asciiOf(json: string): Uint8Array {
  const escaped = json.replace(/[^\n -~]/gu, (letter) =>
    [...Array(letter.length).keys()]
      .map((i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
  return Uint8Array.from(escaped, (letter) => letter.charCodeAt(0));
}

export function writeHead({ head, learnedFrom }: HeadFile): Uint8Array {
  const sizeOf = ({ mean, axes }: Projection): object => ({ length: mean.length, axes: axes.length });
  const header = {
    version: head.version,
    learnedFrom,
    network: sizeOf(head.network),
    colour: sizeOf(head.colour),
  };
  const line = asciiOf(`${JSON.stringify(header)}\n`);
  const parts = [head.network, head.colour];
  const bytes = new Uint8Array(
    line.length + parts.reduce((sum, { mean, axes }) => sum + lengthOf(mean.length, axes.length), 0),
  );
  bytes.set(line);
  const view = new DataView(bytes.buffer);
  let at = line.length;
  for (const { mean, axes } of parts) {
    for (const value of mean) at = put32(view, at, value);
    for (const axis of axes) {
      const scale = Math.max(...axis.map(Math.abs)) / largest;
      at = put32(view, at, scale);
      for (const value of axis) {
        view.setInt16(at, scale === 0 ? 0 : Math.round(value / scale), true);
        at += 2;
      }
    }
  }
  return bytes;
}

export function readHead(bytes: Uint8Array): Result<HeadFile, Failure<'vision.head_corrupt'>> {
  const end = bytes.indexOf(newline);
  let json: unknown;
  try {
    json = JSON.parse(String.fromCharCode(...bytes.subarray(0, Math.min(headerMax, Math.max(0, end)))));
  } catch {
    return fail('vision.head_corrupt', 'the head has no header');
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) return fail('vision.head_corrupt', 'the header of the head is not one');
  const { version, learnedFrom, network, colour } = header.data;
  const wanted = end + 1 + lengthOf(network.length, network.axes) + lengthOf(colour.length, colour.axes);
  if (bytes.length !== wanted)
    return fail('vision.head_corrupt', 'the head is not as long as its header says');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readProjection(view, end + 1, network);
  const second = readProjection(view, end + 1 + lengthOf(network.length, network.axes), colour);
  return ok({ head: { version, network: first, colour: second }, learnedFrom });
}

const lengthOf = (length: number, axes: number): number => 4 * length + axes * (4 + 2 * length);

function put32(view: DataView, at: number, value: number): number {
  view.setFloat32(at, value, true);
  return at + 4;
}

function readProjection(view: DataView, start: number, size: { length: number; axes: number }): Projection {
  let at = start;
  const mean = Float32Array.from({ length: size.length }, (_, i) => view.getFloat32(start + 4 * i, true));
  at += 4 * size.length;
  const axes = Array.from({ length: size.axes }, () => {
    const scale = view.getFloat32(at, true);
    const axis = Float32Array.from(
      { length: size.length },
      (_, i) => scale * view.getInt16(at + 4 + 2 * i, true),
    );
    at += 4 + 2 * size.length;
    return axis;
  });
  return { mean, axes };
}
