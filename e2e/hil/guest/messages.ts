import { z } from 'zod';

/** What crosses the serial port between the test on this machine and the agent in the virtual one: a line of JSON each. */
export const toGuestSchema = z.discriminatedUnion('type', [
  /** Starts a device host as the kiosk's user; `host` names it from then on. */
  z.object({ type: z.literal('startHost'), host: z.number() }),
  z.object({ type: z.literal('toHost'), host: z.number(), message: z.unknown() }),
  /** How many times slower than a cabinet's the machine is now. */
  z.object({ type: z.literal('stretch'), factor: z.number() }),
  z.object({
    type: z.literal('killHost'),
    host: z.number(),
    signal: z.enum(['SIGKILL', 'SIGSTOP', 'SIGSEGV']),
  }),
  /** Commands are answered by `done` with the same id. */
  z.object({ type: z.literal('shell'), id: z.number(), script: z.string() }),
  /** Imports a device from a USB/IP server and gives its socket to vhci-hcd. */
  z.object({
    type: z.literal('usbipAttach'),
    id: z.number(),
    host: z.string(),
    port: z.number(),
    busId: z.string(),
  }),
  z.object({ type: z.literal('powerOff') }),
]);
export type ToGuest = z.infer<typeof toGuestSchema>;

export const fromGuestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), uptimeS: z.number() }),
  z.object({ type: z.literal('fromHost'), host: z.number(), message: z.unknown() }),
  z.object({
    type: z.literal('hostExit'),
    host: z.number(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
  z.object({ type: z.literal('done'), id: z.number(), ok: z.boolean(), text: z.string() }),
]);
/** A device host's first word to the agent: all of it is in memory. It does nothing yet. */
export const loaded = 'loaded';
export type FromGuest = z.infer<typeof fromGuestSchema>;
