import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../shared/model/device.ts';
import { lightOnMaxMs } from '../shared/model/light-spec.ts';
import { toHex } from './protocol/codec.ts';
import { FakeRelay } from './testing/fake-relay.ts';
import { lockSpec, readerSpec, Rig } from './testing/rig.ts';
import type { MemoryLink } from './transport/memory.ts';

/** The light at the camera on a USB relay, beside a lock and a reader: whole connections, at byte level. */

const lightSpec: DeviceSpec = {
  kind: 'light',
  protocol: 'relay-dcttech',
  transport: { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' },
  ...{ channel: 3, relayId: 'LIGHT' },
};
const off = { type: 'off', relay: 3 };
const on = { type: 'on', relay: 3 };

class LightRig extends Rig {
  readonly relay = new FakeRelay('LIGHT');

  constructor() {
    super();
    this.attachLight();
  }

  static async make(change: (rig: LightRig) => void = () => undefined): Promise<LightRig> {
    const rig = new LightRig();
    change(rig);
    await rig.up([lockSpec, readerSpec, lightSpec]);
    return rig;
  }

  get isLit(): boolean {
    return this.relay.on.has(3);
  }
  get detail(): string {
    return this.supervisor.health().find((one) => one.kind === 'light')?.detail ?? '';
  }
  /** As long as it takes to carry out an order when nothing is wrong: none. */
  async setLight(isOn: boolean): Promise<void> {
    this.supervisor.setLight(isOn);
    await this.clock.advance(0);
  }
  attachLight(change: (link: MemoryLink) => void = () => undefined): void {
    this.players.light = (link) => {
      this.relay.attach(link);
      change(link);
    };
  }
  unplugLight(): void {
    this.relay.powerOff();
    this.link('light').unplug();
  }
  stop(): Promise<unknown> {
    return Promise.all([this.supervisor.stop(), this.clock.advance(2_000)]);
  }
}

describe('relay light', () => {
  it('off before anything else, then ready; the other relays of its board are not touched', async () => {
    const rig = await LightRig.make(({ relay }) => {
      relay.on.add(3).add(5);
    });
    expect(rig.relay.heard).toEqual([off]);
    expect([...rig.relay.on]).toEqual([5]);
    expect(rig.health('light')).toBe('ready');
    await rig.setLight(true);
    await rig.setLight(false);
    await rig.stop();
    expect([...rig.relay.on]).toEqual([5]);
    expect(rig.relay.count('allOff')).toBe(0);
  });

  it('on and off at once, each once, each read back', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    expect(rig.isLit).toBe(true);
    await rig.clock.advance(30_000);
    await rig.setLight(false);
    expect(rig.isLit).toBe(false);
    await rig.clock.advance(30_000);
    expect(rig.relay.heard).toEqual([off, on, off]);
    expect(rig.link('light').featuresSet.map(toHex)[1]).toBe('00FF03000000000000');
    expect(rig.health('light')).toBe('ready');
  });

  it('off by itself after its time; an order before that makes it begin anew', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    await rig.clock.advance(lightOnMaxMs - 1);
    expect(rig.isLit).toBe(true);
    await rig.setLight(true);
    await rig.clock.advance(lightOnMaxMs - 1);
    expect(rig.isLit).toBe(true);
    await rig.clock.advance(1);
    expect(rig.isLit).toBe(false);
    expect(rig.relay.heard).toEqual([off, on, off]);
    await rig.clock.advance(lightOnMaxMs);
    expect(rig.relay.count('on')).toBe(1);
  });

  it('an order amid a reading is carried out right after it', async () => {
    const rig = await LightRig.make();
    const link = rig.link('light');
    link.corrupt = (report) => {
      link.corrupt = null;
      rig.supervisor.setLight(true);
      return report;
    };
    await rig.clock.advance(500);
    expect(rig.isLit).toBe(true);
  });

  it('an order stands over connections, for its time: off first, then on again', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    rig.unplugLight();
    await rig.clock.advance(200);
    expect(rig.isLit).toBe(true);
    expect(rig.relay.heard).toEqual([off, on, off, on]);
    await rig.clock.advance(lightOnMaxMs);
    expect(rig.isLit).toBe(false);
    rig.unplugLight();
    await rig.clock.advance(1_000);
    expect(rig.relay.count('on')).toBe(2);
  });

  it('plugged in again in the dark: off all the same', async () => {
    const rig = await LightRig.make();
    rig.unplugLight();
    await rig.clock.advance(1_000);
    expect(rig.relay.heard).toEqual([off, off]);
  });

  it('"off" while it is unplugged: it stays dark', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    rig.unplugLight();
    await rig.setLight(false);
    await rig.clock.advance(5_000);
    expect(rig.relay.count('on')).toBe(1);
    expect(rig.health('light')).toBe('ready');
  });

  it('an order right behind the configuration is not lost', async () => {
    const rig = new LightRig();
    const configured = rig.supervisor.configure({ simulated: true, devices: [lightSpec] });
    rig.supervisor.setLight(true);
    await configured;
    await rig.clock.advance(0);
    expect(rig.relay.heard).toEqual([off, on]);
    expect(rig.isLit).toBe(true);
  });

  it('stopped while it is on: off is the last word', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    await rig.stop();
    expect(rig.isLit).toBe(false);
    expect(rig.relay.heard.at(-1)).toEqual(off);
  });

  it('switched by somebody else: on is not kept, off is not fought, both are counted', async () => {
    const rig = await LightRig.make();
    const errorCount = (): number => rig.supervisor.health().at(-1)?.errorCount ?? 0;
    rig.relay.on.add(3);
    await rig.clock.advance(500);
    expect(rig.isLit).toBe(false);
    expect(errorCount()).toBe(1);
    await rig.setLight(true);
    rig.relay.on.clear();
    await rig.clock.advance(3_000);
    expect(errorCount()).toBe(2);
    expect(rig.isLit).toBe(false);
    await rig.setLight(true);
    expect(rig.isLit).toBe(true);
  });

  it('another id: never switched, not even off, and says which', async () => {
    const rig = await LightRig.make(({ relay }) => {
      relay.id = 'BITFT';
      relay.on.add(3);
    });
    await rig.setLight(true);
    await rig.setLight(false);
    await rig.clock.advance(3_000);
    expect(rig.health('light')).toBe('error');
    expect(rig.detail).toContain('its id is BITFT, not LIGHT');
    await rig.stop();
    expect(rig.relay.heard).toEqual([]);
  });

  it('another id with the answer to "on": nothing more is said to it', async () => {
    const rig = await LightRig.make();
    rig.link('light').corrupt = (report) => {
      rig.relay.id = 'BITFT';
      return report;
    };
    await rig.setLight(true);
    await rig.clock.advance(2_000);
    expect(rig.relay.heard).toEqual([off, on]);
    expect(rig.health('light')).toBe('error');
  });

  it('what cannot be read is not left on', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    rig.link('light').corrupt = () => Uint8Array.of(0);
    await rig.clock.advance(500);
    expect(rig.isLit).toBe(false);
    expect(rig.detail).toContain('could not be confirmed off: no relay state');
  });

  it('it does not go on: an error until it does, one try an order', async () => {
    const rig = await LightRig.make();
    rig.relay.stuck = true;
    await rig.setLight(true);
    expect(rig.health('light')).toBe('error');
    expect(rig.detail).toBe('the light did not go on: its relay stays off');
    await rig.clock.advance(3_000);
    await rig.setLight(true);
    expect(rig.relay.count('on')).toBe(2);
    rig.relay.stuck = false;
    await rig.clock.advance(3_000);
    expect(rig.relay.count('on')).toBe(2);
    expect(rig.health('light')).toBe('error');
    await rig.setLight(true);
    expect(rig.isLit).toBe(true);
    expect(rig.health('light')).toBe('ready');
  });

  it('it does not go off: an error, off is tried until it is', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    rig.relay.stuck = true;
    await rig.setLight(false);
    expect(rig.health('light')).toBe('error');
    expect(rig.detail).toBe('the light could not be confirmed off: relays 3 stay on');
    await rig.clock.advance(5_000);
    rig.relay.stuck = false;
    await rig.clock.advance(300);
    expect(rig.isLit).toBe(false);
    expect(rig.health('light')).toBe('ready');
  });

  it('a cabinet without a light: an order is nothing', async () => {
    const rig = new LightRig();
    await rig.up([lockSpec]);
    await rig.setLight(true);
    expect(rig.health('light')).toBe('none');
    expect(rig.health('lock')).toBe('ready');
  });
});

interface Fault {
  readonly name: string;
  apply(rig: LightRig): void;
  repair(rig: LightRig): void;
}
/** On the link that is there, and on each that comes. */
function everyLink(change: (link: MemoryLink, isFaulty: boolean) => void): Pick<Fault, 'apply' | 'repair'> {
  const set = (rig: LightRig, isFaulty: boolean): void => {
    change(rig.link('light'), isFaulty);
    rig.attachLight((link) => {
      change(link, isFaulty);
    });
  };
  return {
    apply: (rig) => {
      set(rig, true);
    },
    repair: (rig) => {
      set(rig, false);
    },
  };
}
function otherBoard(id: string): (rig: LightRig) => void {
  return (rig) => {
    rig.unplugLight();
    rig.relay.id = id;
  };
}

const faults: readonly Fault[] = [
  {
    name: 'unplug',
    apply: (rig) => {
      rig.attachLight((link) => {
        link.refuseOpen = true;
      });
      rig.unplugLight();
    },
    repair: (rig) => {
      rig.attachLight();
    },
  },
  {
    name: 'stall',
    ...everyLink((link, isFaulty) => {
      link.stallFeature = isFaulty;
    }),
  },
  {
    name: 'refusal',
    ...everyLink((link, isFaulty) => {
      link.refuseFeature = isFaulty;
    }),
  },
  {
    name: 'garbage',
    ...everyLink((link, isFaulty) => {
      link.corrupt = isFaulty ? (report) => report.map((byte) => byte ^ 0x9d) : null;
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
    const rig = await LightRig.make();
    fault.apply(rig);
    await expectOthersWell(rig);
    await rig.clock.advance(6_000);
    fault.repair(rig);
    await rig.clock.advance(8_000);
    expect(rig.relay.count('on')).toBe(0);
    await expectWell(rig);
  });

  it('while it is on, "off" amid it: dark as soon as it can be, well afterwards', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    fault.apply(rig);
    await expectOthersWell(rig);
    await rig.setLight(false);
    await rig.clock.advance(6_000);
    expect(rig.health('light')).not.toBe('ready');
    fault.repair(rig);
    await rig.clock.advance(8_000);
    expect(rig.isLit).toBe(false);
    expect(rig.relay.count('on')).toBe(1);
    await expectWell(rig);
  });

  it('while it is on, and nobody says anything more: dark when its time is over', async () => {
    const rig = await LightRig.make();
    await rig.setLight(true);
    fault.apply(rig);
    await rig.clock.advance(20_000);
    fault.repair(rig);
    await rig.clock.advance(lightOnMaxMs - 20_000);
    await rig.clock.advance(5_000);
    expect(rig.isLit).toBe(false);
    await expectWell(rig);
  });

  it('"on" amid it: tried once a connection at most, on with the next order after it', async () => {
    const rig = await LightRig.make();
    fault.apply(rig);
    await rig.setLight(true);
    await rig.clock.advance(6_000);
    await expectOthersWell(rig);
    expect(rig.relay.count('on')).toBeLessThanOrEqual(rig.links.light.length);
    expect(rig.health('light')).not.toBe('ready');
    fault.repair(rig);
    await rig.clock.advance(8_000);
    await rig.setLight(true);
    expect(rig.isLit).toBe(true);
    await rig.setLight(false);
    await expectWell(rig);
  });
});

/** Who has nothing to do with the light does not notice. */
async function expectOthersWell(rig: LightRig): Promise<void> {
  expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('ok');
  expect([rig.health('lock'), rig.health('tag-reader')]).toEqual(['ready', 'ready']);
  expect([rig.links.lock.length, rig.links['tag-reader'].length]).toEqual([1, 1]);
}

async function expectWell(rig: LightRig): Promise<void> {
  await rig.setLight(true);
  expect(rig.isLit).toBe(true);
  expect(rig.health('light')).toBe('ready');
  await rig.setLight(false);
  expect(rig.isLit).toBe(false);
  expect(rig.health('light')).toBe('ready');
}
