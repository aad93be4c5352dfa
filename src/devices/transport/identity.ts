import type { HidMatch } from '../../shared/model/transport.ts';
import { hex4, usbIdText } from '../../shared/model/usb-id.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Err, Result } from '../../shared/result.ts';
import type { TransportFailure } from './transport.ts';

/** One thing that could be opened. null: the system does not tell. */
export interface Candidate {
  /** What is opened: `/dev/ttyUSB0`, a HID path. */
  readonly path: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly serialNumber: string | null;
  readonly product: string | null;
  readonly portPath: string | null;
  readonly interface: number | null;
  readonly usagePage: number | null;
  readonly usage: number | null;
}

/**
 * The one candidate that fits. None: `transport.refused`; several: `transport.ambiguous`, naming where each is plugged in.
 * Never just the first: a cabinet that opens the wrong lock board unlocks somebody else's door.
 */
export function pickDevice<C extends Candidate>(
  candidates: readonly C[],
  match: HidMatch,
): Result<C, TransportFailure> {
  const fitting = candidates.filter((one) => fits(one, match));
  // A HID device with several top-level collections is listed once for each: it is still one device.
  const [first, ...others] = [...new Map(fitting.map((one) => [one.path, one])).values()];
  if (first === undefined) return fail('transport.refused', `${describeMatch(match)} is not plugged in`);
  if (others.length === 0) return ok(first);
  const places = [first, ...others].map(placeOf).sort().join(' and ');
  return fail('transport.ambiguous', `${describeMatch(match)} fits ${others.length + 1} devices: ${places}`);
}

const matchFields = [
  ...['vendorId', 'productId', 'serialNumber', 'product', 'portPath'],
  ...['interface', 'usagePage', 'usage'],
] as const satisfies readonly (keyof HidMatch)[];

function fits(candidate: Candidate, match: HidMatch): boolean {
  return matchFields.every((field) => match[field] === undefined || match[field] === candidate[field]);
}

/** The rule in words: `1A86:7523 in port 1-2.3`. */
export function describeMatch(match: HidMatch): string {
  const parts = [usbIdText(match)];
  if (match.product !== undefined) parts.push(`"${match.product}"`);
  if (match.serialNumber !== undefined) parts.push(`serial ${match.serialNumber}`);
  if (match.portPath !== undefined) parts.push(`in port ${match.portPath}`);
  if (match.interface !== undefined) parts.push(`interface ${match.interface}`);
  if (match.usagePage !== undefined) parts.push(`usage page ${hex4(match.usagePage)}`);
  if (match.usage !== undefined) parts.push(`usage ${hex4(match.usage)}`);
  return parts.join(' ');
}

/** Why the system did not let us open it, with what can be done about it. */
export function openRefusal(name: string, path: string, message: string): Err<TransportFailure> {
  if (/permission denied|access denied|EACCES|EPERM|ERROR_ACCESS/i.test(message)) {
    return fail(
      'transport.refused',
      `${name}: no permission for ${path}: install the udev rules (npm run devices)`,
    );
  }
  if (/busy|cannot lock|in use/i.test(message)) {
    return fail('transport.refused', `${name}: another program holds ${path}`);
  }
  if (/no such file|file not found|ENOENT/i.test(message)) {
    return fail('transport.refused', `${name}: there is no ${path}`);
  }
  return fail('transport.refused', `${name}: cannot be opened: ${message}`);
}

function placeOf(candidate: Candidate): string {
  const port = candidate.portPath ?? 'unknown port';
  const where = candidate.interface === null ? port : `${port} interface ${candidate.interface}`;
  return `${where} (${candidate.path})`;
}
