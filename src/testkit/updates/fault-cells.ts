import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';
import { UpdateRig, isAlive } from './update-rig.ts';

/** Where an update stands when the fault comes. */
export const updateStates = [
  'idle',
  'metadata refreshed',
  'downloading',
  'verified',
  'unpacked',
  'migration prepared',
  'waiting for the gate',
  'slot marked try',
  'first start before its health word',
  'health said, not committed',
  'committed',
  'health failed, rolling back',
  'rolled back',
  'old slot removed',
] as const;
export type UpdateState = (typeof updateStates)[number];

export const updateFaults = [
  'kill of main',
  'kill of the updater',
  'kill of both, unsynced writes dropped',
  'disk full',
  'target tampered on disk',
  'clock set back',
  'network cut',
] as const;
export type UpdateFault = (typeof updateFaults)[number];

/** What is asked of a cell, beside that it ends at all: without a human, in bounded time. */
export interface CellResult {
  /** The version that counts at the end, and runs. */
  readonly version: string;
  /** How the orders of the new version ended. */
  readonly ends: readonly string[];
  readonly wasDisturbed: boolean;
  readonly visitUntilGate: string;
  readonly inDoubt: number;
  /** Charges that each start has seen. */
  readonly seen: readonly number[];
}

const isUnhealthy = (state: UpdateState): boolean =>
  state === 'health failed, rolling back' || state === 'rolled back';

/** Brings a cabinet into the state, lets the fault happen, takes its cause away, and waits for the end. */
export async function playCell(state: UpdateState, fault: UpdateFault): Promise<CellResult> {
  const rig = new UpdateRig(!isUnhealthy(state));
  await rig.start();
  try {
    await rig.next('up 1.0.0');
    await bringTo(rig, state);
    const visitUntilGate = existsSync(join(rig.world, 'gate')) ? 'open' : rig.data.visit;
    await strike(rig, fault);
    rig.openGate();
    return { ...(await end(rig, state)), visitUntilGate };
  } finally {
    await rig.stop();
  }
}

const goalOf = (state: UpdateState): string => (state === 'old slot removed' ? '3.0.0' : '2.0.0');

async function bringTo(rig: UpdateRig, state: UpdateState): Promise<void> {
  const begin = (version = '2.0.0'): void => {
    rig.publish(version);
    rig.want(version);
  };
  const pausedAt = async (moment: string): Promise<void> => {
    rig.set('pause', moment);
    begin();
    await until(`${moment}\n${rig.said}`, () => rig.isPaused());
  };
  const hold = async (part: string, isHalf: boolean): Promise<void> => {
    let isHeld = false;
    rig.repository.interfere = ({ url = '' }, response) => {
      const bytes = rig.repository.plain.get(url);
      if (!url.includes(part) || (isHalf && (bytes?.length ?? 0) < 250_000)) return false;
      if (isHalf) {
        response.writeHead(200, { 'content-length': bytes?.length });
        response.write(bytes?.subarray(0, 150_000));
      }
      isHeld = true;
      return true;
    };
    await until(`${part} is asked for\n${rig.said}`, () => isHeld);
    if (isHalf) await until('half of it is there', () => partBytes(rig) >= 100_000);
  };
  const committed = (): Promise<unknown> =>
    until(`committed\n${rig.said}`, () => rig.state?.trying === null && rig.versionIn('b') === '2.0.0');
  if (state === 'waiting for the gate') {
    begin();
    await until('it is installed', () => rig.versionIn('b') === '2.0.0');
    return;
  }
  const needsGate = updateStates.indexOf(state) >= updateStates.indexOf('migration prepared');
  if (needsGate) rig.openGate();
  switch (state) {
    case 'idle':
      break;
    case 'metadata refreshed':
      begin();
      await hold('/releases/', false);
      break;
    case 'downloading':
      begin();
      await hold('/files/', true);
      break;
    case 'verified':
      await pausedAt('updater before rename slot.json 1');
      break;
    case 'unpacked':
      await pausedAt('updater after rename slot.json 1');
      break;
    case 'migration prepared':
      await pausedAt('updater before rename order.json 1');
      break;
    case 'slot marked try':
      await pausedAt('launcher after rename state.json 2');
      break;
    case 'first start before its health word':
      writeFileSync(join(rig.world, 'hold'), '');
      await rig.next('queue 2.0.0', () => {
        begin();
      });
      break;
    case 'health said, not committed':
    case 'health failed, rolling back':
      await pausedAt('launcher before rename state.json 3');
      break;
    case 'committed':
      begin();
      await rig.next('up 2.0.0');
      await committed();
      break;
    case 'rolled back':
      begin();
      await until(`rolled back\n${rig.said}`, () => (rig.state?.ended.length ?? 0) > 0);
      break;
    case 'old slot removed':
      begin();
      await rig.next('up 2.0.0');
      await committed();
      rig.publish('3.0.0');
      rig.want('3.0.0');
      await hold('/files/', true);
      break;
  }
}

/** What holds the state up is let go. */
function release(rig: UpdateRig): void {
  rig.clear('pause');
  rmSync(join(rig.world, 'hold'), { force: true });
  rig.repository.interfere = () => false;
  rig.repository.breakAll();
}

async function strike(rig: UpdateRig, fault: UpdateFault): Promise<void> {
  const again = async (): Promise<void> => {
    await rig.killAll();
    release(rig);
    await rig.next('queue', () => {
      rig.powerOn();
    });
  };
  switch (fault) {
    case 'kill of main':
      rig.kill('updater');
      rig.kill('start');
      release(rig);
      return;
    case 'kill of the updater':
      // Where none runs it is the launcher, and with it (its group) the app.
      if (rig.isRunning('updater')) {
        rig.kill('updater');
        release(rig);
      } else await again();
      return;
    case 'kill of both, unsynced writes dropped':
      await rig.cutPower();
      release(rig);
      await rig.next('queue', () => {
        rig.powerOn();
      });
      return;
    case 'disk full':
      rig.set('full');
      await again();
      rig.clear('full');
      return;
    case 'target tampered on disk':
      await rig.killAll();
      tamper(rig);
      await again();
      return;
    case 'clock set back':
      rig.set('1970');
      await again();
      return;
    case 'network cut':
      release(rig);
      rig.repository.interfere = ({ socket }) => {
        socket.destroy();
        return true;
      };
      rig.repository.breakAll();
      await rig.next('queue', () => {
        rig.kill('updater');
        rig.kill('start');
      });
      rig.repository.interfere = () => false;
  }
}

function partBytes(rig: UpdateRig): number {
  const folder = join(rig.root, 'updates', 'part');
  const [name] = existsSync(folder) ? readdirSync(folder) : [];
  return name === undefined ? 0 : statSync(join(folder, name)).size;
}

/** A byte of the newest thing that came from the repository. */
function tamper(rig: UpdateRig): void {
  const part = join(rig.root, 'updates', 'part');
  const parts = existsSync(part) ? readdirSync(part).map((name) => join(part, name)) : [];
  const slots = ['b', 'a'].map((slot) => join(rig.root, 'slots', slot, 'resources', 'own.bin'));
  const newest = rig.versionIn('b') === '2.0.0' && rig.versionIn('a') === null ? slots[1] : slots[0];
  const candidates = [...parts, newest ?? '', join(rig.root, 'updates', 'metadata', 'targets.json')];
  const path = candidates.find((one) => existsSync(one));
  if (path === undefined) return;
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function end(rig: UpdateRig, state: UpdateState): Promise<Omit<CellResult, 'visitUntilGate'>> {
  const goal = goalOf(state);
  if (state === 'idle') {
    rig.publish(goal);
    rig.want(goal);
  }
  const endsOf = (): string[] =>
    (rig.state?.ended ?? []).filter(({ version }) => version === goal).map((one) => one.end);
  const runs = (): string | null => {
    const { state: kept } = rig;
    if (kept === null || kept.trying !== null) return null;
    const up = rig.log.findLast((line) => line.startsWith('up ')) ?? '';
    const [, version = '', pid = ''] = up.split(' ');
    return rig.versionIn(kept.current) === version && isAlive(Number(pid)) ? version : null;
  };
  await until(`the end of ${state}\n${rig.said}\n${rig.log.join('\n')}`, () => {
    const version = runs();
    if (!isUnhealthy(state)) return version === goal;
    return version === '1.0.0' && endsOf().length >= 3;
  });
  return {
    version: runs() ?? '',
    ends: endsOf(),
    wasDisturbed: rig.log.some((line) => line.includes('DISTURBED')),
    inDoubt: rig.data.inDoubt,
    seen: [...new Set(rig.log.filter((l) => l.startsWith('queue ')).map((l) => Number(l.split(' ')[2])))],
  };
}
