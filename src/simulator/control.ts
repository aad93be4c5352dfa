import { z } from 'zod';
import { fail, ok } from '../shared/result.ts';
import type { Clock } from '../shared/clock.ts';
import type { Catalog } from '../shared/model/catalog.schema.ts';
import { deviceKindSchema } from '../shared/model/device.ts';
import type { DeviceKind } from '../shared/model/device.ts';
import * as api from './api.ts';
import type { GoodsRequest, MemberRow, SimulatorState } from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { jsonRoute } from './http.ts';
import type { Answer, ControlFailure, Routes } from './http.ts';
import type { Network } from './network.ts';
import type { OperatorDev } from './operator-dev.ts';
import { SimulatedPhones } from './phones.ts';
import type { Result } from '../shared/result.ts';
import type { Trace } from './trace.ts';
import type { ItemChoice, World } from './world.ts';

/** The kiosk computer's mains switch, when the launcher has one to give. Rejections become `power_failed`. */
export interface PowerSwitch {
  isOn(): boolean;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** What a phone's camera sees on the kiosk's screen: the text of the QR there; null: there is none. May reject. */
export type ScreenReader = () => Promise<string | null>;

export interface ControlParts {
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly world: World;
  readonly cabinet: Cabinet;
  readonly network: Network;
  readonly trace: Trace;
  readonly operator: OperatorDev;
  readonly power: PowerSwitch | null;
  readonly screenReader: ScreenReader | null;
  readonly onChange: () => void;
}

const membersFreshMs = 5000;
/** An hour: far outside any grace. */
const expiredCodeAgeS = 3600;
const nothing = z.strictObject({});

/** What can be done to the simulated cabinet from outside. */
export class Control {
  readonly #parts: ControlParts;
  #members: readonly MemberRow[] = [];
  #membersAtMs = -Infinity;
  #lastCode: string | null = null;
  readonly #phones: SimulatedPhones;
  /** The QR that a phone has scanned last. */
  #lastScreenCode: string | null = null;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#phones = new SimulatedPhones(parts.operator);
  }

  state(): SimulatorState {
    const { world, network, cabinet, power, screenReader } = this.#parts;
    return {
      door: world.door,
      bolt: world.bolt,
      doors: world.doors.map(({ door, bolt }) => ({ door, bolt })),
      shelfCount: world.shelfCount,
      goods: world.goods,
      network: { mode: network.mode, delayMs: network.delayMs },
      devices: {
        lock: cabinet.view('lock'),
        'door-sensor': cabinet.view('door-sensor'),
        'tag-reader': cabinet.view('tag-reader'),
        'code-scanner': cabinet.view('code-scanner'),
        scale: cabinet.view('scale'),
        light: cabinet.view('light'),
        thermometer: cabinet.view('thermometer'),
      },
      light: cabinet.light === null ? null : world.isLightOn ? 'on' : 'off',
      members: this.#members,
      power: power === null ? null : power.isOn() ? 'on' : 'off',
      screenReader: screenReader !== null,
    };
  }

  routes(): Routes['json'] {
    const { catalog, trace, clock, operator } = this.#parts;
    const routes: [string, (input: unknown) => Answer | Promise<Answer>][] = [
      ['GET /state', jsonRoute(nothing, async () => ok(await this.#freshState()))],
      ['GET /catalog', jsonRoute(nothing, () => ok(catalog))],
      [
        'GET /trace',
        jsonRoute(api.traceQuerySchema, ({ since, device }) =>
          ok({ nowMs: clock.monotonicMs(), lastSeq: trace.lastSeq, events: trace.since(since, device) }),
        ),
      ],
      ['GET /charges', jsonRoute(nothing, () => operator.charges())],
      ['GET /notices', jsonRoute(nothing, () => operator.notices())],
      ['POST /provider', jsonRoute(api.providerRequestSchema, (settings) => operator.setProvider(settings))],
      ['POST /door', jsonRoute(api.doorRequestSchema, (request) => this.#moveDoor(request))],
      ['POST /goods', jsonRoute(api.goodsRequestSchema, (request) => this.#goods(request))],
      ['POST /scan', jsonRoute(api.scanRequestSchema, ({ text, aim }) => this.#scan(text, aim))],
      ['POST /present', jsonRoute(api.presentRequestSchema, (request) => this.#present(request))],
      ['POST /phone', jsonRoute(api.phoneRequestSchema, (request) => this.#phone(request))],
      ['POST /network', jsonRoute(api.networkRequestSchema, (request) => this.#setNetwork(request))],
      ['POST /power', jsonRoute(api.powerRequestSchema, ({ action }) => this.#setPower(action))],
      ['POST /reset', jsonRoute(nothing, () => this.#reset())],
    ];
    for (const kind of deviceKindSchema.options) {
      routes.push([
        `POST /devices/${kind}`,
        jsonRoute(api.deviceRequestSchema, (request) => this.#setDevice(kind, request)),
      ]);
    }
    return new Map(routes);
  }

  #moveDoor({ action, door }: z.output<typeof api.doorRequestSchema>): Answer {
    const { world } = this.#parts;
    if (door !== undefined && door > world.doors.length)
      return fail('bad_request', `there is no door ${door}`);
    return world[action](door);
  }

  #goods(request: GoodsRequest): Answer {
    const { world } = this.#parts;
    switch (request.action) {
      case 'take':
        return world.take(choice(request));
      case 'put_back':
        return world.putBack({ ...choice(request), shelf: request.shelf });
      case 'cover':
        return world.cover(choice(request));
      case 'uncover':
        return world.uncover(choice(request));
      case 'put_foreign':
        return world.putForeign(request);
      case 'restock':
        world.restock();
        return ok();
    }
  }

  #scan(text: string, aim?: string): Result<{ attached: boolean }, ControlFailure> {
    const { scanner } = this.#parts.cabinet;
    if (!scanner.plugged) return fail('device_unplugged', 'the scanner is unplugged');
    if (!scanner.device.scan(text, aim))
      return fail('device_busy', 'the scanner still sends what it read before');
    return ok({ attached: scanner.attached });
  }

  async #present({ memberId, code }: z.output<typeof api.presentRequestSchema>): Promise<Answer> {
    if (code === 'replayed') {
      if (this.#lastCode === null) return fail('no_last_code', 'no code has been presented yet');
      return this.#scan(this.#lastCode);
    }
    const life = code === 'expired' ? -expiredCodeAgeS : undefined;
    const purpose = code === 'enrol' ? 'enrol' : 'visit';
    const made = await this.#parts.operator.memberCode(memberId, life, purpose);
    if (!made.ok) return made;
    if (code === 'fresh') this.#lastCode = made.value;
    const scanned = this.#scan(made.value);
    return scanned.ok ? ok({ ...scanned.value, code: made.value }) : scanned;
  }

  /** Scans the screen with a simulated phone, which opens the operator's page and says yes there. */
  async #phone({ memberId, code }: z.output<typeof api.phoneRequestSchema>): Promise<Answer> {
    const { screenReader } = this.#parts;
    if (code === 'shown') {
      if (screenReader === null) return fail('no_screen_reader', 'the launcher lets nobody see the screen');
      const seen = await screenReader().catch(() => null);
      if (seen === null) return fail('no_code_on_screen', 'the screen shows no code of the cabinet');
      this.#lastScreenCode = seen;
    }
    if (this.#lastScreenCode === null) return fail('no_last_code', 'no screen has been scanned yet');
    return this.#phones.openCabinet(memberId, this.#lastScreenCode);
  }

  #setNetwork(request: z.output<typeof api.networkRequestSchema>): Answer {
    const { network } = this.#parts;
    network.set(request.mode ?? network.mode, request.delayMs ?? network.delayMs);
    return ok({ mode: network.mode, delayMs: network.delayMs });
  }

  #setDevice(kind: DeviceKind, request: z.output<typeof api.deviceRequestSchema>): Answer {
    const { cabinet } = this.#parts;
    const { connected, fault } = request;
    if (cabinet.view(kind) === null) return fail('bad_request', `this cabinet has no ${kind}`);
    if (fault === 'jammed' && kind !== 'lock') return fail('bad_request', 'only a lock can jam');
    if (fault !== undefined) cabinet.setFault(kind, fault);
    if (connected !== undefined) cabinet.setPlugged(kind, connected);
    this.#parts.onChange();
    return ok(cabinet.view(kind));
  }

  async #setPower(action: 'kill' | 'start'): Promise<Answer> {
    const { power, onChange } = this.#parts;
    if (power === null) return fail('no_power_switch', 'the launcher gave none');
    try {
      await power[action]();
    } catch (error) {
      return fail('power_failed', String(error));
    }
    onChange();
    return ok({ power: power.isOn() ? 'on' : 'off' });
  }

  /** Everything as at the start, but the kiosk's power: goods, door, devices, network. */
  #reset(): Answer {
    const { world, cabinet, network } = this.#parts;
    world.restock();
    for (const index of world.doors.keys()) {
      if (world.doors[index]?.door === 'open') world.close(index + 1);
      world.releaseHold(index + 1);
    }
    for (const kind of deviceKindSchema.options) {
      cabinet.setFault(kind, 'none');
      cabinet.setPlugged(kind, true);
    }
    network.set('up', 0);
    return ok();
  }

  /** The operator's members may change; they are asked for again now and then. Old ones are better than an error here. */
  async #freshState(): Promise<SimulatorState> {
    const { clock, operator } = this.#parts;
    if (operator.isConfigured && clock.monotonicMs() - this.#membersAtMs > membersFreshMs) {
      this.#membersAtMs = clock.monotonicMs();
      const members = await operator.members();
      if (members.ok) {
        this.#members = members.value;
        this.#parts.onChange();
      }
    }
    return this.state();
  }
}

function choice(request: { epc?: string | undefined; sku?: string | undefined }): ItemChoice {
  if (request.epc !== undefined) return { epc: request.epc };
  // The schema has seen to it that there is one of the two.
  return { sku: request.sku ?? '' };
}
