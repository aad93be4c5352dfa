import assert from 'node:assert/strict';
import { CabinetHarness } from '../../src/simulator/system/cabinet-harness.ts';
import { SharedOperator } from '../../src/simulator/system/shared-operator.ts';
import { UsbRedirPlug } from '../../src/simulator/usb/usbredir-plug.ts';
import { openAndShut } from './cases-devices.ts';
import type { Case } from './cases-devices.ts';
import { GuestHost } from './guest-host.ts';
import { specs, tagCount } from './hil-harness.ts';
import type { HilHarness } from './hil-harness.ts';

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const all = [specs.lock, specs.reader, specs.scanner];
const stormScans = 600;
const stormDoors = 10;
/** As soon as it is noticed that they are gone: that the kernel has not always let go of them by then was once missed. */
const reattachCount = 3;

const hostProcess: Case[] = [
  {
    name: 'device host ends in order with everything open: code 0',
    run: async (harness) => {
      await harness.devices([...all, specs.sensor]);
      harness.received.exits.length = 0;
      const startMs = performance.now();
      await harness.host.stop();
      const took = performance.now() - startMs;
      await harness.until('the exit', () => harness.received.exits.length > 0);
      assert.deepEqual(
        harness.received.exits.map(({ code, signal }) => [code, signal]),
        [[0, null]],
      );
      return `after ${ms(took)}`;
    },
  },
  ...(['SIGSEGV', 'SIGSTOP'] as const).map((signal): Case => ({
    name:
      `device host ${signal === 'SIGSEGV' ? 'crashes in native code' : 'hangs'} ` +
      `(${signal}): started anew, the lock is asked again`,
    run: async (harness) => {
      await harness.devices(all);
      harness.received.exits.length = 0;
      harness.forget();
      const startMs = performance.now();
      harness.signal(signal);
      await harness.until('the end is noticed', () => harness.received.exits.length > 0);
      const noticed = performance.now() - startMs;
      await harness.until('ready again', () => harness.allReady(all.length));
      const back = performance.now() - startMs;
      await harness.until('the door is reported', () => harness.lastDoor === 'closed');
      await openAndShut(harness);
      return `noticed after ${ms(noticed)}, all ready after ${ms(back)}`;
    },
  })),
];

const many: Case[] = [
  {
    name: `storm: ${stormScans} scans, ${stormDoors} visits at the door, ${tagCount} tags without pause`,
    run: async (harness) => {
      await harness.devices(all);
      harness.host.setPollMode('active');
      await harness.until('the first scan', () => harness.received.readCount > 0);
      harness.forget();
      const startMs = performance.now();
      const wanted = Array.from({ length: stormScans }, (_, i) => `code ${i}`);
      let doors = 0;
      const doorsDone = (async () => {
        for (; doors < stormDoors; doors++) await openAndShut(harness, 'cabinet', 'active');
      })();
      // Waited for below; until then its failure is this case's, which is tried once more, and not the end of the whole run.
      doorsDone.catch(() => {});
      // No more than the scanner itself can hold.
      for (const [i, text] of wanted.entries()) {
        harness.cabinet.cabinet.scanner.device.scan(text);
        if (i % 50 === 49)
          await harness.until('the scans so far', () => harness.received.codes.length > i - 100);
      }
      await harness.until('all scans', () => harness.received.codes.length >= wanted.length);
      const scansMs = performance.now() - startMs;
      await doorsDone;
      const tookS = (performance.now() - startMs) / 1000;
      assert.deepEqual(harness.received.codes, wanted);
      const edges = harness.received.doors.map((one) => one.door).filter((door) => door !== 'unknown');
      const changes = edges.filter((door, i) => i === 0 || door !== edges[i - 1]);
      assert.equal(changes.filter((door) => door === 'open').length, stormDoors);
      assert.equal(harness.received.tags.size, tagCount);
      harness.host.setPollMode('idle');
      const reads = harness.received.readCount;
      return (
        `${((stormScans / scansMs) * 1000).toFixed(0)} scans/s; ` +
        `${reads} reads in ${tookS.toFixed(1)} s (${(reads / tookS).toFixed(0)}/s); none lost, none doubled`
      );
    },
  },
];

/** From here on the ports of the controller are empty: these cases plug in for themselves. */
const otherWays: Case[] = [
  {
    name: 'a device whose descriptors are noise: not there, and no harm to the others',
    run: async (harness) => {
      const { sensor } = harness.usb;
      harness.second.cabinet.setPlugged('door-sensor', false);
      sensor.setFaults({ garbageDescriptors: true });
      await harness.devices(all);
      harness.second.cabinet.setPlugged('door-sensor', true);
      await openAndShut(harness);
      assert.equal(sensor.configuration, 0);
      sensor.setFaults({});
      return 'the visit at the other lock went on';
    },
  },
  {
    name: 'over USB/IP and vhci-hcd: lock and scanner work, pulled and attached again at once',
    run: async (harness) => {
      await harness.release();
      await harness.machine.shell('while read m; do insmod /modules/$m; done < /modules/late');
      const port = harness.cabinet.usbipPort ?? 0;
      const attach = async (): Promise<void> => {
        for (const busId of ['1-1', '1-3']) await harness.machine.usbipAttach(port, busId);
      };
      await attach();
      await harness.devices([specs.lock, specs.scanner]);
      await openAndShut(harness);
      harness.cabinet.cabinet.scanner.device.scan('over the network');
      await harness.until('the scan', () => harness.received.codes.length > 0);
      assert.deepEqual(harness.received.codes, ['over the network']);
      const times: number[] = [];
      for (let i = 0; i < reattachCount; i++) {
        for (const kind of ['lock', 'code-scanner'] as const) harness.cabinet.cabinet.setPlugged(kind, false);
        await harness.until('both gone', () => harness.received.health.every((one) => one.state !== 'ready'));
        for (const kind of ['lock', 'code-scanner'] as const) harness.cabinet.cabinet.setPlugged(kind, true);
        await attach();
        times.push(await harness.until('both back', () => harness.allReady(2)));
        await openAndShut(harness);
      }
      return `ready again ${times.map(ms).join(', ')} after they were attached anew`;
    },
  },
  {
    name: 'the first purchase: kiosk and operator here, device host in the machine',
    run: (harness) => firstPurchase(harness),
  },
];

async function firstPurchase(harness: HilHarness): Promise<string> {
  await harness.release();
  // What still hangs on USB/IP looks like this cabinet's devices.
  for (const kind of ['lock', 'tag-reader', 'code-scanner'] as const) {
    harness.cabinet.cabinet.setPlugged(kind, false);
  }
  const operator = await SharedOperator.start(harness.clock);
  const plugs: UsbRedirPlug[] = [];
  try {
    const cabinet = await CabinetHarness.open(operator, {
      remoteHost: (simulator) => {
        simulator.usb.forEach((device, i) => {
          plugs.push(new UsbRedirPlug(device, harness.machine.usbPort(i), harness.clock));
        });
        const devices = { simulated: true, devices: all };
        return { devices, makeHost: () => new GuestHost(harness.machine) };
      },
    });
    try {
      const startMs = performance.now();
      await cabinet.enter();
      const doorMs = performance.now() - startMs;
      const [first = '', second = ''] = cabinet.stockSkus;
      const item = cabinet.shopper.take(first);
      cabinet.shopper.take(second);
      await cabinet.waitBasket(cabinet.priceOf(first) + cabinet.priceOf(second));
      cabinet.shopper.putBack(item);
      await cabinet.waitBasket(cabinet.priceOf(second));
      await cabinet.confirmAndLeave();
      await cabinet.waitSettled();
      const charges = await cabinet.charges();
      assert.equal(charges.length, 1);
      assert.equal(charges[0]?.totalMinor, cabinet.priceOf(second));
      assert.equal(charges[0].debitCount, 1);
      assert.equal(cabinet.releaseCount, 1);
      assert.deepEqual(await cabinet.audit(), []);
      const tookMs = performance.now() - startMs;
      return `code to open door ${ms(doorMs)}, whole visit ${ms(tookMs)}, charged once, books right`;
    } finally {
      await cabinet.close();
    }
  } finally {
    for (const plug of plugs) plug.close();
    await operator.close();
  }
}

export const systemCases: readonly Case[] = [...hostProcess, ...many, ...otherWays];
