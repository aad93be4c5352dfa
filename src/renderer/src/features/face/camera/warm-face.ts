import type { Clock } from '../../../../../shared/clock.ts';
import type { EmbedderName } from '../../../../../shared/model/face.ts';
import { type Result, ok } from '../../../../../shared/result.ts';
import { FaceClient, type WorkerLink } from '../recognition/face-client.ts';
import type { FaceFailure } from '../recognition/models.ts';

/** The embedder of the product; the notice warms it up before an order says which one it is. */
const usualEmbedder: EmbedderName = 'fr-feature-512';

interface RunningWorker {
  readonly embedder: EmbedderName;
  readonly client: FaceClient;
  readonly started: ReturnType<FaceClient['start']>;
}

/** Keeps one face worker, for as long as the face view lives: started with it, ready when the camera is. */
export class WarmFaceWorker {
  readonly #open: () => WorkerLink;
  readonly #clock: Clock;
  #warm: RunningWorker | null = null;
  #embedder = usualEmbedder;
  /** Hears of each step of a worker that starts. */
  onStep: () => void = () => undefined;

  constructor(open: () => WorkerLink, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** A face will be looked for soon. */
  warmUp(): void {
    void this.ready(this.#embedder);
  }

  /** The client when its worker is ready; one that did not start is forgotten, so that the next call tries again. */
  async ready(embedder: EmbedderName): Promise<Result<FaceClient, FaceFailure>> {
    this.#embedder = embedder;
    const warm = this.#warm?.embedder === embedder ? this.#warm : this.#start(embedder);
    const started = await warm.started;
    if (started.ok) return ok(warm.client);
    this.forget(warm.client);
    return started;
  }

  /** This client has failed for good. */
  forget(client: FaceClient): void {
    if (this.#warm?.client === client) this.#warm = null;
  }

  #start(embedder: EmbedderName): RunningWorker {
    this.#close();
    const client = new FaceClient(this.#open(), this.#clock, () => this.onStep());
    this.#warm = { embedder, client, started: client.start(embedder) };
    return this.#warm;
  }

  #close(): void {
    this.#warm?.client.close();
    this.#warm = null;
  }
}
