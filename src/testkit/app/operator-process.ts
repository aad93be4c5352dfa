import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { operatorProgram } from '../operator/operator-program.ts';
import { makeDataFolder } from '../operator/templates.ts';

/** As `npm run build` makes them; the program itself may lie somewhere else. */
const pages = fileURLToPath(new URL('../../../out', import.meta.url));
/** Only bounds hanging: opening its database takes long on a busy machine. */
const hangMs = 600_000;
const sayEveryMs = 30_000;
const stopMaxMs = 30_000;

const readySchema = z.object({
  ready: z.literal(true),
  api: z.string(),
  dev: z.string(),
  phone: z.string(),
  console: z.string(),
  consoleSetUp: z.string().optional(),
});

/** The operator service as a process of its own. */
export interface OperatorProcess {
  /** Base URLs of its API and of its development API. */
  readonly api: string;
  readonly dev: string;
  /** The shopper's page. */
  readonly phone: string;
  /** Of the support console; `consoleSetUp`: the link for the first administrator, while there is none. */
  readonly console: string;
  readonly consoleSetUp: string | undefined;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Waits until it is ready, however long that takes. `dataDir`: where its database is kept; absent: in memory. `membersLetIn`:
 * the sample members count as let in lately. `settings`: of its environment.
 */
export async function startOperatorProcess(
  dataDir: string | undefined,
  membersLetIn = false,
  settings: Readonly<Record<string, string>> = {},
): Promise<OperatorProcess> {
  if (dataDir !== undefined && !existsSync(dataDir)) await makeDataFolder(dataDir);
  const [command = '', ...program] = operatorProgram();
  // It ends with us, also when we are killed: its standard input is a pipe that only we hold.
  const child = spawn(
    command,
    [...program, '--dev', '--until-stdin-ends', ...(membersLetIn ? ['--members-let-in'] : [])],
    {
      env: { ...process.env, ...settings, DATA_DIR: dataDir, PAGES_DIR: pages },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ready = readySchema.parse(JSON.parse(await firstLine(child)));
  const { api, dev, phone, console: consoleUrl, consoleSetUp } = ready;
  const at = { api, dev, phone, console: consoleUrl, consoleSetUp };
  return { ...at, pid: child.pid ?? Number.NaN, stop: () => stop(child) };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const saying = setInterval(() => console.warn('still waiting for the operator service …'), sayEveryMs);
    const hanging = setTimeout(() => {
      child.kill('SIGKILL');
      end(() => reject(new Error(`the operator was not ready within ${hangMs} ms`)));
    }, hangMs);
    const end = (settle: () => void): void => {
      clearInterval(saying);
      clearTimeout(hanging);
      settle();
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const lineEnd = text.indexOf('\n');
      if (lineEnd >= 0) end(() => resolve(text.slice(0, lineEnd)));
    });
    child.once('exit', (code) => {
      end(() => reject(new Error(`the operator ended with ${String(code)} before it was ready`)));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMaxMs);
  await exited;
  clearTimeout(hard);
}
