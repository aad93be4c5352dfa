import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly errors: string;
}

/** A program that a test has started. */
export interface StartedProgram {
  readonly child: ChildProcess;
  /** Without its end of line; rejects when the program ends before it has said one. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ended>;
}

/** The programs of one test file. */
export class StartedPrograms {
  readonly #running: StartedProgram[] = [];

  /** Nothing is in its environment but what is given. */
  start(
    [command = '', ...args]: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    cwd?: string,
  ): StartedProgram {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code, signal) => {
        resolve({ code, signal, out, errors });
      });
    });
    const firstLine = new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
      });
      void ended.then((end) => {
        reject(new Error(`ended before it said a line: ${end.errors}`));
      });
    });
    firstLine.catch(() => {});
    const program = { child, firstLine, ended };
    this.#running.push(program);
    return program;
  }

  /** Kills those that still run, and waits until they are gone. */
  async end(): Promise<void> {
    for (const { child, ended } of this.#running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
  }
}
