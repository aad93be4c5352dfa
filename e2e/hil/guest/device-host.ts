import type { HostMessage } from '../../../src/shared/model/device.ts';

/**
 * The device host as it runs in the cabinet, with the real transports and packages; only the port to main is another one
 * (an IPC channel instead of Electron's MessagePort). It gives up root before anything of ours, or of the packages, is loaded.
 */
const user = { uid: 1000, gid: 1000 };
/** `plugdev` of /etc/group in the virtual machine: what the udev rules give the devices to. */
const deviceGroups = [46, 20];

process.setgroups?.(deviceGroups);
process.setgid?.(user.gid);
process.setuid?.(user.uid);

const { StretchedClock } = await import('./stretched-clock.ts');
const { attachHost } = await import('../../../src/devices/host.ts');
const { makeTransport } = await import('../../../src/devices/transport/make-transport.ts');

// The agent's one word comes first; what follows is main's.
const { stretch } = await new Promise<{ stretch: number }>((resolve) => {
  process.once('message', (first) => {
    resolve(first as { stretch: number });
  });
});
const clock = new StretchedClock(stretch);
attachHost({
  port: {
    send: (message: HostMessage) => process.send?.(message),
    onMessage: (listener) => {
      process.on('message', listener);
    },
  },
  clock,
  makeTransport: (spec) => makeTransport(spec, clock),
  log: (event, fields) => {
    process.stderr.write(`@host ${JSON.stringify({ event, ...fields })}\n`);
  },
  exit: (code) => {
    process.exit(code);
  },
});
process.on('disconnect', () => {
  process.exit(1);
});
