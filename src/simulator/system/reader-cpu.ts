import { Supervisor } from '../../devices/supervisor.ts';
import { encodeRfidDeviceMessage, rfidHostDecoder } from '../../devices/protocol/rfid-r200.ts';
import type { RfidDeviceMessage } from '../../devices/protocol/rfid-r200.ts';
import { MemoryTransport } from '../../devices/transport/memory.ts';
import { systemClock } from '../../shared/clock.ts';

export interface ReaderCpu {
  /** CPU time of this process over wall time, 0..1 of one core; without and with the reader. */
  readonly idleShare: number;
  readonly share: number;
  readonly readsPerSecond: number;
}

/**
 * What a continuous inventory costs: an R200 that sends `tagsPerSecond` notices, one at a time, through decoder, driver,
 * slot and supervisor into messages. In this process and without a socket; the sender's own cost is in it.
 */
export async function measureReaderCpu(tagsPerSecond: number, durationMs: number): Promise<ReaderCpu> {
  const link = new MemoryTransport('reader');
  let reads = 0;
  let isPolling = false;
  const decoder = rfidHostDecoder();
  const reply = (message: RfidDeviceMessage): void => {
    link.send(encodeRfidDeviceMessage(message));
  };
  const commands = { stop: 0x28, setRegion: 0x07, setHopping: 0xad, setPower: 0xb6 } as const;
  link.onHostBytes((bytes) => {
    for (const { type } of decoder.push(bytes)) {
      if (type === 'pollMany') isPolling = true;
      else if (type === 'getQuery') reply({ type: 'query', query: 0x1020 });
      else if (type in commands) {
        systemClock.after(1, () => {
          reply({ type: 'done', command: commands[type as keyof typeof commands] });
        });
      }
    }
  });
  const supervisor = new Supervisor({
    clock: systemClock,
    makeTransport: () => link.hostEnd,
    log: () => undefined,
    emit: (message) => {
      if (message.type === 'tags') reads += message.reads.length;
    },
  });
  const idleShare = await cpuShareOver(durationMs / 2);
  supervisor.setPollMode('active');
  await supervisor.configure({
    simulated: true,
    devices: [
      {
        ...{ kind: 'tag-reader', protocol: 'rfid-r200', region: 'china-900', powerCentiDbm: 2600 },
        transport: { kind: 'tcp', host: 'memory', port: 1, framing: 'stream' },
      },
    ],
  });
  while (!isPolling) await pass(10);
  let sent = 0;
  const timer = setInterval(() => {
    const serial = (sent++ % tagsPerSecond).toString(16).toUpperCase().padStart(10, '0');
    const epc = `3035A537C83775${serial}`;
    reply({ type: 'tag', notice: 0x22, rssiDbm: -55, pc: 0x3000, epc, crc: 0 });
  }, 1000 / tagsPerSecond);
  const readsBefore = reads;
  const share = await cpuShareOver(durationMs);
  const readsPerSecond = ((reads - readsBefore) * 1000) / durationMs;
  clearInterval(timer);
  await supervisor.stop();
  return { idleShare, share, readsPerSecond };
}

async function cpuShareOver(durationMs: number): Promise<number> {
  const startMs = systemClock.monotonicMs();
  const before = process.cpuUsage();
  await pass(durationMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (systemClock.monotonicMs() - startMs);
}

function pass(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(delayMs, resolve);
  });
}
