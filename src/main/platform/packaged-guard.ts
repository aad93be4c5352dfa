/** Switches that open a running app to whoever starts it; a cabinet is never started with one of them. */
const debugSwitches = [
  'inspect',
  'inspect-brk',
  'inspect-port',
  'inspect-publish-uid',
  'remote-debugging-port',
  'remote-debugging-pipe',
  'remote-debugging-address',
  'remote-allow-origins',
  'js-flags',
  'load-extension',
  'disable-web-security',
  'use-fake-ui-for-media-stream',
  'use-fake-device-for-media-stream',
  'use-file-for-fake-video-capture',
  'ignore-certificate-errors',
  'ignore-certificate-errors-spki-list',
  'host-rules',
  'host-resolver-rules',
  'proxy-server',
  'proxy-pac-url',
] as const;
/** Taken away before anybody reads them: development's own, and what makes Node trust another certificate. */
const strippedVariables = /^(KAIMEN_.*|NODE_TLS_.*|NODE_DEBUG.*|SSLKEYLOGFILE)$/i;
/** Read by Node before the first line of the app: they cannot be taken away any more. */
const refusedVariables = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE'] as const;

/** What of its surroundings the app is started with; Electron's `app.commandLine` and `process.env`. */
export interface Surroundings {
  readonly hasSwitch: (name: string) => boolean;
  readonly env: Record<string, string | undefined>;
}

/**
 * For an installed cabinet: takes away the environment of development, and names what the app must not be started with
 * because it has taken effect already. Null: it may start.
 */
export function guardPackaged({ hasSwitch, env }: Surroundings): string | null {
  for (const name of Object.keys(env)) {
    // Deleting is what takes it out of the process's own environment.
    if (strippedVariables.test(name)) Reflect.deleteProperty(env, name);
  }
  const debug = debugSwitches.find((name) => hasSwitch(name));
  if (debug !== undefined) return `an installed app does not start with --${debug}`;
  const variable = refusedVariables.find((name) => env[name] !== undefined && env[name] !== '');
  return variable === undefined ? null : `an installed app does not start with ${variable} set`;
}
