/** What the pieces need of a logger (pino and fastify's own fit). Named events; no codes, tokens or keys in them. */
export interface Log {
  info(event: object): void;
  warn(event: object): void;
  error(event: object): void;
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
