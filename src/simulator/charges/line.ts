import type {
  HttpFailure,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../main/operator/http-transport.ts';
import type { Clock } from '../../shared/clock.ts';
import type { SeededRandom } from '../../shared/random.ts';
import { type Result, fail } from '../../shared/result.ts';
import type { Fault } from '../../testkit/main/charges/faulty-network.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import type { Operators } from './operators.ts';

/** How the line is for a while: well; gone; it swallows; a portal answers; it loses and repeats. */
export const lineModes = ['up', 'cut', 'blackhole', 'portal', 'flaky'] as const;
export type LineMode = (typeof lineModes)[number];

/** What may happen to one request; none of them is a wrong answer about a charge. */
const faults: readonly Fault[] = [
  ...(['refused', 'cut before', 'cut after', 'hang before', 'hang after', 'late', 'error before'] as const),
  ...(['error after', 'busy', 'garbage before', 'garbage after', 'portal', 'asked to log in'] as const),
  ...(['sent elsewhere', 'proxy says an hour'] as const),
];
/** How likely a fault is for one request, on a good line and on a flaky one. */
const faultChance = { up: 0.02, flaky: 0.3 } as const;
/** How likely a request is delivered twice, the second time so much later, ms. */
const doubledChance = 0.02;
const doubledAfterMaxMs = 20_000;
/** How likely the instance that has served a request dies before its answer leaves. */
const diesAfterChance = 0.002;

/** The line of one cabinet to the operator. */
export class Line {
  #mode: LineMode = 'up';
  #outageCount = 0;
  /** A request has been sent that was not answered yet: the moment for a cabinet to die. */
  onServed: () => void = () => undefined;
  readonly counts = { requests: 0, faults: 0, doubled: 0 };
  /** Breaches of the rules of delivery: of the runs of the program that have ended, and what the present one goes by. */
  readonly #ofEnded: string[] = [];
  #network: FaultyNetwork | null = null;
  readonly #clock: Clock;
  readonly #operators: Operators;
  readonly #random: SeededRandom;

  constructor(clock: Clock, operators: Operators, random: SeededRandom) {
    this.#clock = clock;
    this.#operators = operators;
    this.#random = random;
  }

  get mode(): LineMode {
    return this.#mode;
  }
  set mode(mode: LineMode) {
    this.#mode = mode;
    if (isDead(mode)) this.#outageCount++;
  }
  /** Which time without any network this is; null: something gets through. */
  get outage(): number | null {
    return isDead(this.#mode) ? this.#outageCount : null;
  }

  get breaches(): readonly string[] {
    return [...this.#ofEnded, ...(this.#network?.breaches ?? [])];
  }

  /** The way for one run of the program, on its clock, which ends with it. */
  transport(clock: Clock): HttpTransport {
    const network = new FaultyNetwork(clock, { serve: (request) => this.#serve(request) });
    network.faultOf = () => this.#fault();
    this.#ofEnded.push(...(this.#network?.breaches ?? []));
    this.#network = network;
    return {
      send: (request) => (this.mode === 'cut' ? this.#refuse(clock) : network.send(request)),
      reset: () => undefined,
    };
  }

  #refuse(clock: Clock): Promise<Result<HttpResponse, HttpFailure>> {
    this.counts.requests++;
    const code = this.#random.chance(0.5) ? 'not_sent' : 'lost';
    return new Promise((resolve) => {
      clock.after(2, () => resolve(fail(code, 'ECONNRESET')));
    });
  }

  #fault(): Fault | null {
    this.counts.requests++;
    const fault = this.#drawn();
    if (fault !== null) this.counts.faults++;
    return fault;
  }
  #drawn(): Fault | null {
    if (this.mode === 'blackhole') return this.#random.chance(0.5) ? 'hang before' : 'hang after';
    if (this.mode === 'portal') return 'portal';
    const chance = this.mode === 'flaky' ? faultChance.flaky : faultChance.up;
    if (!this.#random.chance(chance)) return null;
    return faults[this.#random.between(0, faults.length - 1)] ?? null;
  }

  async #serve(request: HttpRequest): Promise<HttpResponse> {
    const random = this.#random;
    if (random.chance(doubledChance)) {
      this.counts.doubled++;
      const againMs = random.between(1, doubledAfterMaxMs);
      this.#clock.after(againMs, () => void this.#operators.serve(request, random.unit())?.answer);
    }
    const dies = random.chance(diesAfterChance);
    const served = this.#operators.serve(request, random.unit());
    // None runs: the balancer says so.
    if (served === null) return { status: 502, headers: {}, body: Buffer.from('<html>bad gateway</html>') };
    const answer = await served.answer;
    this.onServed();
    if (!dies) return answer;
    served.kill();
    return new Promise(() => undefined);
  }
}

const isDead = (mode: LineMode): boolean => mode === 'cut' || mode === 'blackhole' || mode === 'portal';
