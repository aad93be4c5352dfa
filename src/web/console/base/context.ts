import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConsoleRight } from '../../../shared/console/roles.ts';
import type { SessionReply } from '../../../shared/console/staff.schema.ts';
import { ConsoleClient, type SessionState } from './client.ts';

export const ClientContext = createContext(new ConsoleClient());

export function useClient(): ConsoleClient {
  return useContext(ClientContext);
}

export function useSessionState(): SessionState {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, client.state);
}

/** Who is signed in; for what is drawn only then. */
export function useSession(): SessionReply {
  const state = useSessionState();
  if (state.at !== 'in' && state.at !== 'expired') throw new Error('nobody is signed in');
  return state.session;
}

export function useRight(right: ConsoleRight): boolean {
  return useSession().rights.includes(right);
}
