import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** As long as a cabinet waits for an answer about a charge, ms (shared/api/routes.ts). */
const answerMaxMs = 8_000;
const headEnd = '\r\n\r\n';

/**
 * One connection that is kept, with one request at a time. By hand, and with requests that were written before: what whoever
 * sends needs of a processor is not there for the operator on the same machine.
 */
export class Wire {
  readonly #port: number;
  readonly #host: string;
  #socket: Socket | null = null;
  /** Of the answer, as far as it has come; latin1: a character is a byte. */
  #heard = '';
  #answer: ((status: number | null) => void) | null = null;

  constructor(api: string) {
    const { port, hostname } = new URL(api);
    this.#port = Number(port);
    this.#host = hostname;
  }

  /** The status of the answer; null: none in time. */
  send(request: string): Promise<number | null> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#heard = '';
      (this.#socket ?? this.#open()).write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, this.#host);
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1').setTimeout(answerMaxMs);
    socket.on('data', (chunk: string) => this.#hear(chunk));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#end(null);
    });
    return socket;
  }

  #hear(chunk: string): void {
    this.#heard += chunk;
    const bodyAt = this.#heard.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length) return;
    const head = this.#heard.slice(0, bodyAt);
    const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#heard.length < bodyAt + bodyLength) return;
    if (/\r\nconnection: *close/i.test(head)) {
      this.#socket?.destroy();
      this.#socket = null;
    }
    this.#end(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3)));
  }

  #end(status: number | null): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.(status);
  }
}
