import type { HostProcess } from '../../main/devices/device-host.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceKind } from '../../shared/model/device.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import { hostRequestSchema } from '../../shared/model/host-messages.ts';

/** So long a latch that was let go waits for a pull, ms. */
const latchHoldMs = 14_000;
/** What a board or a reader takes to answer, ms. */
const answerMs = 30;

/**
 * The body of a cabinet: bolt, door, goods. It stays when the program dies. Devices never fail here: what they may do is tried
 * elsewhere (simulator/system).
 */
export class Body {
  readonly #clock: Clock;
  readonly #stock: readonly string[];
  #inside: Set<string>;
  #isOpen = false;
  #isReleased = false;
  #host: HandsHost | null = null;
  /** The reader reports nothing. */
  isDeaf = false;
  /** The bolt is let go. */
  onUnlock: () => void = () => undefined;

  /** `stock`: numbers of the tags of all pieces that it holds when it is full. */
  constructor(clock: Clock, stock: readonly string[]) {
    this.#clock = clock;
    this.#stock = stock;
    this.#inside = new Set(stock);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }
  get isReleased(): boolean {
    return this.#isReleased;
  }
  get inside(): readonly string[] {
    return [...this.#inside];
  }

  /** A device host of a run of the program. */
  plug(host: HandsHost): void {
    this.#host = host;
  }

  unlock(): void {
    this.#isReleased = true;
    this.#clock.after(latchHoldMs, () => {
      this.#isReleased = false;
    });
    this.onUnlock();
  }
  /** False: the bolt holds it. */
  pull(): boolean {
    if (!this.#isReleased) return false;
    [this.#isOpen, this.#isReleased] = [true, false];
    this.#host?.tellDoor();
    return true;
  }
  shut(): void {
    this.#isOpen = false;
    this.#host?.tellDoor();
  }
  take(epc: string): void {
    this.#inside.delete(epc);
    this.#host?.tellGoods();
  }
  putBack(epc: string): void {
    this.#inside.add(epc);
    this.#host?.tellGoods();
  }
  /** Somebody of the staff has filled it up. */
  refill(): void {
    this.#inside = new Set(this.#stock);
    this.#host?.tellGoods();
  }
  /** The reader is heard again. */
  mendReader(): void {
    this.isDeaf = false;
    this.#host?.tellGoods();
  }
  scan(text: string): void {
    this.#host?.tell({ type: 'code', text, symbology: ']Q1', atMs: this.#clock.monotonicMs() });
  }
}

/** The device host's side of the channel to the program: the real messages, without drivers and wires behind them. */
export class HandsHost implements HostProcess {
  readonly #clock: Clock;
  readonly #body: Body;
  #toMain: (message: unknown) => void = () => undefined;
  readonly #onExit: ((code: number) => void)[] = [];
  #isEnded = false;

  /** `clock`: of the run of the program: with it this ends. */
  constructor(clock: Clock, body: Body) {
    this.#clock = clock;
    this.#body = body;
    body.plug(this);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#toMain = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#onExit.push(listener);
  }
  kill(): void {
    this.#end(137);
  }

  postMessage(message: unknown): void {
    const request = hostRequestSchema.parse(message);
    switch (request.type) {
      case 'configure':
        this.tell({
          type: 'health',
          devices: [healthOf('lock'), healthOf('tag-reader'), healthOf('code-scanner')],
        });
        this.tellDoor();
        break;
      case 'unlock':
        this.#clock.after(answerMs, () => {
          if (this.#isEnded) return;
          this.#body.unlock();
          this.#answerDoor(request.id);
        });
        break;
      case 'readDoor':
        this.#answerDoor(request.id);
        break;
      case 'ping':
        // Any word says that it lives; nobody waits for this one.
        this.tell({ type: 'adminReply', id: request.id, result: { ok: true, value: null } });
        break;
      case 'stop':
        this.#end(0);
        break;
      case 'setPollMode':
      case 'admin':
      case 'keys':
      case 'light':
        break;
    }
  }

  tellDoor(): void {
    this.tell({ type: 'door', door: this.#door, atMs: this.#clock.monotonicMs(), unreadMs: 0 });
    this.#clock.after(answerMs, () => this.tellGoods());
  }
  tellGoods(): void {
    if (this.#body.isDeaf) return;
    const atMs = this.#clock.monotonicMs();
    const reads = this.#body.inside.map((epc) => ({ epc, rssiDbm: null, atMs }));
    this.tell({ type: 'tags', reads, atMs });
  }
  tell(message: HostMessage): void {
    this.#clock.after(1, () => {
      if (!this.#isEnded) this.#toMain(message);
    });
  }

  get #door(): 'open' | 'closed' {
    return this.#body.isOpen ? 'open' : 'closed';
  }
  #answerDoor(id: number): void {
    this.tell({ type: 'reply', id, result: { ok: true, value: { door: this.#door } } });
  }
  #end(code: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#clock.after(0, () => {
      for (const listener of this.#onExit) listener(code);
    });
  }
}

function healthOf(kind: DeviceKind) {
  const well = { state: 'ready' as const, lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' };
  return { id: kind, kind, ...well };
}
