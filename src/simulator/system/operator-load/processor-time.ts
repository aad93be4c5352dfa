import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second for whoever reads it (USER_HZ). */
const tickMs = 10;

/** What Linux says of a process (proc(5), /proc/pid/stat); null: there is none of this number, or it has just ended. */
interface ProcessFacts {
  readonly parent: number;
  readonly ownMs: number;
  /** Of its children that have ended. */
  readonly endedMs: number;
}

function factsOf(pid: number | 'self'): ProcessFacts | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // Behind the name, which may hold anything: state, parent, … user, system, ended children's user, system.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (at: number): number => Number(fields[at]);
  return {
    parent: number(1),
    ownMs: (number(11) + number(12)) * tickMs,
    endedMs: (number(13) + number(14)) * tickMs,
  };
}

/** The process that has started this one; null: no such process. */
export function parentOf(pid: number): number | null {
  return factsOf(pid)?.parent ?? null;
}

/** Processor time that a process and its threads have used, ms. */
export function processorMsOf(pid: number): number {
  return factsOf(pid)?.ownMs ?? Number.NaN;
}

/** Of children of ours that have ended. */
export function processorMsOfEnded(): number {
  return factsOf('self')?.endedMs ?? Number.NaN;
}

/** Of a server and all the processes that it has begun, those that have ended too. */
export function processorMsOfAll(server: number): number {
  const all = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (factsOf(Number(name)) ?? []) : [],
  );
  const itself = factsOf(server);
  if (itself === null) return Number.NaN;
  const children = all.filter(({ parent }) => parent === server);
  return [itself, ...children].reduce((sum, { ownMs, endedMs }) => sum + ownMs + endedMs, 0);
}
