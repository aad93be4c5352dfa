import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A kiosk's end of a TCP link that keeps what it gets. Only for the tests of this folder. */
export class TestLink {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #got = Buffer.alloc(0);
  error: NodeJS.ErrnoException | null = null;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.#got = Buffer.concat([this.#got, chunk]);
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  get got(): string {
    return this.#got.toString('hex').toUpperCase();
  }

  async opened(): Promise<this> {
    await once(this.socket, 'connect');
    return this;
  }

  writeHex(hex: string): void {
    this.socket.write(Buffer.from(hex, 'hex'));
  }
}
