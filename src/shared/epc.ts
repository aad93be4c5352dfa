import TDS from 'epc-tds';
import { type Failure, type Result, fail, ok } from './result.ts';

/**
 * SGTIN-96: the EPC of a trade item with a serial number (GS1 EPC Tag Data Standard, 14.6.1):
 *
 *   header 30h (8 bits) | filter (3) | partition (3) | company prefix | indicator + item | serial (38)
 *
 * The bit fields are taken apart by the package epc-tds; what it lets pass is checked here: partition 7, a prefix or item
 * too big for its digits, an empty body, another length.
 */
export type EpcErrorCode =
  | 'epc.bad_length' // not 96 bits of hex
  | 'epc.bad_header' // another scheme than SGTIN-96, or a private number
  | 'epc.bad_partition'
  | 'epc.bad_field'; // a field is outside of what its digits hold
export type EpcFailure = Failure<EpcErrorCode>;

export interface Sgtin96 {
  /** 0 others, 1 point of sale, 2 full case, 4 inner pack, 6 unit load, 7 inside a unit. */
  readonly filter: number;
  /** 0..6: the company prefix has 12 minus this many digits. */
  readonly partition: number;
  /** 6 to 12 digits, leading zeros kept. */
  readonly companyPrefix: string;
  /** Indicator digit and item reference, 7 to 1 digits. */
  readonly itemReference: string;
  /** 0 .. 2^38 - 1. */
  readonly serial: number;
  /** GTIN-14: indicator, prefix, rest of the item, check digit. */
  readonly gtin: string;
}

const header = '30';
const partitionMax = 6;
const prefixDigitsOfPartition0 = 12;
export const sgtinPrefixDigitsMin = prefixDigitsOfPartition0 - partitionMax;
export const sgtinPrefixDigitsMax = prefixDigitsOfPartition0;
export const sgtinSerialMax = 2 ** 38 - 1;
const gtinDigits = 14;

/** Takes an EPC (24 hex digits, either case) apart. */
export function decodeSgtin96(epc: string): Result<Sgtin96, EpcFailure> {
  if (!/^[0-9A-Fa-f]{24}$/.test(epc)) return fail('epc.bad_length', 'an SGTIN-96 has 24 hex digits');
  if (!epc.startsWith(header)) return fail('epc.bad_header', `header ${epc.slice(0, 2)} is not 30`);
  const tag = new TDS.Sgtin96(epc.toUpperCase());
  const partition = tag.getPartition();
  if (partition > partitionMax) return fail('epc.bad_partition', `partition ${partition}`);
  // `urn:epc:tag:sgtin-96:filter.prefix.item.serial`: the only getter that keeps leading zeros.
  const [filter = '', companyPrefix = '', itemReference = '', serial = ''] = (
    tag.toTagURI().split(':')[4] ?? ''
  ).split('.');
  const prefixDigits = prefixDigitsOfPartition0 - partition;
  if (companyPrefix.length !== prefixDigits) return fail('epc.bad_field', `prefix ${companyPrefix}`);
  if (itemReference.length !== partition + 1) return fail('epc.bad_field', `item ${itemReference}`);
  // An erased or never written tag may have the header and nothing else.
  if (Number(companyPrefix) === 0 && Number(itemReference) === 0) {
    return fail('epc.bad_field', 'neither prefix nor item');
  }
  return ok({
    filter: Number(filter),
    partition,
    companyPrefix,
    itemReference,
    serial: Number(serial),
    gtin: tag.getGtin(),
  });
}

/** Puts an EPC together (24 upper-case hex digits). `gtin`: 8 to 14 digits with its check digit. */
export function encodeSgtin96(parts: {
  readonly gtin: string;
  /** Digits of the company prefix, 6 to 12: the GTIN alone does not tell. */
  readonly prefixDigits: number;
  readonly filter: number;
  readonly serial: number;
}): Result<string, EpcFailure> {
  const { prefixDigits, filter, serial } = parts;
  const gtin = normalGtin(parts.gtin);
  if (gtin === null) return fail('epc.bad_field', 'not a GTIN with its check digit');
  if (Number(gtin) === 0) return fail('epc.bad_field', 'neither prefix nor item');
  if (!isWithin(prefixDigits, sgtinPrefixDigitsMin, sgtinPrefixDigitsMax)) {
    return fail('epc.bad_partition', `a prefix of ${prefixDigits} digits`);
  }
  if (!isWithin(filter, 0, 7)) return fail('epc.bad_field', `filter ${filter}`);
  if (!isWithin(serial, 0, sgtinSerialMax)) return fail('epc.bad_field', `serial ${serial}`);
  const tag = new TDS.Sgtin96();
  tag.setFilter(filter).setPartition(prefixDigitsOfPartition0 - prefixDigits);
  return ok(tag.setGtin(gtin).setSerial(serial).toHexString());
}

/** GTIN-8, -12, -13 and -14 as one of 14 digits, or null when it is none (wrong length or check digit). */
export function normalGtin(gtin: string): string | null {
  if (!/^(?:\d{8}|\d{12,14})$/.test(gtin)) return null;
  const all = gtin.padStart(gtinDigits, '0');
  return TDS.Utils.computeCheckDigit(all.slice(0, -1)) === Number(all.at(-1)) ? all : null;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
