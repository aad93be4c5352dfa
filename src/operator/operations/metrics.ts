import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Backlog } from './backlog.ts';

/** Which of our servers a request came to. */
export type ServerName = 'cabinets' | 'notices' | 'operations' | 'console';

/** Upper ends of the classes of durations, s: from a read in memory to what runs into its bound. */
const durationBucketsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Methods that have a row of their own; a stranger can send any word. */
const knownMethods: readonly string[] = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE'];

/** A call to a provider that has ended. */
export interface ProviderCall {
  readonly provider: string;
  readonly call: string;
  readonly outcome: string;
  readonly tookMs: number;
}

/** A scheduled job that has ended (jobs/). `atMs`: wall time. */
export interface JobRun {
  readonly job: string;
  readonly outcome: 'done' | 'failed';
  readonly tookMs: number;
  readonly atMs: number;
}

/**
 * What this process counts of itself, and what the database said last of what waits, for Prometheus. Every label is one of a
 * closed list of ours (routes, states, kinds, names of providers): never a member, a charge or a cabinet. What is counted
 * begins at 0 with the process; what waits is the same from each instance on one database, so take one of them.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly #accepted = new Counter({
    name: 'kaimen_charges_accepted_total',
    help: 'Charges taken for the first time, by the state they got then',
    labelNames: ['state'],
    registers: this.#registers,
  });
  readonly #calls = new Histogram({
    name: 'kaimen_provider_call_seconds',
    help: 'Calls to payment providers by what came of them, and how long they took',
    labelNames: ['provider', 'call', 'outcome'],
    buckets: durationBucketsS,
    registers: this.#registers,
  });
  readonly #requests = new Histogram({
    name: 'kaimen_http_request_seconds',
    help: 'Requests by server, route and status, and how long they took',
    labelNames: ['server', 'method', 'route', 'status'],
    buckets: durationBucketsS,
    registers: this.#registers,
  });
  readonly #jobs = new Histogram({
    name: 'kaimen_job_seconds',
    help: 'Scheduled jobs that this instance has run, and how long they took',
    labelNames: ['job', 'outcome'],
    buckets: durationBucketsS,
    registers: this.#registers,
  });
  readonly #jobDone = this.#gauge('kaimen_job_done_timestamp_seconds', 'When it was last done here', ['job']);
  readonly #waiting = this.#gauge('kaimen_charges_waiting', 'Charges by what they wait for', ['what']);
  readonly #oldest = this.#gauge(
    'kaimen_charges_waiting_oldest_seconds',
    'How long ago the oldest of them arrived',
    ['what'],
  );
  readonly #incidents = this.#gauge('kaimen_incidents_open', 'What people have to look at', ['kind']);
  readonly #differences = this.#gauge(
    'kaimen_reconciliation_differences_open',
    'Where bills and charges differ, and nobody has said why yet',
    ['kind'],
  );
  readonly #offlineRisk = this.#gauge(
    'kaimen_offline_risk_minor',
    'What may come to be owed while all cabinets are offline: by all members, by one who goes to each; minor units',
    ['of'],
  );
  readonly #offlineRiskMax = this.#gauge(
    'kaimen_offline_risk_max_minor',
    'Beyond this people are told (incident offline_risk_high)',
    ['of'],
  );
  readonly #databaseUp = this.#gauge('kaimen_database_up', '1: the database has answered this scrape', []);

  /** `withProcess`: of the process as well (memory, event loop), which only one per process can tell. */
  constructor({ withProcess = false }: { readonly withProcess?: boolean } = {}) {
    if (withProcess) collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  chargeAccepted(state: string): void {
    this.#accepted.inc({ state });
  }

  providerCalled({ provider, call, outcome, tookMs }: ProviderCall): void {
    this.#calls.observe({ provider, call, outcome }, tookMs / 1_000);
  }

  jobEnded({ job, outcome, tookMs, atMs }: JobRun): void {
    this.#jobs.observe({ job, outcome }, tookMs / 1_000);
    if (outcome === 'done') this.#jobDone.set({ job }, atMs / 1_000);
  }

  /** Counts every request of this server, also those that come to nothing. */
  install(app: FastifyInstance, server: ServerName): void {
    app.addHook('onResponse', (request, reply, done) => {
      const labels = { server, method: methodOf(request), route: routeOf(request) };
      this.#requests.observe({ ...labels, status: reply.statusCode }, reply.elapsedTime / 1_000);
      done();
    });
  }

  /** The text for Prometheus. `backlog`: null where the database did not say. */
  text(backlog: Backlog | null): Promise<string> {
    this.#databaseUp.set(backlog === null ? 0 : 1);
    const ofBacklog = [this.#waiting, this.#oldest, this.#incidents, this.#differences];
    for (const gauge of [...ofBacklog, this.#offlineRisk, this.#offlineRiskMax]) gauge.reset();
    for (const { what, count, oldestS } of backlog?.waiting ?? []) {
      this.#waiting.set({ what }, count);
      this.#oldest.set({ what }, oldestS);
    }
    for (const { kind, count } of backlog?.incidents ?? []) this.#incidents.set({ kind }, count);
    for (const { kind, count } of backlog?.differences ?? []) this.#differences.set({ kind }, count);
    for (const { of, minor, maxMinor } of backlog?.offlineRisks ?? []) {
      this.#offlineRisk.set({ of }, minor);
      this.#offlineRiskMax.set({ of }, maxMinor);
    }
    return this.#registry.metrics();
  }

  #gauge<T extends string>(name: string, help: string, labelNames: readonly T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: this.#registers });
  }
}

function methodOf({ method }: FastifyRequest): string {
  return knownMethods.includes(method) ? method : 'other';
}

/** The route as it is written, with `:name` for what varies; what no route fits is one. */
function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? 'none';
}
