import assert from 'node:assert/strict';
import { CabinetHarness } from '../../src/simulator/system/cabinet-harness.ts';
import { SharedOperator } from '../../src/simulator/system/shared-operator.ts';
import { UsbRedirPlug } from '../../src/simulator/usb/usbredir-link.ts';
import { openAndShut } from './cases-devices.ts';
import type { Case } from './cases-devices.ts';
import { GuestHost } from './guest-host.ts';
import { specs, tagCount } from './rig.ts';
import type { HilRig } from './rig.ts';

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const all = [specs.lock, specs.reader, specs.scanner];
const stormScans = 600;
const stormDoors = 10;
/** As soon as it is noticed that they are gone: that the kernel has not always let go of them by then was once missed. */
const reattachCount = 3;

const hostProcess: Case[] = [
  {
    name: 'device host ends in order with everything open: code 0',
    run: async (rig) => {
      await rig.devices([...all, specs.sensor]);
      rig.told.exits.length = 0;
      const startMs = performance.now();
      await rig.host.stop();
      const took = performance.now() - startMs;
      await rig.until('the exit', () => rig.told.exits.length > 0);
      assert.deepEqual(
        rig.told.exits.map(({ code, signal }) => [code, signal]),
        [[0, null]],
      );
      return `after ${ms(took)}`;
    },
  },
  ...(['SIGSEGV', 'SIGSTOP'] as const).map((signal): Case => ({
    name: `device host ${signal === 'SIGSEGV' ? 'crashes in native code' : 'hangs'} (${signal}): started anew, the lock is asked again`,
    run: async (rig) => {
      await rig.devices(all);
      rig.told.exits.length = 0;
      rig.forget();
      const startMs = performance.now();
      rig.signal(signal);
      await rig.until('the end is noticed', () => rig.told.exits.length > 0);
      const noticed = performance.now() - startMs;
      await rig.until('ready again', () => rig.allReady(all.length));
      const back = performance.now() - startMs;
      await rig.until('the door is told', () => rig.lastDoor === 'closed');
      await openAndShut(rig);
      return `noticed after ${ms(noticed)}, all ready after ${ms(back)}`;
    },
  })),
];

const many: Case[] = [
  {
    name: `storm: ${stormScans} scans, ${stormDoors} visits at the door, ${tagCount} tags without pause`,
    run: async (rig) => {
      await rig.devices(all);
      rig.host.setPace('visit');
      await rig.until('the first scan', () => rig.told.readCount > 0);
      rig.forget();
      const startMs = performance.now();
      const wanted = Array.from({ length: stormScans }, (_, i) => `code ${i}`);
      let doors = 0;
      const doorsDone = (async () => {
        for (; doors < stormDoors; doors++) await openAndShut(rig, 'cabinet', 'visit');
      })();
      // No more than the scanner itself can hold.
      for (const [i, text] of wanted.entries()) {
        rig.cabinet.cabinet.scanner.device.scan(text);
        if (i % 50 === 49) await rig.until('the scans so far', () => rig.told.codes.length > i - 100);
      }
      await rig.until('all scans', () => rig.told.codes.length >= wanted.length);
      const scansMs = performance.now() - startMs;
      await doorsDone;
      const tookS = (performance.now() - startMs) / 1000;
      assert.deepEqual(rig.told.codes, wanted);
      const edges = rig.told.doors.map((one) => one.door).filter((door) => door !== 'unknown');
      const changes = edges.filter((door, i) => i === 0 || door !== edges[i - 1]);
      assert.equal(changes.filter((door) => door === 'open').length, stormDoors);
      assert.equal(rig.told.tags.size, tagCount);
      rig.host.setPace('rest');
      const reads = rig.told.readCount;
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
    run: async (rig) => {
      const { sensor } = rig.usb;
      rig.second.cabinet.setPlugged('door-sensor', false);
      sensor.setFaults({ garbageDescriptors: true });
      await rig.devices(all);
      rig.second.cabinet.setPlugged('door-sensor', true);
      await openAndShut(rig);
      assert.equal(sensor.configuration, 0);
      sensor.setFaults({});
      return 'the visit at the other lock went on';
    },
  },
  {
    name: 'over USB/IP and vhci-hcd: lock and scanner work, pulled and attached again at once',
    run: async (rig) => {
      await rig.release();
      await rig.machine.shell('while read m; do insmod /modules/$m; done < /modules/late');
      const port = rig.cabinet.usbipPort ?? 0;
      const attach = async (): Promise<void> => {
        for (const busId of ['1-1', '1-3']) await rig.machine.usbipAttach(port, busId);
      };
      await attach();
      await rig.devices([specs.lock, specs.scanner]);
      await openAndShut(rig);
      rig.cabinet.cabinet.scanner.device.scan('over the network');
      await rig.until('the scan', () => rig.told.codes.length > 0);
      assert.deepEqual(rig.told.codes, ['over the network']);
      const times: number[] = [];
      for (let i = 0; i < reattachCount; i++) {
        for (const kind of ['lock', 'code-scanner'] as const) rig.cabinet.cabinet.setPlugged(kind, false);
        await rig.until('both gone', () => rig.told.health.every((one) => one.state !== 'ready'));
        for (const kind of ['lock', 'code-scanner'] as const) rig.cabinet.cabinet.setPlugged(kind, true);
        await attach();
        times.push(await rig.until('both back', () => rig.allReady(2)));
        await openAndShut(rig);
      }
      return `ready again ${times.map(ms).join(', ')} after they were attached anew`;
    },
  },
  {
    name: 'the first purchase: kiosk and operator here, device host in the machine',
    run: (rig) => firstPurchase(rig),
  },
];

async function firstPurchase(rig: HilRig): Promise<string> {
  await rig.release();
  // What still hangs on USB/IP looks like this cabinet's devices.
  for (const kind of ['lock', 'tag-reader', 'code-scanner'] as const) {
    rig.cabinet.cabinet.setPlugged(kind, false);
  }
  const operator = await SharedOperator.start(rig.clock);
  const plugs: UsbRedirPlug[] = [];
  try {
    const cabinet = await CabinetHarness.open(operator, {
      remoteHost: (simulator) => {
        simulator.usb.forEach((device, i) => {
          plugs.push(new UsbRedirPlug(device, rig.machine.usbPort(i), rig.clock));
        });
        const devices = { simulated: true, devices: all };
        return { devices, makeHost: () => new GuestHost(rig.machine) };
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
