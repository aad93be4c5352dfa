import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { lightOnMaxMs } from '../../shared/model/light-spec.ts';
import { toHex } from '../protocol/codec.ts';
import { FakeRelay } from '../../testkit/devices/fake-relay.ts';
import { lockSpec, readerSpec, DeviceHarness } from '../../testkit/devices/device-harness.ts';
import type { MemoryTransport } from '../transport/memory.ts';

/** The light at the camera on a USB relay, beside a lock and a reader: whole connections, at byte level. */

const lightSpec: DeviceSpec = {
  kind: 'light',
  protocol: 'relay-dcttech',
  transport: { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' },
  channel: 3,
  relayId: 'LIGHT',
};
const off = { type: 'off', relay: 3 };
const on = { type: 'on', relay: 3 };

class LightHarness extends DeviceHarness {
  readonly relay = new FakeRelay('LIGHT');

  constructor() {
    super();
    this.attachLight();
  }

  static async make(change: (harness: LightHarness) => void = () => undefined): Promise<LightHarness> {
    const harness = new LightHarness();
    change(harness);
    await harness.up([lockSpec, readerSpec, lightSpec]);
    return harness;
  }

  get isLit(): boolean {
    return this.relay.on.has(3);
  }
  get detail(): string {
    return this.supervisor.health().find((one) => one.kind === 'light')?.detail ?? '';
  }
  /** As long as it takes to carry out an order when nothing is wrong: none. */
  async setLight(isOn: boolean): Promise<void> {
    void this.supervisor.setLight(isOn);
    await this.clock.advance(0);
  }
  attachLight(change: (transport: MemoryTransport) => void = () => undefined): void {
    this.players.light = (transport) => {
      this.relay.attach(transport);
      change(transport);
    };
  }
  unplugLight(): void {
    this.relay.powerOff();
    this.transport('light').unplug();
  }
  stop(): Promise<unknown> {
    return Promise.all([this.supervisor.stop(), this.clock.advance(2_000)]);
  }
}

describe('relay light', () => {
  it('off before anything else, then ready; the other relays of its board are not touched', async () => {
    const harness = await LightHarness.make(({ relay }) => {
      relay.on.add(3).add(5);
    });
    expect(harness.relay.received).toEqual([off]);
    expect([...harness.relay.on]).toEqual([5]);
    expect(harness.health('light')).toBe('ready');
    await harness.setLight(true);
    await harness.setLight(false);
    await harness.stop();
    expect([...harness.relay.on]).toEqual([5]);
    expect(harness.relay.count('allOff')).toBe(0);
  });

  it('on and off at once, each once, each read back', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    expect(harness.isLit).toBe(true);
    await harness.clock.advance(30_000);
    await harness.setLight(false);
    expect(harness.isLit).toBe(false);
    await harness.clock.advance(30_000);
    expect(harness.relay.received).toEqual([off, on, off]);
    expect(harness.transport('light').featuresSet.map(toHex)[1]).toBe('00FF03000000000000');
    expect(harness.health('light')).toBe('ready');
  });

  it('off by itself after its time; an order before that makes it begin anew', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    await harness.clock.advance(lightOnMaxMs - 1);
    expect(harness.isLit).toBe(true);
    await harness.setLight(true);
    await harness.clock.advance(lightOnMaxMs - 1);
    expect(harness.isLit).toBe(true);
    await harness.clock.advance(1);
    expect(harness.isLit).toBe(false);
    expect(harness.relay.received).toEqual([off, on, off]);
    await harness.clock.advance(lightOnMaxMs);
    expect(harness.relay.count('on')).toBe(1);
  });

  it('an order amid a reading is carried out right after it', async () => {
    const harness = await LightHarness.make();
    const transport = harness.transport('light');
    transport.corrupt = (report) => {
      transport.corrupt = null;
      void harness.supervisor.setLight(true);
      return report;
    };
    await harness.clock.advance(500);
    expect(harness.isLit).toBe(true);
  });

  it('an order stands over connections, for its time: off first, then on again', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    harness.unplugLight();
    await harness.clock.advance(200);
    expect(harness.isLit).toBe(true);
    expect(harness.relay.received).toEqual([off, on, off, on]);
    await harness.clock.advance(lightOnMaxMs);
    expect(harness.isLit).toBe(false);
    harness.unplugLight();
    await harness.clock.advance(1_000);
    expect(harness.relay.count('on')).toBe(2);
  });

  it('plugged in again in the dark: off all the same', async () => {
    const harness = await LightHarness.make();
    harness.unplugLight();
    await harness.clock.advance(1_000);
    expect(harness.relay.received).toEqual([off, off]);
  });

  it('"off" while it is unplugged: it stays dark', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    harness.unplugLight();
    await harness.setLight(false);
    await harness.clock.advance(5_000);
    expect(harness.relay.count('on')).toBe(1);
    expect(harness.health('light')).toBe('ready');
  });

  it('an order right behind the configuration is not lost', async () => {
    const harness = new LightHarness();
    const configured = harness.supervisor.configure({ simulated: true, devices: [lightSpec] });
    void harness.supervisor.setLight(true);
    await configured;
    await harness.clock.advance(0);
    expect(harness.relay.received).toEqual([off, on]);
    expect(harness.isLit).toBe(true);
  });

  it('stopped while it is on: off is the last word', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    await harness.stop();
    expect(harness.isLit).toBe(false);
    expect(harness.relay.received.at(-1)).toEqual(off);
  });

  it('switched by somebody else: on does not stay, off is not fought, both are counted', async () => {
    const harness = await LightHarness.make();
    const errorCount = (): number => harness.supervisor.health().at(-1)?.errorCount ?? 0;
    harness.relay.on.add(3);
    await harness.clock.advance(500);
    expect(harness.isLit).toBe(false);
    expect(errorCount()).toBe(1);
    await harness.setLight(true);
    harness.relay.on.clear();
    await harness.clock.advance(3_000);
    expect(errorCount()).toBe(2);
    expect(harness.isLit).toBe(false);
    await harness.setLight(true);
    expect(harness.isLit).toBe(true);
  });

  it('another id: never switched, not even off, and says which', async () => {
    const harness = await LightHarness.make(({ relay }) => {
      relay.id = 'BITFT';
      relay.on.add(3);
    });
    await harness.setLight(true);
    await harness.setLight(false);
    await harness.clock.advance(3_000);
    expect(harness.health('light')).toBe('error');
    expect(harness.detail).toContain('its id is BITFT, not LIGHT');
    await harness.stop();
    expect(harness.relay.received).toEqual([]);
  });

  it('another id with the answer to "on": nothing more is said to it', async () => {
    const harness = await LightHarness.make();
    harness.transport('light').corrupt = (report) => {
      harness.relay.id = 'BITFT';
      return report;
    };
    await harness.setLight(true);
    await harness.clock.advance(2_000);
    expect(harness.relay.received).toEqual([off, on]);
    expect(harness.health('light')).toBe('error');
  });

  it('what cannot be read is not left on', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    harness.transport('light').corrupt = () => Uint8Array.of(0);
    await harness.clock.advance(500);
    expect(harness.isLit).toBe(false);
    expect(harness.detail).toContain('could not be confirmed off: no relay state');
  });

  it('it does not go on: an error until it does, one try an order', async () => {
    const harness = await LightHarness.make();
    harness.relay.stuck = true;
    await harness.setLight(true);
    expect(harness.health('light')).toBe('error');
    expect(harness.detail).toBe('the light did not go on: its relay stays off');
    await harness.clock.advance(3_000);
    await harness.setLight(true);
    expect(harness.relay.count('on')).toBe(2);
    harness.relay.stuck = false;
    await harness.clock.advance(3_000);
    expect(harness.relay.count('on')).toBe(2);
    expect(harness.health('light')).toBe('error');
    await harness.setLight(true);
    expect(harness.isLit).toBe(true);
    expect(harness.health('light')).toBe('ready');
  });

  it('it does not go off: an error, off is tried until it is', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    harness.relay.stuck = true;
    await harness.setLight(false);
    expect(harness.health('light')).toBe('error');
    expect(harness.detail).toBe('the light could not be confirmed off: relays 3 stay on');
    await harness.clock.advance(5_000);
    harness.relay.stuck = false;
    await harness.clock.advance(300);
    expect(harness.isLit).toBe(false);
    expect(harness.health('light')).toBe('ready');
  });

  it('a cabinet without a light: an order is nothing', async () => {
    const harness = new LightHarness();
    await harness.up([lockSpec]);
    await harness.setLight(true);
    expect(harness.health('light')).toBe('none');
    expect(harness.health('lock')).toBe('ready');
  });
});

interface Fault {
  readonly name: string;
  apply(harness: LightHarness): void;
  repair(harness: LightHarness): void;
}
/** On the transport that is there, and on each that comes. */
function everyTransport(
  change: (transport: MemoryTransport, isFaulty: boolean) => void,
): Pick<Fault, 'apply' | 'repair'> {
  const set = (harness: LightHarness, isFaulty: boolean): void => {
    change(harness.transport('light'), isFaulty);
    harness.attachLight((transport) => {
      change(transport, isFaulty);
    });
  };
  return {
    apply: (harness) => {
      set(harness, true);
    },
    repair: (harness) => {
      set(harness, false);
    },
  };
}
function otherBoard(id: string): (harness: LightHarness) => void {
  return (harness) => {
    harness.unplugLight();
    harness.relay.id = id;
  };
}

const faults: readonly Fault[] = [
  {
    name: 'unplug',
    apply: (harness) => {
      harness.attachLight((transport) => {
        transport.refuseOpen = true;
      });
      harness.unplugLight();
    },
    repair: (harness) => {
      harness.attachLight();
    },
  },
  {
    name: 'stall',
    ...everyTransport((transport, isFaulty) => {
      transport.stallFeature = isFaulty;
    }),
  },
  {
    name: 'refusal',
    ...everyTransport((transport, isFaulty) => {
      transport.refuseFeature = isFaulty;
    }),
  },
  {
    name: 'garbage',
    ...everyTransport((transport, isFaulty) => {
      transport.corrupt = isFaulty ? (report) => report.map((byte) => byte ^ 0x9d) : null;
    }),
  },
  { name: 'another board', apply: otherBoard('BITFT'), repair: otherBoard('LIGHT') },
  {
    name: 'a relay that stays as it is',
    apply: ({ relay }) => {
      relay.stuck = true;
    },
    repair: ({ relay }) => {
      relay.stuck = false;
    },
  },
];

describe.each(faults)('relay light: $name', (fault) => {
  it('while it is off: nothing is switched on, well afterwards', async () => {
    const harness = await LightHarness.make();
    fault.apply(harness);
    await expectOthersWell(harness);
    await harness.clock.advance(6_000);
    fault.repair(harness);
    await harness.clock.advance(8_000);
    expect(harness.relay.count('on')).toBe(0);
    await expectWell(harness);
  });

  it('while it is on, "off" amid it: dark as soon as it can be, well afterwards', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    fault.apply(harness);
    await expectOthersWell(harness);
    await harness.setLight(false);
    await harness.clock.advance(6_000);
    expect(harness.health('light')).not.toBe('ready');
    fault.repair(harness);
    await harness.clock.advance(8_000);
    expect(harness.isLit).toBe(false);
    expect(harness.relay.count('on')).toBe(1);
    await expectWell(harness);
  });

  it('while it is on, and nobody says anything more: dark when its time is over', async () => {
    const harness = await LightHarness.make();
    await harness.setLight(true);
    fault.apply(harness);
    await harness.clock.advance(20_000);
    fault.repair(harness);
    await harness.clock.advance(lightOnMaxMs - 20_000);
    await harness.clock.advance(5_000);
    expect(harness.isLit).toBe(false);
    await expectWell(harness);
  });

  it('"on" amid it: tried once a connection at most, on with the next order after it', async () => {
    const harness = await LightHarness.make();
    fault.apply(harness);
    await harness.setLight(true);
    await harness.clock.advance(6_000);
    await expectOthersWell(harness);
    expect(harness.relay.count('on')).toBeLessThanOrEqual(harness.transports.light.length);
    expect(harness.health('light')).not.toBe('ready');
    fault.repair(harness);
    await harness.clock.advance(8_000);
    await harness.setLight(true);
    expect(harness.isLit).toBe(true);
    await harness.setLight(false);
    await expectWell(harness);
  });
});

/** Who has nothing to do with the light does not notice. */
async function expectOthersWell(harness: LightHarness): Promise<void> {
  expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('ok');
  expect([harness.health('lock'), harness.health('tag-reader')]).toEqual(['ready', 'ready']);
  expect([harness.transports.lock.length, harness.transports['tag-reader'].length]).toEqual([1, 1]);
}

async function expectWell(harness: LightHarness): Promise<void> {
  await harness.setLight(true);
  expect(harness.isLit).toBe(true);
  expect(harness.health('light')).toBe('ready');
  await harness.setLight(false);
  expect(harness.isLit).toBe(false);
  expect(harness.health('light')).toBe('ready');
}
