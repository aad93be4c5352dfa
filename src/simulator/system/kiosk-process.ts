import { compose } from '../../main/compose.ts';
import type { Kiosk, KioskPorts } from '../../main/compose/kiosk.ts';
import type { HttpTransport } from '../../main/operator/http-transport.ts';
import type { SettingsStore } from '../../main/settings/settings-store.ts';
import type { HostProcess } from '../../main/devices/device-host.ts';
import { UnseenOpenings } from '../../main/devices/unseen-openings.ts';
import { MetaStore } from '../../main/storage/meta-store.ts';
import type { OpeningsRecord } from '../../shared/model/host-messages.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { verifyJournals } from '../../main/visit/verify-journals.ts';
import { type Database, type StorageFailure, openDatabase } from '../../main/storage/database.ts';
import type { VisitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { KillableClock } from '../../testkit/killable-clock.ts';
import { immediatePinTagger } from '../../testkit/main/service/pin-tagger.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { HostInProcess } from './host-in-process.ts';
import type { MemoryCables } from './memory-cables.ts';

/** Longer than VisitLoop's grace for devices after a start. */
export const startGraceMs = 15_100;

/** The OS has no keyring: keys lie in a file, as `loadSecrets` does then. */
export const noKeyring = {
  isEncryptionAvailable: () => false,
  encryptString: (): Buffer => {
    throw new Error('no keyring');
  },
  decryptString: (): string => {
    throw new Error('no keyring');
  },
};

/** The disk under the database, with a switch. */
export class Disk {
  /** While true, whatever is written is undone when it is to be committed, as on a disk without space. */
  full = false;
  /** Commits that have failed. */
  refusedCount = 0;

  /** The same database on this disk. Only `transaction` knows of it: reading goes on. */
  wrap(database: Database): Database {
    const transaction = <T>(fn: () => Result<T, { code: string }>): Result<T, { code: string }> =>
      database.transaction((): Result<T, { code: string }> => {
        const done = fn();
        if (!this.full || !done.ok) return done;
        this.refusedCount++;
        return fail('storage.io', 'SQLITE_FULL: database or disk is full');
      });
    return new Proxy(database, {
      get: (target, key) => {
        if (key === 'transaction') return transaction;
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }
}

export interface KioskProcessOptions {
  /** Its data folder. */
  readonly dir: string;
  readonly settings: SettingsStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: VisitLimits;
  readonly disk: Disk;
  /** The time in which a device that has not answered yet is no news has passed already. */
  readonly graceOver: boolean;
  readonly onSnapshot: (snapshot: KioskSnapshot) => void;
  /** All chance of this run. */
  readonly random: Random;
  /** The way to the operator, on the clock of this run. */
  readonly httpTransport: (clock: Clock) => HttpTransport;
  /** The ways to the devices. */
  readonly cables: MemoryCables;
  /** Makes the device host; absent = one in this process, on `cables`. */
  readonly makeHost?: (() => HostProcess) | undefined;
  /** How the openings of each door went before the first start. */
  readonly openings?: readonly OpeningsRecord[] | undefined;
  /** Absent: the estimator of the product. */
  readonly makeEstimator?: KioskPorts['makeEstimator'] | undefined;
}

/** One run of the kiosk program, from start to a kill or an orderly end. */
export class KioskProcess {
  readonly kiosk: Kiosk;
  readonly #clock: KillableClock;
  readonly #database: Database;
  readonly #limits: VisitLimits;
  #hosts: HostInProcess[] = [];
  #dead = false;

  constructor(options: KioskProcessOptions) {
    const { dir, settings, logger, limits, disk, makeEstimator } = options;
    this.#clock = new KillableClock(options.clock);
    const clock = this.#clock;
    this.#limits = limits;
    let database: Database | null = null;
    const kiosk = compose({
      dataDir: dir,
      settings,
      safeStorage: noKeyring,
      openDatabase: (opening): Result<Database, StorageFailure> => {
        const opened = openDatabase(opening);
        if (!opened.ok) return opened;
        database = opened.value;
        recordOpenings(opened.value, options);
        return ok(disk.wrap(database));
      },
      // Its failing disks are made by hand, and so are its restarts.
      reopen: () => undefined,
      pinTagger: immediatePinTagger,
      spawnHost: options.makeHost ?? (() => this.#spawnHost(options)),
      clock,
      random: options.random,
      logger,
      httpTransport: options.httpTransport(clock),
      limits,
      ...(makeEstimator && { makeEstimator }),
    });
    if (!kiosk.ok) throw new Error(`${kiosk.error.reason}: ${kiosk.error.message}`);
    this.#database = database as unknown as Database;
    this.kiosk = kiosk.value;
    this.kiosk.snapshots.onSnapshot((snapshot) => {
      if (!this.#dead) options.onSnapshot(snapshot);
    });
    if (options.graceOver) clock.skip(startGraceMs);
    this.kiosk.start();
  }

  /** The running device host. */
  get host(): HostInProcess {
    const host = this.#hosts.at(-1);
    if (host === undefined) throw new Error('no device host has been started');
    return host;
  }

  /** Rows of the charge table, oldest first; for the auditor. */
  chargeIds(): string[] {
    const rows = this.#rows('SELECT charge_id FROM charge ORDER BY opened_ms, charge_id');
    return rows.map((row) => String(row['charge_id']));
  }
  /** The journal of visits and the log of charges, a line each. */
  journal(): string[] {
    return [
      ...this.#rows('SELECT * FROM visit_event ORDER BY seq'),
      // Without the seals: the key is another one in each run.
      ...this.#rows(
        'SELECT seq, charge_id, at_ms, type, data_json, prev_hash, hash FROM charge_event ORDER BY seq',
      ),
    ].map((row) => JSON.stringify(row));
  }
  /** What was done in service mode, a line each. */
  serviceLog(): string {
    return this.#rows('SELECT seq, actor, act, data_json FROM service_act ORDER BY seq')
      .map((row) => JSON.stringify(row))
      .join('\n');
  }
  #rows(sql: string): Readonly<Record<string, unknown>>[] {
    return unwrap(this.#database.read(() => this.#database.prepare(sql).all()));
  }

  /** Journals of visits that do not lead to the state on record, in words. */
  journalFaults(): readonly string[] {
    const verified = verifyJournals(this.#database, this.#clock, this.#limits);
    return verified.ok ? verified.value.wrong : [verified.error.message];
  }

  /**
   * SIGKILL, in one turn of the event loop: timers, sockets and device host vanish, the file handle goes. What is still
   * on its way in here finds a closed database.
   */
  kill(): void {
    this.#dead = true;
    for (const host of this.#hosts) host.kill();
    this.#clock.kill();
    this.#database.close();
    void this.kiosk.stop();
  }

  /** The orderly end. */
  async stop(): Promise<void> {
    await this.kiosk.stop();
    this.#dead = true;
    this.#clock.kill();
  }

  #spawnHost({ clock, cables }: KioskProcessOptions): HostInProcess {
    const host = new HostInProcess(clock, (spec, hostClock) => cables.transport(spec, hostClock));
    this.#hosts.push(host);
    return host;
  }
}

/** On a database that knows nothing of openings yet. */
function recordOpenings(database: Database, { openings = [], logger }: KioskProcessOptions): void {
  const meta = new MetaStore(database);
  const kept = new UnseenOpenings(meta, logger);
  if (unwrap(meta.get('unseen_openings')) !== null) return;
  for (const [index, record] of openings.entries()) kept.keep({ ...record, ofDoor: index + 1 });
}
