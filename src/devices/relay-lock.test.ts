import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../shared/model/device.ts';
import { toHex } from './protocol/codec.ts';
import { decodeRelayHostMessage, encodeRelayDeviceMessage } from './protocol/relay-dcttech.ts';
import { FakeLock, sensorSpec } from './testing/fake-lock.ts';
import { Rig } from './testing/rig.ts';
import type { MemoryLink } from './transport/memory.ts';

/** A lock on a USB relay, its door seen by the contact of a read-only 8A board: whole connections, at byte level. */

const pulseMs = 500;
const relaySpec: DeviceSpec = {
  kind: 'lock',
  protocol: 'relay-dcttech',
  transport: { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' },
  ...{ channel: 2, relayId: 'BITFT', pulseMs },
};

/** The board: its relays, and how long the lock's has been on. */
class FakeRelay {
  id = 'BITFT';
  hasReportId = true;
  /** Relays that do not move any more. */
  welded = false;
  /** Reports that come, id first, are taken and nothing happens. */
  deaf = false;
  readonly on = new Set<number>();
  readonly heard: string[] = [];
  readonly pulsesMs: number[] = [];
  #onSinceMs = 0;
  readonly #rig: Rig;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  attach(link: MemoryLink): void {
    link.playFeatures({
      set: (report) => {
        const message = decodeRelayHostMessage(report);
        if (!message.ok) return false;
        this.heard.push(message.value.type);
        if (this.deaf || this.welded) return true;
        if (message.value.type === 'on') this.#set(message.value.relay, true);
        if (message.value.type === 'off') this.#set(message.value.relay, false);
        if (message.value.type === 'allOff') this.powerOff();
        return true;
      },
      get: () => {
        const { id, hasReportId } = this;
        return encodeRelayDeviceMessage({ type: 'state', hasReportId, id, spare: 0, on: [...this.on] });
      },
    });
  }

  count(type: string): number {
    return this.heard.filter((one) => one === type).length;
  }

  powerOff(): void {
    for (const relay of [...this.on]) this.#set(relay, false);
  }

  #set(relay: number, isOn: boolean): void {
    const nowMs = this.#rig.clock.monotonicMs();
    if (isOn && !this.on.has(relay)) this.#onSinceMs = nowMs;
    if (!isOn && this.on.has(relay)) this.pulsesMs.push(nowMs - this.#onSinceMs);
    if (isOn) this.on.add(relay);
    else this.on.delete(relay);
  }
}

class RelayRig extends Rig {
  readonly relay = new FakeRelay(this);
  readonly contact = new FakeLock(this.clock, 'lock-8a');

  constructor() {
    super();
    this.players.lock = (link) => {
      this.relay.attach(link);
    };
    this.players['door-sensor'] = (link) => {
      this.contact.attach(link);
    };
  }

  static async make(change: (rig: RelayRig) => void = () => undefined): Promise<RelayRig> {
    const rig = new RelayRig();
    change(rig);
    await rig.up([relaySpec, sensorSpec('lock-8a')]);
    return rig;
  }

  detail(): string {
    return this.supervisor.health().find((one) => one.kind === 'lock')?.detail ?? '';
  }
  async unlock(): Promise<string> {
    return (await this.outcome(this.supervisor.unlock())).result;
  }
  unplugRelay(): void {
    this.relay.powerOff();
    this.link('lock').unplug();
  }
}

describe('relay lock', () => {
  it.each([true, false])(
    'reads its state, report id in front: %s; all off first, then ready',
    async (has) => {
      const rig = await RelayRig.make(({ relay }) => {
        relay.hasReportId = has;
        relay.on.add(5);
      });
      expect(rig.relay.heard).toEqual(['allOff']);
      expect([...rig.relay.on]).toEqual([]);
      expect(rig.health('lock')).toBe('ready');
      expect(rig.doors()).toEqual(['closed']);
    },
  );

  it('unlock: one pulse of the configured length, read as on, read as off', async () => {
    const rig = await RelayRig.make();
    expect(await rig.unlock()).toBe('ok');
    expect(rig.relay.count('on')).toBe(1);
    expect(rig.relay.pulsesMs).toEqual([pulseMs]);
    expect([...rig.relay.on]).toEqual([]);
    await rig.clock.advance(30_000);
    expect(rig.relay.count('on')).toBe(1);
    expect(rig.link('lock').featuresSet.map(toHex)).toContain('00FF02000000000000');
  });

  it('the door is what the sensor says, during the pulse too; the pulse moves nothing', async () => {
    const rig = await RelayRig.make();
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    expect(rig.doors()).toEqual(['closed']);
    rig.contact.move(0);
    expect(rig.doors()).toEqual(['closed', 'open']);
    await rig.clock.advance(1_000);
    expect(await call).toEqual({ ok: true, value: { door: 'open' } });
    expect((await rig.outcome(rig.supervisor.readDoor())).result).toBe('ok');
  });

  it('a second call during the pulse is busy: no second pulse', async () => {
    const rig = await RelayRig.make();
    const calls = [rig.supervisor.unlock(), rig.supervisor.unlock()];
    await rig.clock.advance(5_000);
    expect(await Promise.all(calls)).toMatchObject([{ ok: true }, { error: { code: 'device.busy' } }]);
    expect(rig.relay.pulsesMs).toEqual([pulseMs]);
  });

  it('it does not switch on: device.refused, off at once, not tried again', async () => {
    const rig = await RelayRig.make();
    rig.relay.deaf = true;
    expect(await rig.unlock()).toBe('device.refused');
    expect(rig.relay.heard.slice(1)).toEqual(['on', 'allOff']);
    await rig.clock.advance(10_000);
    expect(rig.relay.count('on')).toBe(1);
  });

  it('it cannot be confirmed off: the call is ok, health is error, off is tried until it is', async () => {
    const rig = await RelayRig.make();
    const call = rig.outcome(rig.supervisor.unlock());
    await rig.clock.advance(100);
    rig.relay.welded = true;
    expect((await call).result).toBe('ok');
    expect(rig.health('lock')).toBe('error');
    expect(rig.detail()).toContain('could not be confirmed off: relays 2 stay on');
    const tried = rig.relay.count('allOff');
    await rig.clock.advance(1_000);
    expect(rig.relay.count('allOff')).toBeGreaterThan(tried + 5);
    expect(await rig.unlock()).toBe('device.refused');
    rig.relay.welded = false;
    await rig.clock.advance(300);
    expect([...rig.relay.on]).toEqual([]);
    expect(rig.health('lock')).toBe('ready');
    expect(rig.relay.count('on')).toBe(1);
  });

  it('switched on by somebody else: off within a second, counted', async () => {
    const rig = await RelayRig.make();
    rig.relay.on.add(2);
    await rig.clock.advance(1_000);
    expect([...rig.relay.on]).toEqual([]);
    expect(rig.supervisor.health()[0]?.errorCount).toBeGreaterThan(0);
  });

  it('another id: never switched, not even off, and says which', async () => {
    const rig = await RelayRig.make(({ relay }) => {
      relay.id = 'OTHER';
      relay.on.add(1);
    });
    await rig.clock.advance(3_000);
    expect(rig.relay.heard).toEqual([]);
    expect(rig.health('lock')).toBe('error');
    expect(rig.detail()).toContain('its id is OTHER, not BITFT');
    expect(await rig.unlock()).toBe('device.refused');
    await Promise.all([rig.supervisor.stop(), rig.clock.advance(2_000)]);
    expect(rig.relay.heard).toEqual([]);
  });

  it('stopped in the middle of a pulse: all off is the last word', async () => {
    const rig = await RelayRig.make();
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    expect([...rig.relay.on]).toEqual([2]);
    await Promise.all([rig.supervisor.stop(), rig.clock.advance(2_000)]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect([...rig.relay.on]).toEqual([]);
    expect(rig.relay.heard.at(-1)).toBe('allOff');
  });

  it('after a crash of this process in a pulse: all off before anything else', async () => {
    const rig = await RelayRig.make(({ relay }) => {
      relay.on.add(2);
    });
    expect(rig.relay.heard[0]).toBe('allOff');
    expect([...rig.relay.on]).toEqual([]);
  });
});

interface Fault {
  readonly name: string;
  apply(rig: RelayRig): void;
  repair(rig: RelayRig): void;
  /** What an unlock comes to that is made in it, and one that had read the relay as on when it began. */
  readonly outcome: string;
  readonly midPulse: string;
}
const nothing = (): void => undefined;
const attachAgain = (rig: RelayRig): void => {
  rig.players.lock = (link) => {
    rig.relay.attach(link);
  };
};
function everyLink(change: (link: MemoryLink) => void): (rig: RelayRig) => void {
  return (rig) => {
    change(rig.link('lock'));
    rig.players.lock = (link) => {
      rig.relay.attach(link);
      change(link);
    };
  };
}

const faults: readonly Fault[] = [
  {
    name: 'unplug',
    apply: (rig) => {
      rig.unplugRelay();
    },
    repair: nothing,
    outcome: 'device.disconnected',
    midPulse: 'device.disconnected',
  },
  {
    name: 'stall',
    apply: everyLink((link) => {
      link.stallFeature = true;
    }),
    repair: (rig) => {
      attachAgain(rig);
      // Without an answer the handle was closed; whatever was in it is gone with it.
      rig.link('lock').stallFeature = false;
    },
    outcome: 'device.disconnected',
    midPulse: 'ok',
  },
  {
    name: 'refusal',
    apply: everyLink((link) => {
      link.refuseFeature = true;
    }),
    repair: (rig) => {
      attachAgain(rig);
      rig.link('lock').refuseFeature = false;
    },
    outcome: 'device.protocol',
    midPulse: 'ok',
  },
  {
    name: 'garbage',
    apply: everyLink((link) => {
      link.corrupt = (report) => report.map((byte) => byte ^ 0x9d);
    }),
    repair: (rig) => {
      attachAgain(rig);
      rig.link('lock').corrupt = null;
    },
    outcome: 'device.protocol',
    midPulse: 'ok',
  },
  {
    name: 'deafness (obeys nothing, answers)',
    apply: ({ relay }) => {
      relay.deaf = true;
    },
    repair: ({ relay }) => {
      relay.deaf = false;
    },
    outcome: 'device.refused',
    midPulse: 'ok',
  },
];

describe.each(faults)('relay: $name', (fault) => {
  it('idle: nothing is switched on, well afterwards', async () => {
    const rig = await RelayRig.make();
    fault.apply(rig);
    await rig.clock.advance(6_000);
    expect(rig.relay.count('on')).toBe(0);
    fault.repair(rig);
    await rig.clock.advance(8_000);
    await expectWell(rig);
  });

  it('before the pulse: its outcome, at most one on, off afterwards', async () => {
    const rig = await RelayRig.make();
    fault.apply(rig);
    expect(await rig.unlock()).toBe(fault.outcome);
    fault.repair(rig);
    await rig.clock.advance(8_000);
    expect(rig.relay.count('on')).toBeLessThanOrEqual(1);
    await expectWell(rig);
  });

  it('in the pulse: its outcome, one on, off as soon as it can be', async () => {
    const rig = await RelayRig.make();
    const call = rig.outcome(rig.supervisor.unlock());
    await rig.clock.advance(100);
    expect([...rig.relay.on]).toEqual([2]);
    fault.apply(rig);
    expect((await call).result).toBe(fault.midPulse);
    await rig.clock.advance(1_000);
    fault.repair(rig);
    await rig.clock.advance(6_000);
    expect([...rig.relay.on]).toEqual([]);
    expect(rig.relay.count('on')).toBe(1);
    await expectWell(rig);
  });

  it('door open: the sensor goes on telling, closed is told', async () => {
    const rig = await RelayRig.make();
    rig.contact.move(0);
    fault.apply(rig);
    await rig.clock.advance(1_000);
    rig.contact.move(1);
    await rig.clock.advance(1_000);
    expect(rig.doors()).toEqual(['closed', 'open', 'closed']);
    fault.repair(rig);
    await rig.clock.advance(8_000);
    await expectWell(rig);
  });
});

async function expectWell(rig: RelayRig): Promise<void> {
  expect(rig.health('lock')).toBe('ready');
  expect([...rig.relay.on]).toEqual([]);
  const before = rig.relay.count('on');
  expect(await rig.unlock()).toBe('ok');
  expect(rig.relay.count('on')).toBe(before + 1);
  expect([...rig.relay.on]).toEqual([]);
}

describe('who sees the door', () => {
  it('a relay without a door sensor is refused: never connected, the reason in the health', async () => {
    const rig = new RelayRig();
    await rig.up([relaySpec]);
    expect(rig.links.lock.length).toBe(0);
    expect(rig.of('health').at(-1)?.devices).toMatchObject([{ kind: 'lock', state: 'error' }]);
    expect(rig.detail()).toContain('the configuration has no door sensor');
    expect(await rig.unlock()).toBe('device.refused');
    expect((await rig.outcome(rig.supervisor.readDoor())).result).toBe('device.refused');
  });

  it('while the sensor is silent the lock is an error and does not open', async () => {
    const rig = await RelayRig.make();
    rig.contact.silent = true;
    await rig.clock.advance(3_000);
    expect(rig.doors()).toEqual(['closed', 'unknown']);
    expect(rig.health('lock')).toBe('error');
    expect(rig.detail()).toContain('door sensor');
    expect(await rig.unlock()).toBe('device.refused');
    expect(rig.relay.count('on')).toBe(0);
    rig.contact.silent = false;
    await rig.clock.advance(8_000);
    await expectWell(rig);
  });

  it('a board lock whose door the sensor sees: the lock board may say what it will', async () => {
    const rig = new Rig();
    const lock = new FakeLock(rig.clock, 'lock-wkly');
    const contact = new FakeLock(rig.clock, 'lock-kerong-cu16');
    lock.feedback = 0;
    rig.players.lock = (link) => {
      lock.attach(link);
    };
    rig.players['door-sensor'] = (link) => {
      contact.attach(link);
    };
    const spec = { ...sensorSpec('lock-wkly'), kind: 'lock', doorFrom: 'sensor' } as DeviceSpec;
    await rig.up([spec, sensorSpec('lock-kerong-cu16')]);
    await rig.clock.advance(600);
    lock.move(1);
    expect(rig.doors()).toEqual(['closed']);
    expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('ok');
    contact.move(0);
    await rig.clock.advance(600);
    expect(rig.doors()).toEqual(['closed', 'open']);
    expect(rig.links['door-sensor'].flatMap((link) => link.written).map(toHex)).not.toContain(
      contact.wire.openHex,
    );
  });
});
