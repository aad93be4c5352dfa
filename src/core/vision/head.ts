import { assert } from '../../shared/assert.ts';
import { dot, unit } from './linear.ts';

/** What is seen of one crop, before anything was learned: means of the network's layers, and the colours. */
export interface Look {
  readonly network: Float32Array;
  readonly colour: Float32Array;
}

/** The looks at one thing in one picture (`viewsOf`). */
export type Views = readonly Look[];

/** Takes a mean off, then goes over into a space in which one article looks alike in all its pictures. */
export interface Projection {
  readonly mean: Float32Array;
  /** One a row, each as long as the mean. */
  readonly axes: readonly Float32Array[];
}

/** Learned from pictures of goods; a gallery belongs to the head that made its descriptors. */
export interface Head {
  /** Names this head among all that were ever shipped. */
  readonly version: string;
  readonly network: Projection;
  readonly colour: Projection;
}

/** A unit vector: the nearer two are, the more alike what they describe. */
export type Descriptor = Float32Array;

/**
 * Means of channels as the network gives them, one array a layer: rooted, which takes the weight off the few strongest,
 * and each layer made as heavy as the others.
 */
export function networkLook(layers: readonly ArrayLike<number>[]): Float32Array {
  const parts = layers.map((layer) =>
    unit(Float32Array.from({ length: layer.length }, (_, i) => Math.sqrt(Math.max(0, layer[i]!)))),
  );
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function describe(head: Head, views: Views): Descriptor {
  const sum = new Float32Array(head.network.axes.length + head.colour.axes.length);
  for (const look of views) describeLook(head, look).forEach((value, i) => (sum[i] = sum[i]! + value));
  return unit(sum);
}

function describeLook(head: Head, { network, colour }: Look): Descriptor {
  const shape = unit(projected(head.network, network));
  const tint = unit(projected(head.colour, colour));
  const both = new Float32Array(shape.length + tint.length);
  both.set(shape);
  both.set(tint, shape.length);
  return unit(both);
}

function projected({ mean, axes }: Projection, look: Float32Array): Float32Array {
  assert(look.length === mean.length, 'a look is as long as the head takes');
  const centred = look.map((value, i) => value - mean[i]!);
  return Float32Array.from(axes, (axis) => dot(axis, centred));
}
