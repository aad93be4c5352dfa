import { z } from 'zod';
import { parseArguments } from './arguments.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { fromHex, toHex } from '../protocol/codec.ts';
import type { CodecFailure } from '../protocol/codec.ts';
import { protocolNamed, protocols } from '../protocol/protocols.ts';
import type { ProtocolDirection } from '../protocol/protocol-entry.ts';

interface CliError {
  readonly code: CodecFailure['code'] | 'codec.not_canonical' | 'cli.usage';
  readonly message: string;
}

const argumentTable = z.object({
  positionals: z.union([
    z.tuple([z.literal('list')]),
    z.tuple(
      [z.string(), z.enum(['decode', 'encode', 'roundtrip']), z.enum(['host-to-device', 'device-to-host'])],
      z.string(),
    ),
  ]),
});
const usage = 'list | <protocol> decode|encode|roundtrip <host-to-device|device-to-host> <hex|json>';

/**
 * The whole tool as a function of its arguments; `ok` decides the exit code.
 *
 * `npm run codec -- list`
 * `npm run codec -- <protocol> decode|encode|roundtrip <host-to-device|device-to-host> <hex | json>`
 *
 * One line of JSON on stdout: `{ok: true, …}` with exit code 0, or `{ok: false, error: {code, message}}` with 1.
 * decode and roundtrip take exactly one frame (one HID report, its id included); roundtrip fails with
 * `codec.not_canonical` when encoding gives other bytes (a reserved bit that is set, for example).
 */
export function runCodecCli(args: readonly string[]): Result<Record<string, unknown>, CliError> {
  const parsed = parseArguments(args, [], argumentTable);
  if (!parsed.ok) return fail('cli.usage', `${parsed.error.message}; ${usage}`);
  const [name, action, direction, ...rest] = parsed.value.positionals;
  if (name === 'list') return ok(listing());
  const found = protocolNamed(name);
  if (found === undefined) return fail('cli.usage', `unknown protocol; ${usage}`);
  if (action === undefined || direction === undefined) return fail('cli.usage', usage);
  const codec = found.directions[direction];
  const input = rest.join(' ');
  if (action === 'encode') return encodeJson(codec, input);
  const bytes = fromHex(input);
  if (!bytes.ok) return bytes;
  const message = codec.decode(bytes.value);
  if (!message.ok) return message;
  if (action === 'decode') return ok({ message: message.value });
  const again = codec.encode(message.value);
  if (!again.ok) return again;
  const hex = toHex(again.value);
  return hex === toHex(bytes.value)
    ? ok({ message: message.value, hex })
    : fail('codec.not_canonical', `encodes to ${hex}`);
}

function encodeJson(codec: ProtocolDirection, text: string): Result<Record<string, unknown>, CliError> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('codec.bad_message', 'not JSON');
  }
  const bytes = codec.encode(json);
  return bytes.ok ? ok({ hex: toHex(bytes.value) }) : bytes;
}

/** The names alone, and what is known about each. */
function listing(): Record<string, unknown> {
  return {
    protocols: protocols.map((one) => one.name),
    details: protocols.map(({ name, certainty, experimental, note }) => {
      return { name, certainty, experimental, note };
    }),
  };
}

if (isProgram(import.meta.url)) {
  const result = runCodecCli(process.argv.slice(2));
  console.log(JSON.stringify(result.ok ? { ok: true, ...result.value } : result));
  process.exitCode = result.ok ? 0 : 1;
}
