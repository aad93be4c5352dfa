import { z } from 'zod';
import { deviceSpecSchema } from '../../shared/model/device.ts';
import type { DeviceKind, DeviceSpec } from '../../shared/model/device.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { factoryBaudRates } from '../protocol/factory-baud-rates.ts';
import type { Finding } from './inventory.ts';
import type { DeviceRole } from './known-devices.ts';

/** One device of the guided test. */
export interface SetupStep {
  /** The light needs no trial: it is written into the profile by hand. */
  readonly kind: Exclude<DeviceKind, 'light' | 'thermometer'>;
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
];

/** Part of the lock's step where the lock sees no door itself. */
export const sensorStep: SetupStep = {
  kind: 'door-sensor',
  title: 'Door contact 门磁',
  name: 'door contact',
  roles: ['serial'],
  action: '',
};

const newlandVendorId = 0x1eab;

type Ask = (question: string, proposal: string) => Promise<string>;
type Fields = Record<string, unknown>;
type ProtocolFields = Fields & { readonly protocol: string };

/** Asks for what cannot be seen from outside, and builds the profile's entry. */
export async function buildSpec(
  step: SetupStep,
  finding: Finding,
  ask: Ask,
): Promise<Result<DeviceSpec, Failure<'setup.bad_answer'>>> {
  const fields = await askFields(step, finding, ask);
  const transport =
    finding.role === 'serial'
      ? await askLine(finding, fields.protocol, ask)
      : { kind: 'hid', match: finding.match };
  const spec = deviceSpecSchema.safeParse({ kind: step.kind, transport, ...fields });
  return spec.success ? ok(spec.data) : fail('setup.bad_answer', z.prettifyError(spec.error));
}

/** The rate comes after the protocol, for each maker has its own; it is asked for, since a board may be set otherwise. */
async function askLine({ match }: Finding, protocol: string, ask: Ask): Promise<Fields> {
  const rates: Readonly<Record<string, number>> = factoryBaudRates;
  const baudRate = Number(await ask('Baud rate?', String(rates[protocol] ?? '')));
  return { kind: 'serial', match, baudRate };
}

async function askFields(
  step: SetupStep,
  { role, match, product }: Finding,
  ask: Ask,
): Promise<ProtocolFields> {
  switch (step.kind) {
    case 'lock': {
      if (role === 'relay') {
        const channel = Number(await ask(`Which relay of ${product ?? match.product ?? 'the board'}?`, '1'));
        return { protocol: 'relay-dcttech', channel, pulseMs: Number(await ask('Pulse in ms?', '500')) };
      }
      return askBoard('lock', ask);
    }
    case 'door-sensor':
      return askBoard('door contact', ask);
    case 'code-scanner':
      return role === 'hid-scanner'
        ? { protocol: 'scanner-hid-pos', layout: 'auto' }
        : {
            protocol: 'scanner-serial',
            suffix: await ask('What ends a code (cr, lf, crlf, none)?', 'cr'),
            ...(match.vendorId === newlandVendorId ? { programmingOff: 'newland' } : {}),
          };
    case 'tag-reader':
      return askReader(ask);
    case 'scale':
      return role === 'hid-scale'
        ? { protocol: 'scale-hid', lane: 1 }
        : {
            protocol: 'scale-modbus',
            lanes: [{ lane: 1, unitAddress: Number(await ask('Modbus address of lane 1?', '1')) }],
          };
  }
}

async function askBoard(what: string, ask: Ask): Promise<ProtocolFields> {
  const protocol = await ask('Protocol (lock-8a, lock-wkly, lock-kerong-cu16)?', 'lock-8a');
  const boardAddress = Number(
    await ask('Address of the board?', protocol === 'lock-kerong-cu16' ? '0' : '1'),
  );
  const channel = Number(await ask(`Channel of the ${what}?`, '1'));
  return { protocol, boardAddress, channel, closedFeedback: 1 };
}

async function askReader(ask: Ask): Promise<ProtocolFields> {
  const protocol = await ask('Protocol (rfid-r200, rfid-uhfreader18, rfid-sw5357)?', 'rfid-r200');
  const region = await ask('Region (china-900, us, europe, korea)?', 'china-900');
  const powerCentiDbm = Number(await ask('Power in dBm?', '26')) * 100;
  const own = protocol === 'rfid-uhfreader18' ? { address: 255, form: 'ask' } : {};
  return { protocol, region, powerCentiDbm, ...own };
}
