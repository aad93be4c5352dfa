import { createContext, useContext } from 'react';
import type { PhoneSession } from '../../../shared/phone/session.schema.ts';
import type { PhoneClient } from './client.ts';

export const ClientContext = createContext<PhoneClient | null>(null);
export function useClient(): PhoneClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('useClient stands below ClientContext');
  return client;
}

export const SessionContext = createContext<PhoneSession | null>(null);
/** Of whoever is signed in. */
export function useSession(): PhoneSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession stands where somebody is signed in');
  return session;
}
