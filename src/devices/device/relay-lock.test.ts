import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { toHex } from '../protocol/codec.ts';
import { decodeRelayHostMessage, encodeRelayDeviceMessage } from '../protocol/relay-dcttech.ts';
import { sameOpeningMs } from './opening-watch.ts';
import { uselessMax } from './useless-run.ts';
import { FakeLock, sensorSpec } from '../../testkit/devices/fake-lock.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';
import type { MemoryTransport } from '../transport/memory.ts';

/** A lock on a USB relay, its door seen by the contact of a read-only 8A board: whole connections, at byte level. */

const pulseMs = 500;
const relaySpec: DeviceSpec = {
  kind: 'lock',
  protocol: 'relay-dcttech',
  transport: { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' },
  channel: 2,
  relayId: 'BITFT',
  pulseMs,
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
  readonly #harness: DeviceHarness;

  constructor(harness: DeviceHarness) {
    this.#harness = harness;
  }

  attach(transport: MemoryTransport): void {
    transport.playFeatures({
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
    const nowMs = this.#harness.clock.monotonicMs();
    if (isOn && !this.on.has(relay)) this.#onSinceMs = nowMs;
    if (!isOn && this.on.has(relay)) this.pulsesMs.push(nowMs - this.#onSinceMs);
    if (isOn) this.on.add(relay);
    else this.on.delete(relay);
  }
}

class RelayHarness extends DeviceHarness {
  readonly relay = new FakeRelay(this);
  readonly contact = new FakeLock(this.clock, 'lock-8a');

  constructor() {
    super();
    this.players.lock = (transport) => {
      this.relay.attach(transport);
    };
    this.players['door-sensor'] = (transport) => {
      this.contact.attach(transport);
    };
  }

  static async make(change: (harness: RelayHarness) => void = () => undefined): Promise<RelayHarness> {
    const harness = new RelayHarness();
    change(harness);
    await harness.up([relaySpec, sensorSpec('lock-8a')]);
    return harness;
  }

  detail(): string {
    return this.supervisor.health().find((one) => one.kind === 'lock')?.detail ?? '';
  }
  async unlock(): Promise<string> {
    return (await this.outcome(this.supervisor.unlock())).result;
  }
  unplugRelay(): void {
    this.relay.powerOff();
    this.transport('lock').unplug();
  }
}

describe('relay lock', () => {
  it.each([true, false])(
    'reads its state, report id in front: %s; all off first, then ready',
    async (has) => {
      const harness = await RelayHarness.make(({ relay }) => {
        relay.hasReportId = has;
        relay.on.add(5);
      });
      expect(harness.relay.heard).toEqual(['allOff']);
      expect([...harness.relay.on]).toEqual([]);
      expect(harness.health('lock')).toBe('ready');
      expect(harness.doors()).toEqual(['closed']);
    },
  );

  it('unlock: one pulse of the configured length, read as on, read as off', async () => {
    const harness = await RelayHarness.make();
    expect(await harness.unlock()).toBe('ok');
    expect(harness.relay.count('on')).toBe(1);
    expect(harness.relay.pulsesMs).toEqual([pulseMs]);
    expect([...harness.relay.on]).toEqual([]);
    await harness.clock.advance(30_000);
    expect(harness.relay.count('on')).toBe(1);
    expect(harness.transport('lock').featuresSet.map(toHex)).toContain('00FF02000000000000');
  });

  it('a sensor that never sees the door open makes the lock an error; once it does, it is well', async () => {
    const harness = await RelayHarness.make();
    for (let i = 0; i <= uselessMax; i++) {
      expect(harness.health('lock')).toBe('ready');
      expect(await harness.unlock()).toBe('ok');
      await harness.clock.advance(sameOpeningMs);
    }
    expect(harness.health('lock')).toBe('error');
    expect(harness.detail()).toContain('not seen open');
    harness.contact.move(0);
    await harness.clock.advance(1_000);
    expect(harness.health('lock')).toBe('ready');
  });

  it('the door is what the sensor says, during the pulse too; the pulse moves nothing', async () => {
    const harness = await RelayHarness.make();
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    expect(harness.doors()).toEqual(['closed']);
    harness.contact.move(0);
    expect(harness.doors()).toEqual(['closed', 'open']);
    await harness.clock.advance(1_000);
    expect(await call).toEqual({ ok: true, value: { door: 'open' } });
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('ok');
  });

  it('a second call during the pulse is busy: no second pulse', async () => {
    const harness = await RelayHarness.make();
    const calls = [harness.supervisor.unlock(), harness.supervisor.unlock()];
    await harness.clock.advance(5_000);
    expect(await Promise.all(calls)).toMatchObject([{ ok: true }, { error: { code: 'device.busy' } }]);
    expect(harness.relay.pulsesMs).toEqual([pulseMs]);
  });

  it('it does not switch on: device.refused, off at once, not tried again', async () => {
    const harness = await RelayHarness.make();
    harness.relay.deaf = true;
    expect(await harness.unlock()).toBe('device.refused');
    expect(harness.relay.heard.slice(1)).toEqual(['on', 'allOff']);
    await harness.clock.advance(10_000);
    expect(harness.relay.count('on')).toBe(1);
  });

  it('it cannot be confirmed off: the call is ok, health is error, off is tried until it is', async () => {
    const harness = await RelayHarness.make();
    const call = harness.outcome(harness.supervisor.unlock());
    await harness.clock.advance(100);
    harness.relay.welded = true;
    expect((await call).result).toBe('ok');
    expect(harness.health('lock')).toBe('error');
    expect(harness.detail()).toContain('could not be confirmed off: relays 2 stay on');
    const tried = harness.relay.count('allOff');
    await harness.clock.advance(1_000);
    expect(harness.relay.count('allOff')).toBeGreaterThan(tried + 5);
    expect(await harness.unlock()).toBe('device.refused');
    harness.relay.welded = false;
    await harness.clock.advance(300);
    expect([...harness.relay.on]).toEqual([]);
    expect(harness.health('lock')).toBe('ready');
    expect(harness.relay.count('on')).toBe(1);
  });

  it('switched on by somebody else: off within a second, counted', async () => {
    const harness = await RelayHarness.make();
    harness.relay.on.add(2);
    await harness.clock.advance(1_000);
    expect([...harness.relay.on]).toEqual([]);
    expect(harness.supervisor.health()[0]?.errorCount).toBeGreaterThan(0);
  });

  it('another id: never switched, not even off, and says which', async () => {
    const harness = await RelayHarness.make(({ relay }) => {
      relay.id = 'OTHER';
      relay.on.add(1);
    });
    await harness.clock.advance(3_000);
    expect(harness.relay.heard).toEqual([]);
    expect(harness.health('lock')).toBe('error');
    expect(harness.detail()).toContain('its id is OTHER, not BITFT');
    expect(await harness.unlock()).toBe('device.refused');
    await Promise.all([harness.supervisor.stop(), harness.clock.advance(2_000)]);
    expect(harness.relay.heard).toEqual([]);
  });

  it('stopped in the middle of a pulse: all off is the last word', async () => {
    const harness = await RelayHarness.make();
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    expect([...harness.relay.on]).toEqual([2]);
    await Promise.all([harness.supervisor.stop(), harness.clock.advance(2_000)]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect([...harness.relay.on]).toEqual([]);
    expect(harness.relay.heard.at(-1)).toBe('allOff');
  });

  it('after a crash of this process in a pulse: all off before anything else', async () => {
    const harness = await RelayHarness.make(({ relay }) => {
      relay.on.add(2);
    });
    expect(harness.relay.heard[0]).toBe('allOff');
    expect([...harness.relay.on]).toEqual([]);
  });
});

interface Fault {
  readonly name: string;
  apply(harness: RelayHarness): void;
  repair(harness: RelayHarness): void;
  /** What an unlock comes to that is made in it, and one that had read the relay as on when it began. */
  readonly outcome: string;
  readonly midPulse: string;
}
const nothing = (): void => undefined;
const attachAgain = (harness: RelayHarness): void => {
  harness.players.lock = (transport) => {
    harness.relay.attach(transport);
  };
};
function everyTransport(change: (transport: MemoryTransport) => void): (harness: RelayHarness) => void {
  return (harness) => {
    change(harness.transport('lock'));
    harness.players.lock = (transport) => {
      harness.relay.attach(transport);
      change(transport);
    };
  };
}

const faults: readonly Fault[] = [
  {
    name: 'unplug',
    apply: (harness) => {
      harness.unplugRelay();
    },
    repair: nothing,
    outcome: 'device.disconnected',
    midPulse: 'device.disconnected',
  },
  {
    name: 'stall',
    apply: everyTransport((transport) => {
      transport.stallFeature = true;
    }),
    repair: (harness) => {
      attachAgain(harness);
      // Without an answer the handle was closed; whatever was in it is gone with it.
      harness.transport('lock').stallFeature = false;
    },
    outcome: 'device.disconnected',
    midPulse: 'ok',
  },
  {
    name: 'refusal',
    apply: everyTransport((transport) => {
      transport.refuseFeature = true;
    }),
    repair: (harness) => {
      attachAgain(harness);
      harness.transport('lock').refuseFeature = false;
    },
    outcome: 'device.protocol',
    midPulse: 'ok',
  },
  {
    name: 'garbage',
    apply: everyTransport((transport) => {
      transport.corrupt = (report) => report.map((byte) => byte ^ 0x9d);
    }),
    repair: (harness) => {
      attachAgain(harness);
      harness.transport('lock').corrupt = null;
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
    const harness = await RelayHarness.make();
    fault.apply(harness);
    await harness.clock.advance(6_000);
    expect(harness.relay.count('on')).toBe(0);
    fault.repair(harness);
    await harness.clock.advance(8_000);
    await expectWell(harness);
  });

  it('before the pulse: its outcome, at most one on, off afterwards', async () => {
    const harness = await RelayHarness.make();
    fault.apply(harness);
    expect(await harness.unlock()).toBe(fault.outcome);
    fault.repair(harness);
    await harness.clock.advance(8_000);
    expect(harness.relay.count('on')).toBeLessThanOrEqual(1);
    await expectWell(harness);
  });

  it('in the pulse: its outcome, one on, off as soon as it can be', async () => {
    const harness = await RelayHarness.make();
    const call = harness.outcome(harness.supervisor.unlock());
    await harness.clock.advance(100);
    expect([...harness.relay.on]).toEqual([2]);
    fault.apply(harness);
    expect((await call).result).toBe(fault.midPulse);
    await harness.clock.advance(1_000);
    fault.repair(harness);
    await harness.clock.advance(6_000);
    expect([...harness.relay.on]).toEqual([]);
    expect(harness.relay.count('on')).toBe(1);
    await expectWell(harness);
  });

  it('door open: the sensor goes on telling, closed is told', async () => {
    const harness = await RelayHarness.make();
    harness.contact.move(0);
    fault.apply(harness);
    await harness.clock.advance(1_000);
    harness.contact.move(1);
    await harness.clock.advance(1_000);
    expect(harness.doors()).toEqual(['closed', 'open', 'closed']);
    fault.repair(harness);
    await harness.clock.advance(8_000);
    await expectWell(harness);
  });
});

async function expectWell(harness: RelayHarness): Promise<void> {
  expect(harness.health('lock')).toBe('ready');
  expect([...harness.relay.on]).toEqual([]);
  const before = harness.relay.count('on');
  expect(await harness.unlock()).toBe('ok');
  expect(harness.relay.count('on')).toBe(before + 1);
  expect([...harness.relay.on]).toEqual([]);
}

describe('who sees the door', () => {
  it('a relay without a door sensor is refused: never connected, the reason in the health', async () => {
    const harness = new RelayHarness();
    await harness.up([relaySpec]);
    expect(harness.transports.lock.length).toBe(0);
    expect(harness.of('health').at(-1)?.devices).toMatchObject([{ kind: 'lock', state: 'error' }]);
    expect(harness.detail()).toContain('the configuration has no door sensor');
    expect(await harness.unlock()).toBe('device.refused');
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('device.refused');
  });

  it('while the sensor is silent the lock is an error and does not open', async () => {
    const harness = await RelayHarness.make();
    harness.contact.silent = true;
    await harness.clock.advance(3_000);
    expect(harness.doors()).toEqual(['closed', 'unknown']);
    expect(harness.health('lock')).toBe('error');
    expect(harness.detail()).toContain('door sensor');
    expect(await harness.unlock()).toBe('device.refused');
    expect(harness.relay.count('on')).toBe(0);
    harness.contact.silent = false;
    await harness.clock.advance(8_000);
    await expectWell(harness);
  });

  it('a board lock whose door the sensor sees: the lock board may say what it will', async () => {
    const harness = new DeviceHarness();
    const lock = new FakeLock(harness.clock, 'lock-wkly');
    const contact = new FakeLock(harness.clock, 'lock-kerong-cu16');
    lock.feedback = 0;
    harness.players.lock = (transport) => {
      lock.attach(transport);
    };
    harness.players['door-sensor'] = (transport) => {
      contact.attach(transport);
    };
    const spec = { ...sensorSpec('lock-wkly'), kind: 'lock', doorFrom: 'sensor' } as DeviceSpec;
    await harness.up([spec, sensorSpec('lock-kerong-cu16')]);
    await harness.clock.advance(600);
    lock.move(1);
    expect(harness.doors()).toEqual(['closed']);
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('ok');
    contact.move(0);
    await harness.clock.advance(600);
    expect(harness.doors()).toEqual(['closed', 'open']);
    expect(
      harness.transports['door-sensor'].flatMap((transport) => transport.written).map(toHex),
    ).not.toContain(contact.wire.openHex);
  });
});
