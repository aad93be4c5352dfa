import type { Fetcher } from 'tuf-js';
// Not among what the package exports, and what its updater asks for: 403 and 404 of this class mean "there is no newer root".
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import type { Clock } from '../../shared/clock.ts';
import { assertCountsOnce, assertVersion } from './key-rules.ts';
import { type Patience, ask } from './patient-request.ts';
import { UpdateError } from './update-error.ts';

/** Metadata is small: even a line of a few hundred bytes a second brings it. */
export const metadataPatience: Patience = { silenceMs: 30_000, windowMs: 60_000, leastBytes: 1_024 };

/**
 * Metadata for tuf-js, whose own fetcher bounds a transfer by its total time, so that an honest slow line never gets
 * anything large, and follows where it is led. Files are not fetched through it (`target-download.ts`).
 */
export class MetadataFetcher implements Fetcher {
  readonly #clock: Clock;
  readonly #stop: AbortSignal | undefined;
  #failure: UpdateError | null = null;
  constructor(clock: Clock, stop: AbortSignal | undefined) {
    this.#clock = clock;
    this.#stop = stop;
  }

  /** Why nothing came: tuf-js makes a text of it for some roles, and a broken line would be taken for a forgery. */
  get failure(): UpdateError | null {
    return this.#failure;
  }

  /** At most `maxLength` bytes; stops to read at the first one more. Throws an UpdateError or a DownloadHTTPError. */
  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    try {
      return await this.#bytes(url, maxLength);
    } catch (error) {
      if (error instanceof UpdateError) this.#failure = error;
      throw error;
    }
  }
  async #bytes(url: string, maxLength: number): Promise<Buffer> {
    const own = { patience: metadataPatience, clock: this.#clock, stop: this.#stop };
    const from = { url: new URL(url), from: 0, ...own };
    const body = await ask(from, (status) => new DownloadHTTPError(`${url} was refused`, status));
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of body.chunks) {
        length += chunk.length;
        if (length > maxLength) throw new UpdateError('too_long', `${url} is longer than ${maxLength} bytes`);
        chunks.push(chunk);
      }
      const bytes = Buffer.concat(chunks);
      assertCountsOnce(bytes);
      assertVersion(bytes);
      return bytes;
    } finally {
      body.close();
    }
  }
  downloadFile(): Promise<never> {
    return Promise.reject(new Error('files are fetched by target-download.ts'));
  }
}
