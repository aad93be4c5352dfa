import { z } from 'zod';
import type { Simulator } from '../../simulator/server.ts';
import type { TraceEvent } from '../../simulator/trace.ts';
import { until } from '../until.ts';
import { getJson, postJson } from './json-http.ts';

const worldSchema = z.object({
  door: z.string(),
  bolt: z.string(),
  doors: z.array(z.object({ door: z.string(), bolt: z.string() })),
  shelfCount: z.number(),
  goods: z.array(
    z.object({
      epc: z.string(),
      sku: z.string().nullable(),
      place: z.enum(['shelf', 'wrong_shelf', 'hand']),
      shelf: z.number().nullable(),
      foreign: z.boolean(),
    }),
  ),
  devices: z.object({ 'code-scanner': z.object({ attached: z.boolean() }) }),
});

/** What people and accidents do to the simulated cabinet, over its control API. */
export class WorldClient {
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  post(path: string, body: object): Promise<unknown> {
    return postJson(`${this.#simulator.control}/${path}`, JSON.stringify(body));
  }
  async state(): Promise<z.infer<typeof worldSchema>> {
    return worldSchema.parse(await getJson(`${this.#simulator.control}/state`));
  }
  /** Holds a member's phone with a fresh code before the scanner, once the kiosk has it: a scan before that is lost. */
  async present(memberId = 'M1001', code: 'fresh' | 'enrol' = 'fresh'): Promise<void> {
    await until('scanner connected', async () => (await this.state()).devices['code-scanner'].attached);
    await this.post('present', { memberId, code });
  }
  /** Scans the cabinet's own code with a member's phone. */
  async scanScreen(memberId = 'M1001', code: 'shown' | 'replayed' = 'shown'): Promise<void> {
    await this.post('phone', { memberId, code });
  }
  /** Pulls the door (of several this one, from 1) as soon as the bolt lets it, as a hand on the handle does. */
  async pull(door = 1): Promise<void> {
    await until('bolt released', async () => (await this.state()).doors[door - 1]?.bolt === 'released');
    await this.post('door', { action: 'pull', door });
  }
  async shut(door?: number): Promise<void> {
    await this.post('door', { action: 'close', door });
  }
  async take(sku: string): Promise<void> {
    await this.post('goods', { action: 'take', sku });
  }
  /** Where it belongs, or on this shelf. */
  async putBack(sku: string, shelf?: number): Promise<void> {
    const item = (await this.state()).goods.find((g) => g.sku === sku && g.place === 'hand');
    if (item === undefined) throw new Error(`no ${sku} in hand`);
    await this.post('goods', { action: 'put_back', epc: item.epc, shelf });
  }
  /** Something of one's own, with a tag that nobody has seen. */
  async putForeign(shelf: number): Promise<void> {
    await this.post('goods', { action: 'put_foreign', shelf });
  }
  async takeForeign(): Promise<void> {
    const item = (await this.state()).goods.find((g) => g.foreign && g.place !== 'hand');
    if (item === undefined) throw new Error('nothing foreign is inside');
    await this.post('goods', { action: 'take', epc: item.epc });
  }
  /** How warm it is among the goods, for a cabinet with a thermometer. */
  warm(milliC: number): void {
    const { thermometer } = this.#simulator.cabinet;
    if (thermometer === null) throw new Error('this cabinet has no thermometer');
    thermometer.port.device.milliC = milliC;
  }
  async network(mode: 'up' | 'cut' | 'blackhole' | 'drop-replies', delayMs = 0): Promise<void> {
    await this.post('network', { mode, delayMs });
  }
  /** Bytes on the devices' wires after event number `since`, oldest first. */
  trace(since: number): TraceEvent[] {
    return this.#simulator.trace.since(since);
  }
}
