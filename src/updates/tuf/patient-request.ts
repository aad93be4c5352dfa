import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { UpdateError } from './update-error.ts';

/** What is slow and what is dead: a transfer as a whole may take hours, and a server that trickles has an end all the same. */
export interface Patience {
  /** Given up when nothing came for so long, ms. */
  readonly silenceMs: number;
  /** Given up when less than `leastBytes` came in `windowMs`. */
  readonly windowMs: number;
  readonly leastBytes: number;
}

/** An answer: 200, or 206 with the first byte that it begins with. */
export interface Body {
  readonly startsAt: number;
  /** Ends after the last byte; throws an UpdateError. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Lets go of the connection; to be called at any end. */
  readonly close: () => void;
}

export interface Ask {
  readonly url: URL;
  /** Bytes that are here already; more than 0 asks for the rest only. */
  readonly from: number;
  readonly patience: Patience;
  readonly clock: Clock;
  /** Aborted: the transfer is over at once. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Asks for a file, or for the rest of it. Follows no redirection: what is signed is where it was said to be.
 * Throws an UpdateError; `refused` makes the one for a status that is neither 2xx nor told apart here.
 */
export async function ask(
  { url, from, patience, clock, stop }: Ask,
  refused: (status: number) => Error,
): Promise<Body> {
  const guard = new Guard(patience, clock, stop);
  const options: RequestOptions = {
    // A range is one of bytes as they are signed.
    headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
    agent: false,
    timeout: 0,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(url, options, resolve);
    outgoing.on('error', (cause) => {
      reject(new UpdateError('unreachable', `${url.host} cannot be reached`, { cause }));
    });
    guard.watch((error) => {
      reject(error);
      outgoing.destroy();
    });
    outgoing.end();
  }).catch((error: unknown) => {
    guard.stop();
    throw error;
  });
  const close = (): void => {
    guard.stop();
    response.destroy();
  };
  const { statusCode: status = 0 } = response;
  if (status === 200 || status === 206) {
    const startsAt = status === 206 ? firstByteOf(response.headers['content-range']) : 0;
    return { startsAt, chunks: guard.through(response), close };
  }
  close();
  if (status >= 300 && status < 400)
    throw new UpdateError('elsewhere', `${url.host} leads to another place (${status})`);
  if (status === 429 || status >= 500) throw new UpdateError('busy', `${url.host} answers ${status}`);
  throw refused(status);
}

/** RFC 9110, 14.4: `bytes 10-99/100`; −1 where it says nothing that can be used. */
function firstByteOf(contentRange: string | undefined): number {
  const [, first] = /^bytes (\d{1,15})-/.exec(contentRange ?? '') ?? [];
  return first === undefined ? -1 : Number(first);
}

/** Ends a transfer that is silent, that trickles, or that is not wanted any more. */
class Guard {
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #stop: AbortSignal | undefined;
  readonly #onStop = (): void => {
    this.#giveUp(new UpdateError('busy', 'stopped'));
  };
  #giveUp: (error: UpdateError) => void = () => undefined;
  #stopSilence = (): void => undefined;
  #stopWindow = (): void => undefined;
  #windowBytes = 0;

  constructor(patience: Patience, clock: Clock, stop: AbortSignal | undefined) {
    this.#patience = patience;
    this.#clock = clock;
    this.#stop = stop;
  }
  watch(giveUp: (error: UpdateError) => void): void {
    this.#giveUp = giveUp;
    this.#hear(0);
    this.#openWindow();
    this.#stop?.addEventListener('abort', this.#onStop);
    if (this.#stop?.aborted === true) this.#onStop();
  }
  stop(): void {
    this.#stop?.removeEventListener('abort', this.#onStop);
    this.#stopSilence();
    this.#stopWindow();
  }
  async *through(response: IncomingMessage): AsyncGenerator<Buffer> {
    this.#giveUp = (error) => {
      response.destroy(error);
    };
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        this.#hear(chunk.length);
        yield chunk;
      }
    } catch (cause) {
      throw cause instanceof UpdateError
        ? cause
        : new UpdateError('unreachable', 'the transfer broke off', { cause });
    } finally {
      this.stop();
    }
    if (!response.complete) throw new UpdateError('unreachable', 'the transfer broke off');
  }
  #hear(bytes: number): void {
    this.#windowBytes += bytes;
    this.#stopSilence();
    const { silenceMs } = this.#patience;
    this.#stopSilence = this.#clock.after(silenceMs, () => {
      this.#giveUp(new UpdateError('silent', `nothing came for ${silenceMs / 1000} s`));
    });
  }
  #openWindow(): void {
    const { windowMs, leastBytes } = this.#patience;
    this.#windowBytes = 0;
    this.#stopWindow = this.#clock.after(windowMs, () => {
      if (this.#windowBytes >= leastBytes) this.#openWindow();
      else this.#giveUp(new UpdateError('slow', `${this.#windowBytes} bytes in ${windowMs / 1000} s`));
    });
  }
}
