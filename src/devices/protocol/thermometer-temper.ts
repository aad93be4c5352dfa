import { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { be16, byteAt } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';

/**
 * PCsensor TEMPer, USB HID. Reports of eight bytes, not a byte stream.
 *
 *   query (output)   01 80 33 01 00 00 00 00
 *   reading (input)  80 XX | temperature | humidity | .. ..      words high byte first, the temperature signed
 *
 * 4E 20 stands where there is no sensor. Sticks with two sensors send a second report for the outer one. What one count is
 * depends on the firmware. Sources: github urwen/temper (temper.py), github haraldtux/temper-q, a capture of a TEMPer2_V4.1.
 */
export const temperReportBytes = 8;
const query = [0x01, 0x80, 0x33, 0x01, 0, 0, 0, 0];
const readingHead = 0x80;
/** The second report of a stick with a sensor on a cable. */
export const temperOuterPart = 0x01;
/** Of a sensor that is not there. */
export const temperAbsent = 0x4e20;

const word = z.number().int().min(0).max(0xffff);
export const temperQuerySchema = z.object({ type: z.literal('query') });
export const temperReadingSchema = z.object({
  type: z.literal('reading'),
  /** 80 of the first report, 01 of the second of sticks with two; others have others. */
  part: z.number().int().min(0).max(255),
  temperature: z.number().int().min(-0x8000).max(0x7fff),
  humidity: word,
  rest: word,
});
export type TemperQuery = z.infer<typeof temperQuerySchema>;
export type TemperReading = z.infer<typeof temperReadingSchema>;

export function encodeTemperQuery(): Uint8Array {
  return Uint8Array.from(query);
}

export function decodeTemperQuery(bytes: Uint8Array): Result<TemperQuery, CodecFailure> {
  const wrong = wrongLength(bytes);
  if (wrong !== null) return wrong;
  const isQuery = query.every((byte, at) => byteAt(bytes, at) === byte);
  return isQuery ? ok({ type: 'query' }) : fail('codec.bad_head', 'not the query');
}

export function encodeTemperReading({ part, temperature, humidity, rest }: TemperReading): Uint8Array {
  return Uint8Array.from([
    readingHead,
    part,
    ...be16(temperature & 0xffff),
    ...be16(humidity),
    ...be16(rest),
  ]);
}

export function decodeTemperReading(bytes: Uint8Array): Result<TemperReading, CodecFailure> {
  const wrong = wrongLength(bytes);
  if (wrong !== null) return wrong;
  if (byteAt(bytes, 0) !== readingHead) return fail('codec.bad_head', `head ${byteAt(bytes, 0)}`);
  const words = [2, 4, 6].map((at) => byteAt(bytes, at) * 256 + byteAt(bytes, at + 1));
  const [raw = 0, humidity = 0, rest = 0] = words;
  return ok({ type: 'reading', part: byteAt(bytes, 1), temperature: (raw << 16) >> 16, humidity, rest });
}

export const thermometerTemperCodec: ProtocolCodec<TemperQuery, TemperReading> = {
  name: 'thermometer-temper',
  hostMessageSchema: temperQuerySchema,
  deviceMessageSchema: temperReadingSchema,
  encodeHostMessage: encodeTemperQuery,
  encodeDeviceMessage: encodeTemperReading,
  decodeHostFrame: decodeTemperQuery,
  decodeDeviceFrame: decodeTemperReading,
};

function wrongLength(bytes: Uint8Array): ReturnType<typeof fail<CodecFailure['code']>> | null {
  if (bytes.length < temperReportBytes)
    return fail('codec.too_short', `${bytes.length} bytes; a report has 8`);
  return bytes.length > temperReportBytes ? fail('codec.too_long', `${bytes.length} bytes`) : null;
}
