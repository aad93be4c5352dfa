import type { SimulatorState } from '../api.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';

/** What the page asks of its simulator. A refusal comes back as a sentence, never as an exception. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

const requestTimeoutMs = 8000;

export async function send(path: string, body: object): Promise<Outcome> {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export async function loadCatalog(): Promise<Catalog | null> {
  const reply = await ask('/catalog', {});
  return reply.ok ? (reply.value as Catalog) : null;
}

export async function loadState(): Promise<SimulatorState | null> {
  const reply = await ask('/state', {});
  return reply.ok ? (reply.value as SimulatorState) : null;
}

/** The fields of the operator's development list that the page shows. */
export interface ChargeRow {
  readonly chargeId: string;
  readonly memberId: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly state: string;
  readonly reason?: string | null;
  readonly debitCount?: number;
}

/** Null: the operator does not answer. */
export async function loadCharges(): Promise<ChargeRow[] | null> {
  const reply = await ask('/charges', {});
  return reply.ok && Array.isArray(reply.value) ? (reply.value as ChargeRow[]) : null;
}

/** What a member's phone shows. */
export interface Notice {
  readonly memberId: string;
  readonly kind: string;
  readonly ref: string;
  readonly cabinetId: string;
  readonly amountMinor: number | null;
  /** Null: without an amount. */
  readonly currency: string | null;
}

/** Newest first; null: the operator does not answer. */
export async function loadNotices(): Promise<Notice[] | null> {
  const reply = await ask('/notices', {});
  return reply.ok && Array.isArray(reply.value) ? (reply.value as Notice[]) : null;
}

/** Calls `onState` at once and after each change; reconnects by itself. */
export function watch(onState: (state: SimulatorState) => void, onLink: (up: boolean) => void): void {
  const source = new EventSource('/events');
  source.onopen = () => onLink(true);
  source.onerror = () => onLink(false);
  source.onmessage = (event: MessageEvent<string>) => {
    onState(JSON.parse(event.data) as SimulatorState);
  };
}

async function ask(path: string, init: RequestInit): Promise<Outcome> {
  try {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
    const value = (await response.json()) as unknown;
    if (response.ok) return { ok: true, value };
    const { message } = value as { message?: string };
    return { ok: false, why: message ?? `status ${response.status}` };
  } catch (error) {
    return { ok: false, why: `the simulator does not answer (${String(error)})` };
  }
}
