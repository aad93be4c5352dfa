import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { HealthWord } from '../../shared/launcher.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { readJsonFile } from '../../shared/node/read-json-file.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type LauncherPlace, sayHealth } from './launcher-place.ts';

const lookEveryMs = 1_000;
const beforeFile = 'before.json';

/** How it was right before the switch: what worked then has to work now. */
const beforeSchema = z.object({ readyDevices: z.array(z.string()).max(32), wasOnline: z.boolean() });
export type BeforeSwitch = z.infer<typeof beforeSchema>;

/** Throws what `node:fs` throws. */
export function keepBefore(folder: string, before: BeforeSwitch): void {
  writeFileAtomic(join(folder, beforeFile), JSON.stringify(before));
}

function readBefore(folder: string): BeforeSwitch | null {
  return beforeSchema.safeParse(readJsonFile(join(folder, beforeFile))).data ?? null;
}

export interface HealthProofOptions {
  readonly place: LauncherPlace;
  /** Where `keepBefore` has put it. */
  readonly folder: string;
  /** The page has asked for what it shows. */
  readonly isPainted: () => boolean;
  readonly devices: () => readonly DeviceHealth[];
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * For a version that is tried: says "migrated" once the data is open, and "healthy" once the window is painted, each device that
 * was ready before the switch is ready again, and the operator answers (unless it did not before, either). Whoever cannot say
 * so in time is left by the launcher; nothing else ends a try from here.
 */
export class HealthProof {
  readonly #o: HealthProofOptions;
  readonly #before: BeforeSwitch | null;
  readonly #loop: RetryLoop;
  #said: HealthWord['phase'] | null = null;
  #missing = '';

  constructor(options: HealthProofOptions) {
    this.#o = options;
    this.#before = readBefore(options.folder);
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#look() });
  }

  /** The data is open, and of this version. */
  start(): void {
    if (this.#o.place.order !== null) this.#loop.start();
  }
  stop(): void {
    void this.#loop.stop();
  }

  #look(): number | null {
    if (this.#said === null && !this.#say('migrated')) return lookEveryMs;
    const missing = this.#whatIsMissing();
    if (missing === null && this.#say('healthy')) return null;
    if (missing !== null && missing !== this.#missing)
      this.#o.logger.info('update.not_healthy_yet', { missing });
    this.#missing = missing ?? '';
    return lookEveryMs;
  }

  #whatIsMissing(): string | null {
    const { isPainted, devices, isOnline } = this.#o;
    if (!isPainted()) return 'window';
    const states = new Map<string, DeviceHealth['state']>(devices().map(({ id, state }) => [id, state]));
    // Not known: then all that are there must be ready, and there must be some.
    const wanted = this.#before?.readyDevices ?? [...states.keys()];
    if (this.#before === null && wanted.length === 0) return 'devices';
    const away = wanted.find((id) => states.get(id) !== 'ready');
    if (away !== undefined) return `device ${away}`;
    return isOnline() || this.#before?.wasOnline === false ? null : 'operator';
  }

  #say(phase: HealthWord['phase']): boolean {
    try {
      sayHealth(this.#o.place, phase);
      this.#said = phase;
      this.#o.logger.info('update.health', { phase });
      return true;
    } catch (error) {
      this.#o.logger.error('update.health_not_said', { phase, error: String(error) });
      return false;
    }
  }
}
