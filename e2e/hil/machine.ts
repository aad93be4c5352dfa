import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { sleep as sleepOn } from '../../src/shared/clock.ts';
import { StretchedClock } from '../../src/simulator/stretched-clock.ts';
import type { MachineAssets } from './assets.ts';
import { fromGuestSchema } from './guest/messages.ts';
import type { FromGuest, ToGuest } from './guest/messages.ts';
import { guestInitramfs } from './guest-image.ts';
import { Pace } from './pace.ts';

/** Ports of the USB controller that a device can be plugged into; all of them speak USB 2 and slower. */
export const usbPortCount = 8;
const memoryMiB = 640;
const bootMaxMs = 120_000;
const callMaxMs = 60_000;
const powerOffMaxMs = 10_000;
const dialEveryMs = 50;
/** From the start of QEMU to the agent's first word on a processor that is quick enough, at most. */
const quickBootMs = 15_000;

export type HostExit = Extract<FromGuest, { type: 'hostExit' }>;
export interface HostListener {
  message(message: unknown): void;
  exit(exit: HostExit): void;
}

/**
 * One virtual machine: a stock kernel under software emulation (KVM is not tried: where it is there and does not work, it
 * hangs instead of failing), our own device host in it, and a serial port to its agent.
 */
export class Machine {
  readonly #folder: string;
  readonly #qemu: ChildProcess;
  readonly #exited: Promise<void>;
  /** Time for our own code, here and in the machine: as much slower as the machine is slower than a cabinet's. */
  readonly clock = new StretchedClock();
  readonly #pace: Pace;
  #socket: Socket | null = null;
  #callId = 0;
  readonly #calls = new Map<number, (done: { ok: boolean; text: string }) => void>();
  readonly #hosts = new Map<number, HostListener>();
  #hostCount = 0;
  #ready: (uptimeS: number) => void = () => undefined;

  private constructor(folder: string, qemu: ChildProcess) {
    this.#folder = folder;
    this.#qemu = qemu;
    this.#pace = new Pace(
      this.clock,
      [process.pid, ...(qemu.pid === undefined ? [] : [qemu.pid])],
      (factor) => {
        this.send({ type: 'stretch', factor });
      },
    );
    this.#exited = new Promise((resolve) => {
      qemu.on('exit', () => {
        resolve();
      });
      qemu.on('error', () => {
        resolve();
      });
    });
  }

  /** Builds our part of the image and starts; resolves when the agent in it has spoken. */
  static async start(assets: MachineAssets): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'kaimen-hil-'));
    const initramfs = join(folder, 'initramfs');
    const ours = await guestInitramfs(folder);
    // The kernel takes several archives one after the other.
    writeFileSync(initramfs, Buffer.concat([readFileSync(assets.baseInitramfs), ours]));
    const qemu = spawn(assets.qemu, machineArguments(assets, folder, initramfs), {
      env: { ...process.env, ...assets.qemuEnv },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const machine = new Machine(folder, qemu);
    process.once('exit', () => qemu.kill('SIGKILL'));
    try {
      await machine.#connect();
    } catch (error) {
      const said = machine.console().split('\n').slice(-40).join('\n');
      await machine.stop();
      throw new Error(`the machine did not start: ${String(error)}\n${said}`, { cause: error });
    }
    return machine;
  }

  /** Unix socket of a port, 0-based. In the machine it is port `1-(n+1)`. */
  usbPort(index: number): string {
    return join(this.#folder, `usb${index}`);
  }

  /** What kernel, udev and device host have said. */
  console(): string {
    const path = join(this.#folder, 'console');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  send(message: ToGuest): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`);
  }
  /** Starts a device host; answers the number by which it is spoken to. */
  startHost(listener: HostListener): number {
    const host = ++this.#hostCount;
    this.#hosts.set(host, listener);
    this.send({ type: 'startHost', host });
    return host;
  }

  /** Runs a script as root; answers what it printed. Rejects when it fails. */
  shell(script: string): Promise<string> {
    return this.#call((id) => ({ type: 'shell', id, script }));
  }
  usbipAttach(port: number, busId: string): Promise<string> {
    // The address under which a machine of QEMU's user network sees this one's loopback.
    return this.#call((id) => ({ type: 'usbipAttach', id, host: '10.0.2.2', port, busId }));
  }

  async stop(): Promise<void> {
    this.send({ type: 'powerOff' });
    await Promise.race([this.#exited, sleep(this.#socket === null ? 0 : powerOffMaxMs)]);
    this.#pace.stop();
    this.#qemu.kill('SIGKILL');
    await this.#exited;
    this.#socket?.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #call(make: (id: number) => ToGuest): Promise<string> {
    const id = ++this.#callId;
    const done = new Promise<{ ok: boolean; text: string }>((resolve) => this.#calls.set(id, resolve));
    this.send(make(id));
    const late = sleepOn(this.clock, callMaxMs).then(() => ({
      ok: false,
      text: `no answer in ${callMaxMs} ms`,
    }));
    const result = await Promise.race([done, late]);
    this.#calls.delete(id);
    if (!result.ok) throw new Error(result.text);
    return result.text;
  }

  async #connect(): Promise<void> {
    const ready = new Promise<number>((resolve) => {
      this.#ready = resolve;
    });
    const startMs = this.clock.monotonicMs();
    const path = join(this.#folder, 'agent');
    while (!existsSync(path)) {
      if (this.#qemu.exitCode !== null) throw new Error('QEMU has ended');
      if (this.clock.monotonicMs() - startMs > bootMaxMs) throw new Error('QEMU does not open its ports');
      await sleep(dialEveryMs);
    }
    const socket = connect({ path });
    this.#socket = socket;
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      this.#receive(fromGuestSchema.parse(JSON.parse(line)));
    });
    // A reset by QEMU's end comes here too; `exit` follows.
    lines.on('error', () => undefined);
    const over = this.#exited.then(() => -1);
    const late = sleepOn(this.clock, bootMaxMs).then(() => -2);
    const uptimeS = await Promise.race([ready, over, late]);
    if (uptimeS < 0) throw new Error(uptimeS === -1 ? 'QEMU has ended' : `not up after ${bootMaxMs} ms`);
    this.#pace.base = Math.max((this.clock.monotonicMs() - startMs) / quickBootMs, 1);
    this.send({ type: 'stretch', factor: this.clock.factor });
  }

  #receive(message: FromGuest): void {
    if (message.type === 'ready') this.#ready(message.uptimeS);
    else if (message.type === 'fromHost') this.#hosts.get(message.host)?.message(message.message);
    else if (message.type === 'hostExit') {
      this.#hosts.get(message.host)?.exit(message);
      this.#hosts.delete(message.host);
    }
    if (message.type === 'done') this.#calls.get(message.id)?.(message);
  }
}

function machineArguments(assets: MachineAssets, folder: string, initramfs: string): string[] {
  const ports = Array.from({ length: usbPortCount }, (_, i) => [
    ...['-chardev', `socket,id=usb${i},path=${folder}/usb${i},server=on,wait=off`],
    ...['-device', `usb-redir,chardev=usb${i},bus=xhci.0,port=${i + 1}`],
  ]);
  return [
    ...assets.qemuArgs,
    ...['-accel', 'tcg', '-machine', 'q35', '-m', String(memoryMiB), '-smp', '1'],
    ...['-display', 'none', '-nodefaults', '-no-reboot', '-serial', `file:${folder}/console`],
    ...['-kernel', assets.kernel, '-initrd', initramfs],
    // Without the timer check: on a busy machine the emulated timer starts too late for it, and the kernel panics.
    ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off no_timer_check'],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=kaimen.hil'],
    ...['-chardev', `socket,id=agent,path=${folder}/agent,server=on,wait=off`],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', `qemu-xhci,id=xhci,p2=${usbPortCount},p3=1`],
    ...ports.flat(),
  ];
}
