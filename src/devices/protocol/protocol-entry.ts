import type { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { CodecFailure, Direction, ProtocolCodec, StreamDecoder } from './codec.ts';

/** One direction of one protocol, with its message type forgotten: messages are JSON. */
export interface ProtocolDirection {
  /** Exactly one frame (one HID report, its id included). */
  decode(bytes: Uint8Array): Result<unknown, CodecFailure>;
  encode(json: unknown): Result<Uint8Array, CodecFailure>;
  /** Frames out of a byte stream; null where the transport keeps their borders (HID reports, single records). */
  readonly makeDecoder: (() => StreamDecoder<unknown>) | null;
  /** Usual messages: what is measured, and what the fuzz run damages. */
  readonly examples: readonly unknown[];
}

export interface Protocol {
  readonly name: string;
  readonly directions: Readonly<Record<Direction, ProtocolDirection>>;
  /** The longest frame of either direction; no decoder ever holds more. */
  readonly frameMaxBytes: number;
  /** Frames a second that the fastest line of this kind can carry from the device, for comparison. */
  readonly lineFramesPerSecond: number;
  /** `high`: maker's text or a capture, and an independent implementation; `medium`: one good source; `low`: one weak one. */
  readonly certainty: 'high' | 'medium' | 'low';
  /** Not to be relied on until it was tried on the device itself. */
  readonly experimental: boolean;
  /** What is not sure, or what else must be known; may be empty. */
  readonly note: string;
}

export interface ProtocolFacts<H, D> extends Omit<Protocol, 'name' | 'directions'> {
  readonly hostDecoder: (() => StreamDecoder<H>) | null;
  readonly deviceDecoder: (() => StreamDecoder<D>) | null;
  readonly hostExamples: readonly H[];
  readonly deviceExamples: readonly D[];
}

/** A row of the table. */
export function protocol<H, D>(codec: ProtocolCodec<H, D>, facts: ProtocolFacts<H, D>): Protocol {
  const { hostDecoder, deviceDecoder, hostExamples, deviceExamples, ...rest } = facts;
  return {
    ...rest,
    name: codec.name,
    directions: {
      'host-to-device': {
        decode: (bytes) => codec.decodeHostFrame(bytes),
        encode: (json) => parsed(codec.hostMessageSchema, json, (m) => codec.encodeHostMessage(m)),
        makeDecoder: hostDecoder,
        examples: hostExamples,
      },
      'device-to-host': {
        decode: (bytes) => codec.decodeDeviceFrame(bytes),
        encode: (json) => parsed(codec.deviceMessageSchema, json, (m) => codec.encodeDeviceMessage(m)),
        makeDecoder: deviceDecoder,
        examples: deviceExamples,
      },
    },
  };
}

function parsed<M>(
  schema: z.ZodType<M>,
  json: unknown,
  encode: (message: M) => Uint8Array,
): Result<Uint8Array, CodecFailure> {
  const message = schema.safeParse(json);
  if (message.success) return ok(encode(message.data));
  const [issue] = message.error.issues;
  return fail('codec.bad_message', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a message'}`);
}
