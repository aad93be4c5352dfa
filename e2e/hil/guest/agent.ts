import { execFile, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createReadStream, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { decodeImportReply, encodeOperation } from '../../../src/simulator/usb/usbip-codec.ts';
import type { ImportedDevice } from '../../../src/simulator/usb/usbip-codec.ts';
import { freeVhciPort } from '../../../src/simulator/usb/vhci.ts';
import { loaded, toGuestSchema } from './messages.ts';
import type { FromGuest, ToGuest } from './messages.ts';

/**
 * Root's hand in the virtual machine: does what the test says over the serial port, and carries the device host's messages,
 * which runs as a process and a user of its own.
 */
const portName = 'kaimen.hil';
const hostProgram = '/app/device-host.js';
const shellMaxMs = 20_000;
const vhci = '/sys/devices/platform/vhci_hcd.0';
/** As `speed` of a root hub says it, in Mbit/s: the hub for high, full and low speed. */
const highSpeed = '480';

const fd = openSync(serialPort(), 'r+');
const hosts = new Map<number, ChildProcess>();
let spare: ChildProcess | null = null;
let stretch = 1;

function serialPort(): string {
  const ports = '/sys/class/virtio-ports';
  const found = readdirSync(ports).find((name) => {
    return readFileSync(`${ports}/${name}/name`, 'utf8').trim() === portName;
  });
  if (found === undefined) throw new Error('no serial port to the test');
  return `/dev/${found}`;
}

function say(message: FromGuest): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** A process that has not been told anything yet, and says that it is loaded. */
function newHost(): ChildProcess {
  return fork(hostProgram, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
}

/** To start Node takes seconds here, so one is kept ready; it takes no time from the one that is at work. */
function keepSpare(): void {
  spare ??= newHost();
  setNice(spare, 19);
}

function setNice(process: ChildProcess, nice: number): void {
  if (process.pid === undefined) return;
  // Linux counts niceness by the thread.
  for (const thread of readdirSync(`/proc/${process.pid}/task`)) setPriority(Number(thread), nice);
}

function startHost(number: number): void {
  const child = spare ?? newHost();
  setNice(child, 0);
  spare = null;
  hosts.set(number, child);
  child.on('message', (message) => {
    if (message === loaded) return;
    say({ type: 'fromHost', host: number, message });
    if (spare === null) keepSpare();
  });
  child.on('exit', (code, signal) => {
    hosts.delete(number);
    say({ type: 'hostExit', host: number, code, signal });
  });
  child.send({ stretch });
}

function shell(id: number, script: string): void {
  execFile('/bin/sh', ['-c', script], { timeout: shellMaxMs }, (error, stdout, stderr) => {
    say({ type: 'done', id, ok: error === null, text: `${stdout}${stderr}`.slice(0, 60_000) });
  });
}

function vhciPort(): number {
  const hub = readdirSync(vhci).find((name) => {
    return /^usb\d+$/.test(name) && readFileSync(`${vhci}/${name}/speed`, 'utf8').trim() === highSpeed;
  });
  const children = hub === undefined ? [] : readdirSync(`${vhci}/${hub}`);
  const port = freeVhciPort(readFileSync(`${vhci}/status`, 'utf8'), children);
  if (port === null) throw new Error('no free port of vhci-hcd');
  return port;
}

function importDevice(where: { host: string; port: number }, busId: string): Promise<ImportedDevice> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const socket = connect({ ...where, noDelay: true });
    socket.on('error', reject);
    socket.on('connect', () => socket.write(encodeOperation({ type: 'import', busId })));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const reply = decodeImportReply(bytes);
      if (reply.ok && reply.value === null) return;
      socket.pause();
      try {
        if (!reply.ok || reply.value === null) throw new Error(reply.ok ? '' : reply.error.message);
        const { _handle } = socket as unknown as { _handle: { fd: number } };
        const { devid, speed } = reply.value;
        // The kernel takes a reference of its own; ours is closed below, without a shutdown.
        writeFileSync(`${vhci}/attach`, `${vhciPort()} ${_handle.fd} ${devid} ${speed}`);
        resolve(reply.value);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      socket.destroy();
    });
  });
}

function perform(message: ToGuest): void {
  switch (message.type) {
    case 'startHost':
      startHost(message.host);
      return;
    case 'toHost':
      hosts.get(message.host)?.send({ main: message.message }, () => undefined);
      return;
    case 'stretch':
      stretch = message.factor;
      for (const host of hosts.values()) host.send({ stretch }, () => undefined);
      return;
    case 'killHost':
      hosts.get(message.host)?.kill(message.signal);
      return;
    case 'shell':
      shell(message.id, message.script);
      return;
    case 'usbipAttach': {
      const { id, busId } = message;
      importDevice(message, busId).then(
        (device) => {
          say({ type: 'done', id, ok: true, text: JSON.stringify(device) });
        },
        (error: unknown) => {
          say({ type: 'done', id, ok: false, text: String(error) });
        },
      );
      return;
    }
    case 'powerOff':
      for (const host of hosts.values()) host.kill('SIGKILL');
      spare?.kill('SIGKILL');
      process.exit(0);
  }
}

const lines = createInterface({ input: createReadStream('', { fd, autoClose: false }) });
lines.on('line', (line) => {
  perform(toGuestSchema.parse(JSON.parse(line)));
});
spare = newHost().once('message', () => {
  say({ type: 'ready', uptimeS: Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) });
});
