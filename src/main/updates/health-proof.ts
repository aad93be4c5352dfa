import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { HealthWord } from '../../shared/launcher.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { readJsonFile } from '../../shared/node/read-json-file.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ProfileReading } from '../settings/settings-store.ts';
import { type LauncherPlace, sayHealth } from './launcher-place.ts';

const lookEveryMs = 1_000;
const beforeFile = 'before.json';

/** How it was right before the switch: what worked then has to work now. */
const beforeSchema = z.object({
  readyDevices: z.array(z.string()).max(32),
  wasOnline: z.boolean(),
  /** How the devices and shelves in force were read. Left out: by an older program. */
  profile: z.object({ bad: z.string().nullable(), unknown: z.array(z.string()).readonly() }).optional(),
});
export type BeforeSwitch = z.infer<typeof beforeSchema>;
/** Left out: by an older program. */
const ofOrderSchema = beforeSchema.extend({ order: z.string().optional() });

/** Throws what `node:fs` throws. */
export function keepBefore(folder: string, order: string, before: BeforeSwitch): void {
  writeFileAtomic(join(folder, beforeFile), JSON.stringify({ order, ...before }));
}

/** Of this order alone: before another switch, or one by a package, the cabinet had other devices. */
function readBefore(folder: string, order: string | null): BeforeSwitch | null {
  const before = ofOrderSchema.safeParse(readJsonFile(join(folder, beforeFile))).data;
  return before === undefined || (before.order ?? order) !== order ? null : before;
}

export interface HealthProofOptions {
  readonly place: LauncherPlace;
  /** Where `keepBefore` has put it. */
  readonly folder: string;
  /** The page has asked for what it shows. */
  readonly isPainted: () => boolean;
  readonly devices: () => readonly DeviceHealth[];
  readonly isOnline: () => boolean;
  /** How this version reads the devices and shelves in force. */
  readonly profile: () => ProfileReading;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * For a version that is tried: says "migrated" once the data is open, and "healthy" once the window is painted, each device that
 * was ready before the switch is ready again, and the operator answers (unless it did not before, either). Whoever cannot say
 * so in time is left by the launcher. One that does not read the devices and shelves as the version before did says "unfit", and
 * is left at once (docs/decisions/0200-a-version-reads-the-profile.md).
 */
export class HealthProof {
  readonly #o: HealthProofOptions;
  readonly #before: BeforeSwitch | null;
  readonly #loop: RetryLoop;
  #said: HealthWord['phase'] | null = null;
  #missing = '';

  constructor(options: HealthProofOptions) {
    this.#o = options;
    this.#before = readBefore(options.folder, options.place.order);
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
    const unread = this.#whatIsUnread();
    if (unread !== null) return this.#say('unfit', `profile: ${unread}`) ? null : lookEveryMs;
    const missing = this.#whatIsMissing();
    if (missing === null) return this.#say('healthy') ? null : lookEveryMs;
    if ((this.#said === null || missing !== this.#missing) && this.#say('migrated', missing))
      this.#missing = missing;
    return lookEveryMs;
  }

  /** Of the devices and shelves: what the version before read and this one does not. */
  #whatIsUnread(): string | null {
    const before = this.#before?.profile;
    if (before === undefined || before.bad !== null) return null;
    const { bad, unknown } = this.#o.profile();
    return bad ?? unknown.find((name) => !before.unknown.includes(name)) ?? null;
  }

  #whatIsMissing(): string | null {
    const { isPainted, devices, isOnline } = this.#o;
    if (!isPainted()) return 'window';
    const states = new Map<string, DeviceHealth['state']>(devices().map(({ id, state }) => [id, state]));
    // Not known: then all that are there must be ready, and there must be some.
    const wanted = this.#before?.readyDevices ?? [...states.keys()];
    if (this.#before === null && wanted.length === 0) return 'devices';
    const away = wanted.find((id) => states.get(id) !== 'ready');
    if (away !== undefined) return `device: ${away}`;
    return isOnline() || this.#before?.wasOnline === false ? null : 'operator';
  }

  #say(phase: HealthWord['phase'], why?: string): boolean {
    try {
      sayHealth(this.#o.place, phase, why);
      this.#said = phase;
      this.#o.logger.info('update.health', { phase, ...(why !== undefined && { why }) });
      return true;
    } catch (error) {
      this.#o.logger.error('update.health_not_said', { phase, error: String(error) });
      return false;
    }
  }
}
