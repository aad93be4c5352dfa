import type {
  DevelopmentParams,
  DevelopmentReply,
  DevelopmentRequest,
  DevelopmentRouteName,
} from '../../shared/api/development-routes.ts';
import type { Result } from '../../shared/result.ts';
import type { ApiFailure } from './errors.ts';

/** One call of the development API, with what its route has parsed. */
interface DevelopmentCall<N extends DevelopmentRouteName> {
  readonly params: DevelopmentParams<N>;
  readonly body: DevelopmentRequest<N>;
}
type MaybePromise<T> = T | Promise<T>;
/** What each call does. */
export type DevelopmentHandlers = {
  readonly [N in DevelopmentRouteName]: (
    call: DevelopmentCall<N>,
  ) => MaybePromise<Result<DevelopmentReply<N>, ApiFailure>>;
};
export type AnyHandler = (call: DevelopmentCall<never>) => MaybePromise<Result<unknown, ApiFailure>>;
