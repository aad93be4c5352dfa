import type { HttpRequest } from '../../../main/operator/http-transport.ts';

/**
 * Ends the program before or after its n-th step, a step being a call of the store or a charge request. From then on
 * nothing happens any more: calls of the store throw, and answers reach nobody.
 */
export class Killer {
  stepCount = 0;
  dead = false;
  readonly #at: number;
  constructor(at: number) {
    this.#at = at;
  }

  wrap = <T extends object>(inner: T): T =>
    new Proxy(inner, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        const call = (args: unknown[]): unknown => Reflect.apply(member, target, args);
        if (name === 'send') return (request: HttpRequest) => this.#send(request, call);
        return (...args: unknown[]): unknown => {
          if (this.#dies()) throw new Error('killed before');
          const result = call(args);
          if (this.#dies()) throw new Error('killed after');
          return result;
        };
      },
    });

  async #send(request: HttpRequest, call: (args: unknown[]) => unknown): Promise<unknown> {
    const never = new Promise(() => undefined);
    const counts = request.url.pathname.startsWith('/v1/charges/');
    if (counts ? this.#dies() : this.dead) return never;
    const answer = await call([request]);
    return (counts ? this.#dies() : this.dead) ? never : answer;
  }

  #dies(): boolean {
    if (this.stepCount++ >= this.#at) this.dead = true;
    return this.dead;
  }
}
