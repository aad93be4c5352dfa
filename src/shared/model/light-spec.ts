import type { HidMatch, TransportSpec } from './transport.ts';

/** What must be known of the light at the camera on both sides of the device host, beside its entry in device.ts. */

/** After the last order "on" the light goes off by itself: whoever gave it may have died. */
export const lightOnMaxMs = 60_000;

/** A relay board, as the configuration names it. */
interface RelayBoardName {
  readonly transport: TransportSpec;
  readonly relayId?: string | undefined;
}

/** What goes with a board wherever it is plugged in. */
const boardFields = [
  'vendorId',
  'productId',
  'product',
  'serialNumber',
] as const satisfies readonly (keyof HidMatch)[];

/**
 * Whether two entries can never mean the same relay board. Boards that only their ports tell apart need both their ids:
 * somebody will swap the plugs.
 */
export function areToldApart(a: RelayBoardName, b: RelayBoardName): boolean {
  const haveIds = a.relayId !== undefined && b.relayId !== undefined;
  if (haveIds && a.relayId === b.relayId) return false;
  const [one, other] = [a.transport, b.transport];
  if (one.kind === 'tcp' && other.kind === 'tcp') return one.host !== other.host || one.port !== other.port;
  if (one.kind !== 'hid' || other.kind !== 'hid') return one.kind !== other.kind;
  const differ = (field: keyof HidMatch): boolean => {
    const [ofOne, ofOther] = [one.match[field], other.match[field]];
    return ofOne !== undefined && ofOther !== undefined && ofOne !== ofOther;
  };
  return boardFields.some(differ) || (haveIds && differ('portPath'));
}
