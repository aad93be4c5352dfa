import type { ConsoleError } from '../../../shared/console/routes.ts';

/** Why a call came to nothing: what the operator says, or that nothing was said that can be read. */
export type FailedCode = ConsoleError['error'] | 'unreachable';
