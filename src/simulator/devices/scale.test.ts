import { beforeEach, describe, expect, test } from 'vitest';
import { decodeScaleWeight } from '../../devices/protocol/scale-hid.ts';
import { FakeClock } from '../../shared/clock.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { SeededRandom } from '../../shared/random.ts';
import { World } from '../world.ts';
import { ScaleManners } from './scale-manners.ts';
import { ScaleBus, busReplyMs, spoilModbusCheck } from './scale-bus.ts';
import { Scale, scaleReportEveryMs, scaleSettleMs, spoilScaleReport } from './scale.ts';

const catalog = loadSampleCatalog();
let clock: FakeClock;
let world: World;
let sent: Uint8Array[];

beforeEach(() => {
  clock = new FakeClock();
  world = new World({ clock, random: new SeededRandom(1), catalog });
  sent = [];
});

const manners = (): ScaleManners =>
  new ScaleManners({ clock, random: new SeededRandom(1), isPhysical: false });

const hex = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? [])
    .toString('hex')
    .toUpperCase();

describe('USB HID scale', () => {
  const make = (): Scale =>
    new Scale({ clock, world, manners: manners(), send: (report) => sent.push(report) });
  const last = (): object => {
    const report = decodeScaleWeight(sent.at(-1) ?? new Uint8Array());
    return report.ok ? report.value : report.error;
  };

  test('reports all goods in grams all the time, on the move for a while after each change', async () => {
    const scale = make();
    const allG = world.gramsInside();
    expect(allG).toBe(
      catalog.tags.reduce(
        (sum, { sku }) => sum + (catalog.products.find((p) => p.sku === sku)?.weightG ?? 0),
        0,
      ),
    );
    await clock.advance(2 * scaleReportEveryMs);
    expect(sent.length).toBe(3);
    expect(last()).toMatchObject({ status: 'stable', unit: 'gram', exponent: 0, value: allG });
    world.force();
    world.take({ sku: 'cola-can' });
    await clock.advance(scaleReportEveryMs);
    expect(last()).toMatchObject({ status: 'in_motion', value: world.gramsInside() });
    await clock.advance(scaleSettleMs);
    expect(last()).toMatchObject({ status: 'stable' });
    scale.close();
    const count = sent.length;
    await clock.advance(1000);
    expect(sent.length).toBe(count);
  });

  test('is zeroed by its command at rest only, and then goes under zero', async () => {
    const scale = make();
    world.force();
    world.take({ sku: 'cola-can' });
    scale.receive(Uint8Array.of(2, 2));
    await clock.advance(2 * scaleSettleMs);
    expect(last()).toMatchObject({ status: 'stable' });
    scale.receive(Uint8Array.of(2, 2));
    await clock.advance(scaleReportEveryMs);
    expect(last()).toMatchObject({ status: 'zero', value: 0 });
    world.take({ sku: 'cola-can' });
    await clock.advance(2 * scaleSettleMs);
    const canG = catalog.products.find((p) => p.sku === 'cola-can')?.weightG;
    expect(last()).toMatchObject({ status: 'under_zero', value: canG });
  });

  test('a spoilt report is refused', () => {
    make();
    expect(decodeScaleWeight(spoilScaleReport(sent[0] ?? new Uint8Array()))).toMatchObject({ ok: false });
  });
});

describe('transmitters on a bus', () => {
  const make = (): ScaleBus =>
    new ScaleBus({ clock, world, manners: manners(), send: (frame) => sent.push(frame) });
  async function request(bus: ScaleBus, request: string): Promise<string> {
    sent = [];
    bus.receive(Buffer.from(request, 'hex'));
    await clock.advance(busReplyMs);
    return hex(sent[0]);
  }
  const gramsOf = (answer: string): number => Buffer.from(answer, 'hex').readInt32BE(3);

  test('answer with the weight of their shelf, and its flags', async () => {
    const bus = make();
    expect(bus.unitCount).toBe(world.shelfCount);
    const answer = await request(bus, '010300500002C41A');
    expect(answer.slice(0, 6)).toBe('010304');
    expect(gramsOf(answer)).toBe(world.gramsInside(1));
    expect(await request(bus, '01030008000105C8')).toBe('0103020000B844');
    world.force();
    world.take({ sku: world.inside.find((i) => i.shelf === 1)?.sku ?? '' });
    expect((await request(bus, '01030008000105C8')).slice(6, 10)).toBe('0020');
  });

  test('zero and tare as the manual has them', async () => {
    const bus = make();
    expect(await request(bus, '011000540002047FFFFFFFDF34')).toBe('0110005400020018');
    expect(gramsOf(await request(bus, '01030052000265DA'))).toBe(0);
    expect(gramsOf(await request(bus, '010300500002C41A'))).toBe(world.gramsInside(1));
    expect(await request(bus, '0110002600020400000000719D')).toBe('011000260002A003');
    expect(gramsOf(await request(bus, '010300500002C41A'))).toBe(0);
  });

  test('an address nobody has is silence, a register nobody has an exception', async () => {
    const bus = make();
    expect(await request(bus, '630300500002CC58')).toBe('');
    expect(await request(bus, '0103002C000205C2')).toBe('018302C0F1');
  });

  test('without power it forgets the request it was about to answer', async () => {
    const bus = make();
    bus.receive(Buffer.from('010300500002C41A', 'hex'));
    bus.powerOff();
    await clock.advance(1000);
    expect(sent).toEqual([]);
  });

  test('a spoilt frame has a wrong CRC', () => {
    const frame = Buffer.from('018302C0F1', 'hex');
    expect(hex(spoilModbusCheck(frame))).toBe('018302C0F0');
  });
});
