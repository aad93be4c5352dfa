import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from '../../shared/api/development-routes.ts';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { AnswerSigner } from './answer-signer.ts';
import { apiErrorBody, statusFor } from './errors.ts';

const garbage = Buffer.from('{"decision":\u0000"allowed"\xff\xfe', 'latin1');

/** Makes the main API misbehave on command (development only). */
export class FaultInjector {
  readonly #clock: Clock;
  #fault: Fault | null = null;
  #left = Infinity;
  readonly #after = new WeakMap<FastifyRequest, Fault>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(fault: Fault): void {
    this.#fault = fault.mode === 'none' ? null : fault;
    this.#left = fault.count ?? Infinity;
  }

  /** What is answered instead is signed like any answer: the operator itself misbehaves, not the way there. */
  install(app: FastifyInstance, signer: AnswerSigner): void {
    app.addHook('onRequest', async (request, reply) => {
      const fault = this.#take(request.url);
      if (fault === null) return;
      signer.vouchFor(request);
      if (fault.when === 'after') this.#after.set(request, fault);
      else return this.#before(fault, reply);
    });
    app.addHook('onSend', (request, reply, payload) => {
      const fault = this.#after.get(request);
      return fault === undefined ? Promise.resolve(payload) : this.#instead(fault, reply, payload);
    });
  }

  #take(url: string): Fault | null {
    if (this.#fault === null || this.#left <= 0 || !url.startsWith(this.#fault.path)) return null;
    this.#left -= 1;
    return this.#fault;
  }

  async #before(fault: Fault, reply: FastifyReply): Promise<unknown> {
    if (fault.mode === 'delay') {
      await sleep(this.#clock, fault.delayMs);
      return undefined;
    }
    if (fault.mode === 'hang' || fault.mode === 'drop') {
      reply.hijack();
      if (fault.mode === 'drop') reply.raw.destroy();
      return reply;
    }
    return fault.mode === 'none' ? undefined : reply.send(fakeAnswer(fault.mode, reply));
  }

  async #instead(fault: Fault, reply: FastifyReply, payload: unknown): Promise<unknown> {
    switch (fault.mode) {
      case 'none':
        return payload;
      case 'delay':
        await sleep(this.#clock, fault.delayMs);
        return payload;
      case 'hang':
        return new Promise<never>(() => {});
      case 'drop':
        reply.raw.destroy();
        return new Promise<never>(() => {});
      case '500':
      case '409':
      case 'garbage':
        reply.removeHeader('content-length');
        return fakeAnswer(fault.mode, reply);
    }
  }
}

function fakeAnswer(mode: '500' | '409' | 'garbage', reply: FastifyReply): Buffer {
  reply.header('content-type', 'application/json; charset=utf-8');
  if (mode === 'garbage') {
    reply.code(200);
    return garbage;
  }
  const code = mode === '500' ? 'internal' : 'conflict';
  reply.code(statusFor(code));
  return Buffer.from(JSON.stringify(apiErrorBody({ code, message: 'a fault was ordered' })));
}
