import type { FastifyReply, FastifyRequest } from 'fastify';
import type {
  ConsoleParams,
  ConsoleReply,
  ConsoleRequest,
  ConsoleRouteName,
} from '../../shared/console/routes.ts';
import type { Result } from '../../shared/result.ts';
import type { SignedIn } from './console-gate.ts';
import type { ConsoleFailure } from './errors.ts';

/** A request that has passed the gate, with what it says read. */
export interface ConsoleCall<N extends ConsoleRouteName> {
  readonly params: ConsoleParams<N>;
  readonly body: ConsoleRequest<N>;
  /** Null: the route asks for nobody. */
  readonly who: SignedIn | null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What each route does; none is forgotten. */
export type ConsoleHandlers = {
  readonly [N in ConsoleRouteName]: (
    call: ConsoleCall<N>,
  ) => Promise<Result<ConsoleReply<N>, ConsoleFailure>>;
};
