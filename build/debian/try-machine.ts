/**
 * Starts a Debian machine with the package in it (dist/*.deb) under QEMU, emulated in software, and looks at what only a running
 * machine shows: the unit, the session, the app on the screen, a version that is tried and counts, one that is left again, mains
 * off, and the end of it. Pictures of the screen go into artifacts/machine/. As root, with debootstrap and QEMU.
 *
 * node build/debian/try-machine.ts [--deb=<file>] [--suite=bookworm]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { beginTrial, home, project, withVersion } from './trial.ts';

const trial = beginTrial('machine', 'try-machine.ts', {
  ...{ debootstrap: 'debootstrap', 'qemu-system-x86_64': 'qemu-system-x86', 'mkfs.ext4': 'e2fsprogs' },
});
const { deb, suite, scratch, root, say, check } = trial;

/** An emulated machine is some ten times slower than a real one. */
const bootMaxMs = 600_000;
const stepMaxMs = 900_000;
const pictures = join(project, 'artifacts', 'machine');

function makeDisk(): void {
  say(`a Debian ${suite} with the package in it …`);
  const packages =
    'systemd,systemd-sysv,udev,dbus,libpam-systemd,linux-image-amd64,initramfs-tools,' +
    'ca-certificates,apparmor,kmod,procps';
  execFileSync('debootstrap', ['--variant=minbase', `--include=${packages}`, suite, root], {
    stdio: 'pipe',
    maxBuffer: 1e9,
  });
  cpSync(deb, join(root, 'root/kaimen.deb'));
  for (const version of ['9.9.8', '9.9.9']) withVersion(deb, version, join(root, `root/${version}.deb`));
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  const setUp = [
    'export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8',
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends /root/kaimen.deb',
    'apt-get clean && passwd -d root',
    'mkdir -p /etc/systemd/system/serial-getty@ttyS0.service.d',
    "printf '[Service]\\nExecStart=\\nExecStart=-/sbin/agetty -a root --noclear ttyS0 115200 dumb\\n' " +
      '> /etc/systemd/system/serial-getty@ttyS0.service.d/root.conf',
    // A cabinet that has been set up, whose operator does not answer; and that was so before the switch.
    `mkdir -p ${home}/.config/Kaimen ${home}/updates`,
    `printf '%s' '{"cabinetId":"CAB-1","operatorUrl":"http://127.0.0.1:9","enrolToken":"good-for-nothing-here"}' ` +
      `> ${home}/.config/Kaimen/config.json`,
    `printf '%s' '{"readyDevices":[],"wasOnline":false}' > ${home}/updates/before.json`,
    `chown -R kaimen:kaimen ${home}/.config ${home}/updates`,
    // The machine is emulated: a version has longer to prove healthy.
    `printf '{"healthMs":600000}' > ${home}/launcher.json && chown kaimen:kaimen ${home}/launcher.json`,
    "echo '/dev/vda / ext4 rw 0 1' > /etc/fstab",
  ];
  try {
    execFileSync('chroot', [root, 'sh', '-ec', setUp.join('\n')], { stdio: 'pipe', maxBuffer: 1e9 });
  } finally {
    execFileSync('umount', [join(root, 'proc')]);
  }
  execFileSync('truncate', ['-s', '6G', join(scratch, 'disk.img')]);
  execFileSync('mkfs.ext4', ['-q', '-d', root, join(scratch, 'disk.img')]);
}

/** One boot of the machine: a shell on its serial line, and its screen. */
class Machine {
  readonly #qemu: ChildProcess;
  #serial: Socket | null = null;
  #said = '';

  constructor() {
    const boot = join(root, 'boot');
    const file = (start: string): string => {
      return join(boot, readdirSync(boot).find((name) => name.startsWith(start)) ?? 'none');
    };
    this.#qemu = spawn(
      'qemu-system-x86_64',
      [
        ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-machine', 'q35', '-m', '3072', '-smp', '2'],
        ...['-nodefaults', '-no-reboot', '-display', 'none', '-device', 'virtio-vga'],
        ...['-kernel', file('vmlinuz-'), '-initrd', file('initrd.img-')],
        ...['-append', 'root=/dev/vda rw console=ttyS0 quiet panic=-1 net.ifnames=0 no_timer_check'],
        ...['-drive', `file=${join(scratch, 'disk.img')},format=raw,if=virtio,cache=unsafe`],
        ...['-device', 'qemu-xhci', '-device', 'usb-tablet', '-device', 'usb-kbd'],
        ...['-serial', `unix:${join(scratch, 'serial')},server=on,wait=off`],
        ...['-monitor', `unix:${join(scratch, 'monitor')},server=on,wait=off`],
      ],
      { stdio: 'inherit' },
    );
  }

  async boot(): Promise<void> {
    await until('QEMU', bootMaxMs, () => existsSync(join(scratch, 'serial')));
    const serial = connect(join(scratch, 'serial'));
    serial.on('data', (bytes: Buffer) => (this.#said += bytes.toString('latin1')));
    serial.on('error', () => undefined);
    this.#serial = serial;
    await until('a shell', bootMaxMs, () => this.#said.includes('# '));
    await this.run('stty -echo cols 500; export PAGER=cat SYSTEMD_PAGER=cat');
  }

  /** What a command says, and whether it went well. */
  async run(command: string, maxMs = stepMaxMs): Promise<{ isOk: boolean; said: string }> {
    this.#said = '';
    this.#serial?.write(`( ${command} ) 2>&1; echo "@@$?@@"\n`);
    await until(command, maxMs, () => /@@\d+@@/.test(this.#said));
    const [, said = '', code = ''] = /^([^]*)@@(\d+)@@/.exec(this.#said) ?? [];
    return { isOk: code === '0', said };
  }

  /** A picture of the screen; how many colours it has: a screen that shows nothing has a few. */
  async screen(name: string): Promise<number> {
    const file = join(scratch, 'screen.ppm');
    rmSync(file, { force: true });
    const monitor = connect(join(scratch, 'monitor'));
    monitor.write(`screendump ${file}\n`);
    await until('a picture', 60_000, () => existsSync(file) && readFileSync(file).length > 1_000);
    await wait(1_000);
    monitor.destroy();
    return keepPicture(readFileSync(file), join(pictures, `${name}.png`));
  }

  /** Mains off. */
  async end(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await until('the end', 60_000, () => this.#qemu.exitCode !== null || this.#qemu.signalCode !== null);
    for (const name of ['serial', 'monitor']) rmSync(join(scratch, name), { force: true });
  }
}

async function until(what: string, maxMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + maxMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not within ${maxMs} ms: ${what}`);
    await wait(200);
  }
}

/** PPM in, PNG out. */
function keepPicture(ppm: Buffer, file: string): number {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 64).toString('latin1'));
  const [width, height] = [Number(head?.[1]), Number(head?.[2])];
  const pixels = ppm.subarray(head?.[0].length ?? 0);
  const colours = new Set<number>();
  for (let at = 0; at + 2 < pixels.length; at += 3) colours.add(pixels.readUIntBE(at, 3));
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(y * width * 3, (y + 1) * width * 3)]),
  );
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const parts = [
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.of()),
  ];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]));
  return colours.size;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** As PNG has it (ISO 3309). */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Colours of a screen on which the app says something; a terminal has fewer than ten, the sign before it 230. */
const appColoursMin = 500;

async function untilAppIsShown(machine: Machine, name: string): Promise<void> {
  let colours = 0;
  await until('the app on the screen', stepMaxMs, async () => {
    colours = await machine.screen(name);
    return colours >= appColoursMin;
  }).catch(() => undefined);
  const { said } = await machine.run('systemctl status kaimen; journalctl -u kaimen -b -n 30');
  check(`${name}: the app is on the screen (${colours} colours)`, colours >= appColoursMin, said);
}

/** The slot whose app runs. */
async function slotThatRuns(machine: Machine): Promise<string> {
  const { said } = await machine.run("ps -eo args | grep -o 'slots/[ab]/kaimen --kaimen-root' | head -n 1");
  return /slots\/(\w)/.exec(said)?.[1] ?? 'none';
}

/** The version in the resting slot is tried until its try has ended; how. */
async function tried(machine: Machine, version: string): Promise<string> {
  await machine.run('systemctl restart kaimen');
  let end = '';
  await until(`the end of the try of ${version}`, stepMaxMs, async () => {
    const { said } = await machine.run(`cat ${home}/state.json`);
    end = new RegExp(`"version": ?"${version}"[^}]*"end": ?"(\\w+)"`).exec(said)?.[1] ?? '';
    return end !== '';
  }).catch(() => undefined);
  if (end !== '') return end;
  const log = await machine.run(`cat ${home}/state.json; tail -n 20 ${home}/.config/Kaimen/kaimen.log`);
  say(log.said.slice(-3_000));
  return 'none in time';
}

async function tryAll(): Promise<void> {
  makeDisk();
  let machine = new Machine();
  try {
    await machine.boot();
    check('the machine is up', (await machine.run('uname -a')).isOk);
    await untilAppIsShown(machine, 'first-start');
    const unit = await machine.run('systemctl is-active kaimen && systemctl show kaimen -p NRestarts');
    check('the unit runs', unit.isOk, unit.said);
    say(unit.said.replace(/\s+/g, ' ').trim());
    const who = await machine.run("ps -o user= -C node -C kaimen | sort -u | tr '\\n' ' '");
    check('nothing of it runs as root', who.said.trim() === 'kaimen', who.said);
    const core = await machine.run("grep 'Max core file size' /proc/$(pgrep -o -x kaimen)/limits");
    check('it leaves no core files', /size\s+0\s+0/.test(core.said), core.said);
    check('slot a runs', (await slotThatRuns(machine)) === 'a');

    const newer = await machine.run('dpkg -i /root/9.9.8.deb');
    check('a newer package goes into the slot that rests', newer.isOk, newer.said);
    const ended = await tried(machine, '9.9.8');
    check(
      `it is tried, and counts (${ended})`,
      ended === 'committed' && (await slotThatRuns(machine)) === 'b',
    );
    await untilAppIsShown(machine, 'after-the-update');

    check('one more goes into the other slot', (await machine.run('dpkg -i /root/9.9.9.deb')).isOk);
    // What worked before the switch does not work with it, so it does not prove healthy.
    const worse = await machine.run(
      `printf '%s' '{"readyDevices":["lock-1"],"wasOnline":false}' > ${home}/updates/before.json && ` +
        `printf '{"healthMs":30000}' > ${home}/launcher.json`,
    );
    check('with it the lock is not ready any more', worse.isOk, worse.said);
    const left = await tried(machine, '9.9.9');
    await until('the one before', stepMaxMs, async () => (await slotThatRuns(machine)) === 'b').catch(
      () => undefined,
    );
    check(
      `it is left, and the one before runs (${left})`,
      left === 'unhealthy' && (await slotThatRuns(machine)) === 'b',
    );
    await untilAppIsShown(machine, 'after-the-way-back');

    await machine.run('sync');
    await machine.end();
    machine = new Machine();
    await machine.boot();
    await untilAppIsShown(machine, 'after-a-power-cut');
    check('the one that counts started', (await slotThatRuns(machine)) === 'b');

    // As "Stop the program" on its screen ends it.
    await machine.run('pkill -TERM -o -x kaimen');
    const isDown = async (): Promise<boolean> => !(await machine.run('systemctl is-active kaimen')).isOk;
    await until('the stopped unit', stepMaxMs, isDown).catch(() => undefined);
    const again = await machine.run('sleep 10; systemctl start kaimen; pgrep -x cage');
    check('stopped from its screen it stays so', !again.isOk && (await isDown()), again.said);
    await machine.run('rm /run/kaimen/stopped && systemctl start kaimen');
    await untilAppIsShown(machine, 'after-a-stop');

    const purged = await machine.run('DEBIAN_FRONTEND=noninteractive dpkg -P kaimen');
    check('it is purged', purged.isOk, purged.said);
    check('its slots are gone', !(await machine.run(`test -e ${home}/slots`)).isOk);
    check('nothing of it runs any more', !(await machine.run('pgrep -x kaimen')).isOk);
  } finally {
    await machine.end();
    rmSync(scratch, { recursive: true, force: true });
  }
}

await tryAll();
trial.end();
