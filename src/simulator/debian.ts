import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Why no package can be had here; no fault of the program. */
export class NoPackages extends Error {}

const commandMaxMs = 600_000;
const outputMaxBytes = 64 * 1024 * 1024;

/**
 * Debian's packages without installing any: apt (which checks their sums) with lists and state of its own in a folder, so
 * that nothing of the machine's is touched and no root is needed.
 */
export class Debian {
  readonly #folder: string;
  readonly #own: readonly string[];

  private constructor(folder: string) {
    const state = join(folder, 'apt');
    mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
    this.#folder = folder;
    this.#own = [
      ...['-o', `Dir::State::lists=${state}/lists`, '-o', `Dir::Cache=${state}/cache`],
      ...['-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=', '-qq'],
    ];
  }

  /** Fetches the lists; packages are downloaded into `folder`. Throws `NoPackages`. */
  static open(folder: string): Debian {
    for (const tool of ['apt-get', 'apt-cache', 'dpkg']) {
      if (spawnSync(tool, ['--version']).error !== undefined)
        throw new NoPackages(`there is no ${tool} here`);
    }
    const debian = new Debian(folder);
    debian.ask('apt-get', ['update'], 'the package lists cannot be fetched');
    return debian;
  }

  /** What the tool prints. Throws `NoPackages` with `why` when it fails. */
  ask(tool: 'apt-get' | 'apt-cache', args: readonly string[], why: string): string {
    return this.#run(tool, [...this.#own, ...args], why);
  }

  download(names: Iterable<string>): void {
    this.ask('apt-get', ['download', ...names], 'the packages cannot be fetched');
  }

  /** A downloaded package's files, into the folder `to`. */
  unpack(deb: string, to: string): void {
    this.#run('dpkg', ['-x', deb, to], `${deb} cannot be unpacked`);
  }

  #run(tool: string, args: readonly string[], why: string): string {
    const done = spawnSync(tool, args, {
      ...{ cwd: this.#folder, encoding: 'utf8', timeout: commandMaxMs, maxBuffer: outputMaxBytes },
    });
    if (done.status === 0) return done.stdout;
    const said = done.error?.message ?? done.stderr.trim().split('\n').slice(-3).join(' ');
    throw new NoPackages(`${why} (${said})`);
  }
}
