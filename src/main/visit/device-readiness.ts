import type { DeviceHealth, DeviceKind } from '../../shared/model/device.ts';

/**
 * Whether a kind of device can be relied on. With several of a kind it takes all: goods that only the second reader sees
 * would be free while it is away. None at all is not ready.
 */
export function areReady(health: readonly DeviceHealth[], kind: DeviceKind): boolean {
  const all = health.filter((one) => one.kind === kind);
  return all.length > 0 && all.every((one) => one.state === 'ready');
}
