import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceKindSchema, deviceSpecSchema } from './device.ts';
import {
  type Answers,
  type FormField,
  type Place,
  allProtocolsOf,
  answersOf,
  changedEntry,
  deviceRoles,
  entryOf,
  formOf,
  placeOf,
  protocolsFor,
} from './device-form.ts';

const match = { vendorId: 0x1a86, productId: 0x7523 };
const places: readonly Place[] = [
  { kind: 'tcp', host: '10.0.0.5', port: 4001 },
  { kind: 'serial', match },
  { kind: 'serial', path: '/dev/ttyS1' },
  { kind: 'hid', match },
];
const all = deviceKindSchema.options.flatMap((kind) =>
  allProtocolsOf(kind).map((protocol) => ({ kind, protocol })),
);
const answer = ({ choices, min, max }: FormField): fc.Arbitrary<string | number> =>
  choices.length > 0 ? fc.constantFrom(...choices) : fc.integer({ min, max });
const answers = (fields: readonly FormField[]): fc.Arbitrary<Answers> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.name, answer(field)])));
const usual = (fields: readonly FormField[]): Answers =>
  Object.fromEntries(fields.map((field) => [field.name, field.usual]));

describe.each(all)('$kind, $protocol', ({ kind, protocol }) => {
  test.each(places)(
    'whatever is answered makes an entry, and the entry says what was answered: %j',
    (place) => {
      const fields = formOf(kind, protocol, place.kind === 'serial');
      fc.assert(
        fc.property(answers(fields), (said) => {
          // A reader of several lanes ends at the last one that there is.
          fc.pre(Number(said.lane ?? 1) + Number(said.laneCount ?? 1) <= 100);
          fc.pre(Number(said.unitAddress ?? 1) + Number(said.laneCount ?? 1) <= 248);
          const spec = deviceSpecSchema.parse(entryOf(kind, protocol, place, said));
          expect(answersOf(spec)).toEqual(said);
          expect(placeOf(spec.transport)).toEqual(place);
          // As it was, nothing of it is another one.
          expect(deviceSpecSchema.parse(changedEntry(spec, protocol, place, said))).toEqual(spec);
        }),
        { numRuns: 20 },
      );
    },
  );
});

test('what nobody is asked about stays as it was: bounds, registers, the line, lanes that do not count up', () => {
  const line = { kind: 'serial', match, baudRate: 9600, parity: 'even' };
  const lanes = [
    { lane: 7, unitAddress: 3, bounds: { minMilligrams: 0, maxMilligrams: 9_000 } },
    { lane: 2, unitAddress: 9 },
  ];
  const scale = deviceSpecSchema.parse({ kind: 'scale', protocol: 'scale-modbus', lanes, transport: line });
  const place = { kind: 'serial', match: { ...match, portPath: '1-2' } } as const;
  const moved = changedEntry(scale, 'scale-modbus', place, { ...answersOf(scale), baudRate: 19_200 });
  expect(deviceSpecSchema.parse(moved)).toEqual({
    ...scale,
    transport: { ...scale.transport, match: place.match, baudRate: 19_200 },
  });
  const more = changedEntry(scale, 'scale-modbus', place, { ...answersOf(scale), laneCount: 3 });
  expect(deviceSpecSchema.parse(more)).toMatchObject({
    lanes: [
      { lane: 7, unitAddress: 3 },
      { lane: 8, unitAddress: 4 },
      { lane: 9, unitAddress: 5 },
    ],
  });
});

test('each kind can be set up on something that is found, or is a keyboard; what is none of these, nowhere', () => {
  for (const kind of deviceKindSchema.options) {
    expect(deviceRoles.some((role) => protocolsFor(kind, role).length > 0)).toBe(true);
    expect(protocolsFor(kind, 'other')).toEqual([]);
  }
  const fields = formOf('code-scanner', 'scanner-wedge', false);
  const typing = entryOf('code-scanner', 'scanner-wedge', { kind: 'keyboard' }, usual(fields));
  expect(deviceSpecSchema.safeParse(typing).success).toBe(true);
});
