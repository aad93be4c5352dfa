import type { HostMessage } from '../../../src/shared/model/host-messages.ts';

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

const { StretchedClock } = await import('../../../src/simulator/stretched-clock.ts');
const { attachHost } = await import('../../../src/devices/host.ts');
const { loaded } = await import('./messages.ts');
const { plugWatch } = await import('../../../src/devices/plug-watch.ts');
const { makeTransport } = await import('../../../src/devices/transport/make-transport.ts');

/** From the agent: what main says, and how slow the machine is. That comes first, when the process gets its work. */
type FromAgent = { readonly main: unknown } | { readonly stretch: number };
const clock = new StretchedClock();
let hearMain: ((payload: unknown) => void) | null = null;
process.on('message', (message: FromAgent) => {
  if ('main' in message) hearMain?.(message.main);
  else {
    clock.stretch(message.stretch);
    if (hearMain === null) begin();
  }
});
process.on('disconnect', () => {
  process.exit(1);
});
process.send?.(loaded);

function begin(): void {
  attachHost({
    port: {
      send: (message: HostMessage) => process.send?.(message),
      onMessage: (listener) => {
        hearMain = listener;
      },
    },
    clock,
    plugWatch: plugWatch(clock),
    makeTransport: (spec) => makeTransport(spec, clock),
    log: (event, fields) => {
      process.stderr.write(`@host ${JSON.stringify({ event, ...fields })}\n`);
    },
    exit: (code) => {
      process.exit(code);
    },
  });
}
