import type { Clock } from '../../shared/clock.ts';
import { seedMembers } from '../members/sample-members.ts';
import { buildDevelopmentApi } from './development-api.ts';
import { FaultInjector } from './fault-injector.ts';

/**
 * All that `--dev` brings: the development API, the faults that it orders, the sample members. It is handed over, and loaded
 * by the program for `--dev` alone, so that the package for production (build/package-operator.ts) is made without it.
 */
export const development = {
  buildApi: buildDevelopmentApi,
  makeFaults: (clock: Clock): FaultInjector => new FaultInjector(clock),
  seedMembers,
};
export type Development = typeof development;
