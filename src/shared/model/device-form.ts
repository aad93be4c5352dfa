import { type DeviceKind, type DeviceSpec } from './device.ts';
import { baudRates, factoryBaudRates } from './baud-rates.ts';
import type { UsbMatch } from './transport.ts';

/** What has to be said of a device that cannot be seen from outside: for the screen and for `npm run devices -- setup`. */

/** What a plugged-in thing could do in a cabinet. `serial`: a line, with a lock board, tag reader, scanner or scale behind it. */
export const deviceRoles = [
  'serial',
  'hid-scanner',
  'hid-scale',
  'hid-thermometer',
  'relay',
  'keyboard',
  'other',
] as const;
export type DeviceRole = (typeof deviceRoles)[number];

export type Protocol = DeviceSpec['protocol'];

/** Which protocols a device of this kind may speak on what. The first is proposed. */
const protocols = {
  lock: {
    serial: ['lock-8a', 'lock-wkly', 'lock-kerong-cu16'],
    relay: ['relay-dcttech'],
  },
  'door-sensor': { serial: ['lock-8a', 'lock-wkly', 'lock-kerong-cu16'] },
  'code-scanner': {
    serial: ['scanner-serial'],
    'hid-scanner': ['scanner-hid-pos'],
    keyboard: ['scanner-wedge'],
  },
  'tag-reader': { serial: ['rfid-r200', 'rfid-uhfreader18', 'rfid-sw5357'] },
  scale: { serial: ['scale-modbus'], 'hid-scale': ['scale-hid'] },
  thermometer: { serial: ['thermometer-modbus'], 'hid-thermometer': ['thermometer-temper'] },
  light: { relay: ['relay-dcttech'] },
} as const satisfies Record<DeviceKind, Partial<Record<DeviceRole, readonly Protocol[]>>>;

export function protocolsFor(kind: DeviceKind, role: DeviceRole): readonly Protocol[] {
  const byRole: Partial<Record<DeviceRole, readonly Protocol[]>> = protocols[kind];
  return byRole[role] ?? [];
}

/** All that a device of this kind may speak: behind an address of the network anything may be. */
export function allProtocolsOf(kind: DeviceKind): Protocol[] {
  return deviceRoles.flatMap((role) => (role === 'keyboard' ? [] : [...protocolsFor(kind, role)]));
}

export const formFieldNames = [
  'baudRate',
  'boardAddress',
  'channel',
  'closedFeedback',
  'pulseMs',
  'suffix',
  'region',
  'powerDbm',
  'lane',
  'unitAddress',
  'laneCount',
  'countsPerDegree',
  'sensor',
] as const;
export type FormFieldName = (typeof formFieldNames)[number];

type Answer = string | number;
export interface FormField {
  readonly name: FormFieldName;
  /** What is proposed. */
  readonly usual: Answer;
  /** One of these; empty: any whole number within the bounds. */
  readonly choices: readonly Answer[];
  readonly min: number;
  readonly max: number;
}
export type Answers = Readonly<Partial<Record<FormFieldName, Answer>>>;

const between = (name: FormFieldName, min: number, max: number, usual: number): FormField => ({
  ...{ name, min, max, usual, choices: [] },
});
const oneOf = (name: FormFieldName, choices: readonly Answer[], usual: Answer): FormField => ({
  ...{ name, choices, usual, min: 0, max: 0 },
});

const board = (firstAddress: number, lastAddress: number, lastChannel: number, usual = 1): FormField[] => [
  between('boardAddress', firstAddress, lastAddress, usual),
  between('channel', 1, lastChannel, 1),
  oneOf('closedFeedback', [1, 0], 1),
];
const reader: readonly FormField[] = [
  oneOf('region', ['china-900', 'us', 'europe', 'korea'], 'china-900'),
  between('powerDbm', 0, 30, 26),
];

const fields: Readonly<Record<Protocol, readonly FormField[]>> = {
  'lock-8a': board(1, 99, 50),
  'lock-wkly': board(0, 31, 24),
  'lock-kerong-cu16': board(0, 15, 16, 0),
  'relay-dcttech': [between('channel', 1, 8, 1)],
  'scanner-hid-pos': [],
  'scanner-serial': [oneOf('suffix', ['cr', 'lf', 'crlf', 'none'], 'cr')],
  'scanner-wedge': [oneOf('suffix', ['enter', 'tab', 'none'], 'enter')],
  'rfid-r200': reader,
  'rfid-uhfreader18': reader,
  'rfid-sw5357': reader,
  'scale-hid': [between('lane', 1, 99, 1)],
  'scale-modbus': [
    between('lane', 1, 99, 1),
    between('unitAddress', 1, 247, 1),
    between('laneCount', 1, 32, 1),
  ],
  'thermometer-temper': [
    oneOf('countsPerDegree', [100, 256], 100),
    oneOf('sensor', ['outer', 'inner'], 'outer'),
  ],
  'thermometer-modbus': [between('unitAddress', 1, 247, 1)],
};

/** What is to be said of a device of this kind; on a serial line also how quick it is. */
export function formOf(kind: DeviceKind, protocol: Protocol, isOnLine: boolean): FormField[] {
  const usualRates: Readonly<Record<string, number>> = factoryBaudRates;
  return [
    ...fields[protocol],
    ...(kind === 'lock' && protocol === 'relay-dcttech' ? [between('pulseMs', 50, 3000, 500)] : []),
    ...(isOnLine ? [oneOf('baudRate', baudRates, usualRates[protocol] ?? 9600)] : []),
  ];
}

/** Where a device is, before its protocol is known. */
export type Place =
  | { readonly kind: 'serial' | 'hid'; readonly match: UsbMatch }
  | { readonly kind: 'serial'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'keyboard' };

/** Reports, not a stream of bytes. */
const inReports: readonly Protocol[] = [
  'relay-dcttech',
  'scanner-hid-pos',
  'scale-hid',
  'thermometer-temper',
];
const newlandVendorId = 0x1eab;

/** The profile's entry, made of what was answered; `deviceSpecSchema` says whether it may be one. */
export function entryOf(kind: DeviceKind, protocol: Protocol, place: Place, answers: Answers): object {
  const { baudRate, powerDbm, lane, unitAddress, laneCount, ...rest } = answers;
  const framing = inReports.includes(protocol) ? 'report' : 'stream';
  const transport = {
    ...place,
    ...(place.kind === 'serial' && { baudRate }),
    ...(place.kind === 'tcp' && { framing }),
  };
  const isNewland = place.kind === 'serial' && 'match' in place && place.match.vendorId === newlandVendorId;
  return {
    kind,
    protocol,
    transport,
    ...rest,
    ...(powerDbm !== undefined && { powerCentiDbm: Number(powerDbm) * 100 }),
    ...lanesOf(protocol, lane, unitAddress, laneCount),
    ...(protocol === 'scanner-hid-pos' && { layout: 'auto' }),
    ...(protocol === 'scanner-serial' && isNewland && { programmingOff: 'newland' }),
    ...(protocol === 'scanner-wedge' && { keyGapMs: 50, minLength: 4 }),
    ...(protocol === 'rfid-uhfreader18' && { address: 255, form: 'ask' }),
  };
}

/** Lanes and addresses of a bus count up together from the first ones. */
function lanesOf(protocol: Protocol, lane?: Answer, unitAddress?: Answer, laneCount: Answer = 1): object {
  if (protocol !== 'scale-modbus')
    return { ...(lane !== undefined && { lane }), ...(unitAddress !== undefined && { unitAddress }) };
  const lanes = Array.from({ length: Number(laneCount) }, (_, i) => ({
    ...{ lane: Number(lane) + i, unitAddress: Number(unitAddress) + i },
  }));
  return { lanes };
}

/**
 * The entry anew, of one that is there already: what has no field of its own (bounds, registers, the line's parity, lanes that do
 * not count up) stays as it was as long as it is a device of the same protocol.
 */
export function changedEntry(before: DeviceSpec, protocol: Protocol, place: Place, answers: Answers): object {
  const entry = entryOf(before.kind, protocol, place, answers);
  if (before.protocol !== protocol) return entry;
  const same = answersOf(before);
  const isSameBus = (['lane', 'unitAddress', 'laneCount'] as const).every(
    (name) => answers[name] === same[name],
  );
  const lanes = before.protocol === 'scale-modbus' && isSameBus ? { lanes: before.lanes } : {};
  const { transport } = entry as { transport: object };
  return { ...before, ...entry, ...lanes, transport: { ...lineOf(before.transport, place), ...transport } };
}

function lineOf(transport: DeviceSpec['transport'], place: Place): object {
  if (transport.kind !== 'serial' || place.kind !== 'serial') return {};
  const { dataBits, parity, stopBits } = transport;
  return { dataBits, parity, stopBits };
}

/** Where a device of the profile is; null: in a way that is written into the settings by hand alone. */
export function placeOf(transport: DeviceSpec['transport']): Place | null {
  switch (transport.kind) {
    case 'keyboard':
      return { kind: 'keyboard' };
    case 'tcp':
      return { kind: 'tcp', host: transport.host, port: transport.port };
    case 'serial':
      if (transport.match !== undefined) return { kind: 'serial', match: transport.match };
      return transport.path === undefined ? null : { kind: 'serial', path: transport.path };
    case 'hid':
      return { kind: 'hid', match: transport.match };
    case 'usb':
      return null;
  }
}

/** What was answered of a device that is in the profile. */
export function answersOf(spec: DeviceSpec): Answers {
  const { transport } = spec;
  const lanes = spec.protocol === 'scale-modbus' ? spec.lanes : [];
  const [first] = lanes;
  const all: Readonly<Record<string, unknown>> = {
    ...spec,
    ...(transport.kind === 'serial' && { baudRate: transport.baudRate }),
    ...('powerCentiDbm' in spec && { powerDbm: Math.round(spec.powerCentiDbm / 100) }),
    ...(first && { lane: first.lane, unitAddress: first.unitAddress, laneCount: lanes.length }),
  };
  const said = formFieldNames.flatMap((name) => {
    const value = all[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(said);
}
