import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { fail, ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import { fromHex, toHex } from './protocol/codec.ts';
import type { CodecFailure, Direction, ProtocolCodec } from './protocol/codec.ts';
import { lock8aCodec } from './protocol/lock-8a.ts';
import { rfidR200Codec } from './protocol/rfid-r200.ts';
import { scannerHidPosCodec } from './protocol/scanner-hid-pos.ts';

/**
 * `npm run codec -- list`
 * `npm run codec -- <protocol> decode|encode|roundtrip <host-to-device|device-to-host> <hex | json>`
 *
 * One line of JSON on stdout: `{ok: true, …}` with exit code 0, or `{ok: false, error: {code, message}}` with 1.
 * decode and roundtrip take exactly one frame (one HID report, its id included); roundtrip fails with
 * `codec.not_canonical` when encoding gives other bytes (a reserved bit that is set, for example).
 */
interface OneWay {
  decode(bytes: Uint8Array): Result<unknown, CodecFailure>;
  encode(json: unknown): Result<Uint8Array, CodecFailure>;
}

interface CliError {
  readonly code: CodecFailure['code'] | 'codec.not_canonical' | 'cli.usage';
  readonly message: string;
}

const protocols: ReadonlyMap<string, Readonly<Record<Direction, OneWay>>> = new Map([
  [lock8aCodec.name, waysOf(lock8aCodec)],
  [rfidR200Codec.name, waysOf(rfidR200Codec)],
  [scannerHidPosCodec.name, waysOf(scannerHidPosCodec)],
]);

const usage = 'list | <protocol> decode|encode|roundtrip <host-to-device|device-to-host> <hex|json>';

/** The whole tool as a function of its arguments; `ok` decides the exit code. */
export function runCodecCli(args: readonly string[]): Result<Record<string, unknown>, CliError> {
  const [name, action, direction, ...rest] = args;
  if (name === 'list' && args.length === 1) return ok({ protocols: [...protocols.keys()] });
  const ways = protocols.get(name ?? '');
  if (ways === undefined) return fail('cli.usage', `unknown protocol; ${usage}`);
  if (direction !== 'host-to-device' && direction !== 'device-to-host') return fail('cli.usage', usage);
  const way = ways[direction];
  const input = rest.join(' ');
  if (action === 'encode') return encodeJson(way, input);
  if (action !== 'decode' && action !== 'roundtrip') return fail('cli.usage', usage);
  const bytes = fromHex(input);
  if (!bytes.ok) return bytes;
  const message = way.decode(bytes.value);
  if (!message.ok) return message;
  if (action === 'decode') return ok({ message: message.value });
  const again = way.encode(message.value);
  if (!again.ok) return again;
  const hex = toHex(again.value);
  return hex === toHex(bytes.value)
    ? ok({ message: message.value, hex })
    : fail('codec.not_canonical', `encodes to ${hex}`);
}

function encodeJson(way: OneWay, text: string): Result<Record<string, unknown>, CliError> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('codec.bad_message', 'not JSON');
  }
  const bytes = way.encode(json);
  return bytes.ok ? ok({ hex: toHex(bytes.value) }) : bytes;
}

function waysOf<H, D>(codec: ProtocolCodec<H, D>): Readonly<Record<Direction, OneWay>> {
  return {
    'host-to-device': {
      decode: (bytes) => codec.decodeHostFrame(bytes),
      encode: (json) => parsed(codec.hostMessageSchema, json, (m) => codec.encodeHostMessage(m)),
    },
    'device-to-host': {
      decode: (bytes) => codec.decodeDeviceFrame(bytes),
      encode: (json) => parsed(codec.deviceMessageSchema, json, (m) => codec.encodeDeviceMessage(m)),
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = runCodecCli(process.argv.slice(2));
  console.log(JSON.stringify(result.ok ? { ok: true, ...result.value } : result));
  process.exitCode = result.ok ? 0 : 1;
}
