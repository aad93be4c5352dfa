import { z } from 'zod';
import { deviceSpecSchema } from '../../shared/model/device.ts';
import type { DeviceKind, DeviceSpec } from '../../shared/model/device.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Finding } from '../inventory/inventory.ts';
import {
  type DeviceRole,
  type FormFieldName,
  entryOf,
  formOf,
  protocolsFor,
} from '../../shared/model/device-form.ts';

/** One device of the guided test. */
export interface SetupStep {
  /** The light needs no trial: it is set up at the screen, or written into the profile by hand. */
  readonly kind: Exclude<DeviceKind, 'light'>;
  readonly title: string;
  readonly name: string;
  readonly roles: readonly DeviceRole[];
  /** What the person does to see it work. */
  readonly action: string;
}

export const setupSteps: readonly SetupStep[] = [
  { kind: 'lock', title: 'Lock 锁', name: 'lock', roles: ['serial', 'relay'], action: '' },
  {
    kind: 'code-scanner',
    title: 'Code scanner 扫码器',
    name: 'code scanner',
    roles: ['hid-scanner', 'serial'],
    action: 'Hold a code before the scanner within 15 s of pressing Enter.',
  },
  {
    kind: 'tag-reader',
    title: 'Tag reader 射频读写器',
    name: 'tag reader',
    roles: ['serial'],
    action: 'Put some goods with tags into the cabinet, press Enter.',
  },
  {
    kind: 'scale',
    title: 'Scale 电子秤',
    name: 'scale',
    roles: ['hid-scale', 'serial'],
    action: 'Put something on the scale, press Enter.',
  },
  {
    kind: 'thermometer',
    title: 'Thermometer 温度计',
    name: 'thermometer',
    roles: ['hid-thermometer', 'serial'],
    action: 'Press Enter, and compare what it says.',
  },
];

/** Part of the lock's step where the lock sees no door itself. */
export const sensorStep: SetupStep = {
  kind: 'door-sensor',
  title: 'Door contact 门磁',
  name: 'door contact',
  roles: ['serial'],
  action: '',
};

type Ask = (question: string, proposal: string) => Promise<string>;

const questions: Readonly<Record<FormFieldName, string>> = {
  baudRate: 'Baud rate?',
  boardAddress: 'Address of the board?',
  channel: 'Channel, as printed on the board?',
  closedFeedback: 'What does the contact read when the door is shut (1, 0)?',
  pulseMs: 'Pulse in ms?',
  suffix: 'What ends a code (cr, lf, crlf, none)?',
  region: 'Region (china-900, us, europe, korea)?',
  powerDbm: 'Power in dBm?',
  lane: 'Number of its first lane?',
  unitAddress: 'Modbus address (of the first lane)?',
  laneCount: 'How many lanes, with addresses that count up?',
  countsPerDegree: 'Counts of a degree (100, 256)?',
  sensor: 'Which sensor (outer, inner)?',
};
/** What the trial finds out by itself. */
const isFoundOut: readonly FormFieldName[] = ['closedFeedback'];

/** Asks for what cannot be seen from outside, and builds the profile's entry. */
export async function buildSpec(
  step: SetupStep,
  { role, match }: Finding,
  ask: Ask,
): Promise<Result<DeviceSpec, Failure<'setup.bad_answer'>>> {
  const offered = protocolsFor(step.kind, role);
  const [usual = ''] = offered;
  const named = offered.length > 1 ? await ask(`Protocol (${offered.join(', ')})?`, usual) : usual;
  const protocol = offered.find((one) => one === named);
  if (protocol === undefined) return fail('setup.bad_answer', `there is no protocol ${named}`);
  const isOnLine = role === 'serial';
  const answers: Partial<Record<FormFieldName, string | number>> = {};
  for (const field of formOf(step.kind, protocol, isOnLine)) {
    const { name } = field;
    const said = isFoundOut.includes(name) ? field.usual : await ask(questions[name], String(field.usual));
    answers[name] = typeof field.usual === 'number' ? Number(said) : said;
  }
  const place = { kind: isOnLine ? 'serial' : 'hid', match } as const;
  const spec = deviceSpecSchema.safeParse(entryOf(step.kind, protocol, place, answers));
  return spec.success ? ok(spec.data) : fail('setup.bad_answer', z.prettifyError(spec.error));
}
